//! Routes that would lead to an address, as commands: what may mend a fault of a routing table.

use super::case::Case;
use super::evidence::{kind_text, prefix_text};
use super::fault::Fault;
use super::mend::{Fix, Mend};
use super::trail::Attempt;
use std::net::IpAddr;
use vethlab_shared::change::RouteSpec;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{AddressView, LinkFlags, RouteFlags, RouteKind, RouteView, table};

impl<'e> Case<'e, '_> {
    /// Routes by a gateway at the other end of a link, the widest first: in place of an entry for a prefix, for the
    /// network of the address, and for the address alone. A narrow one leaves more of what works as it is.
    pub(super) fn ways_by(
        &mut self,
        here: &NamespaceName,
        instead_of: Option<Prefix>,
        to: IpAddr,
        (gateway, link): (IpAddr, &LinkName),
    ) -> Vec<Mend> {
        let before = self.step_to(here, gateway, link);
        let network = self.network.network_of(to);
        let verbs = [
            instead_of.map(|prefix| ("replace", prefix)),
            Some(("add", network)),
            Some(("add", Prefix::host(to))),
        ];
        let command = |(verb, prefix): (&str, Prefix)| {
            let route = format!("ip route {verb} {} via {gateway}", prefix_text(prefix));
            before.iter().cloned().chain([Fix::new(here, route)]).collect()
        };
        verbs.into_iter().flatten().map(command).collect()
    }

    /// What has to come before a route by a gateway: a gateway must itself be reached by a route of scope link
    /// (`fib_check_nh_v4_gw`). One of ours may be missing, or it lies outside of every subnet.
    pub(super) fn step_to(&mut self, here: &NamespaceName, gateway: IpAddr, link: &LinkName) -> Option<Fix> {
        let direct = self.network.lookup(here, gateway).map(|found| found.route);
        if direct.is_some_and(|route| route.gateway.is_none() && route.kind == RouteKind::Unicast) {
            return None;
        }
        let view = self.network.link(here, link)?;
        let ours = self.network.addresses(here, view.index);
        let connected = ours.iter().map(AddressView::connected).find(|prefix| prefix.contains(gateway));
        let prefix = connected.unwrap_or(Prefix::host(gateway));
        // Somebody may have put another route in the place of that which came with the address.
        let taken = self.network.place(here).is_some_and(|place| {
            let main = table::MAIN;
            place.routes.iter().any(|route| (route.destination, route.table) == (prefix, main))
        });
        let verb = if taken { "replace" } else { "add" };
        Some(Fix::new(here, format!("ip route {verb} {} dev {link}", prefix_text(prefix))))
    }

    /// Routes to an address that is at the other end of one of our links, or behind a router there.
    pub(super) fn ways_to(&mut self, here: &NamespaceName, to: IpAddr) -> Vec<Mend> {
        let links = self.network.place(here).map(|place| place.links.clone()).unwrap_or_default();
        for link in links.iter().filter(|link| link.has(LinkFlags::UP)) {
            let peer = self.network.peer(here, link).map(|peer| peer.namespace);
            if peer.is_some_and(|far| far != *here && self.network.has(&far, to)) {
                return vec![vec![Fix::new(here, format!("ip route add {to} dev {}", link.name))]];
            }
        }
        let router = self.network.router_near(here, to).or_else(|| self.network.router_outside(here, to));
        match router {
            Some((gateway, link)) => self.ways_by(here, None, to, (gateway, &link)),
            None => Vec::new(),
        }
    }

    /// The command names a source address of one link, and the request left by another.
    pub(super) fn source_is_no_way(&mut self, attempt: &Attempt<'e>, fault: Fault) -> Fault {
        let here = attempt.namespace;
        let source = self.invocation.and_then(|invocation| invocation.sending()?.source);
        let (Some(source), Some(output)) = (source, attempt.way.and_then(|way| way.output)) else {
            return fault;
        };
        let owners = self.network.owners(source);
        match owners.iter().find(|(owner, ..)| owner == here) {
            Some((_, link, _)) if link != output => fault.told(format!(
                "The command names the source {source}, an address of {link}. A source does not choose the link: the \
                 routing table does, and it chose {output}."
            )),
            _ => fault,
        }
    }

    /// A second route to an address, by the router at the other end of a link: beside the entry that wins, with a higher
    /// metric.
    pub(super) fn second_way(
        &mut self,
        here: &NamespaceName,
        link: &LinkName,
        to: IpAddr,
    ) -> Option<(IpAddr, Mend)> {
        let first = self.network.covering(here, to)?;
        let gateway = self.network.router_on(here, link, to)?;
        let place = self.network.place(here)?;
        let same = place.routes.iter().filter(|route| {
            (route.kind, route.destination, route.table)
                == (RouteKind::Unicast, first.destination, table::MAIN)
        });
        let metric = same.map(|route| route.metric).max()?.checked_add(100)?;
        let prefix = prefix_text(first.destination);
        let route = format!("ip route add {prefix} via {gateway} dev {link} metric {metric}");
        Some((gateway, vec![Fix::new(here, route)]))
    }

    /// The same request from each other address that its sender has: its answer may find the way back.
    pub(super) fn other_sources(&mut self, attempt: &Attempt<'e>, fault: Fault) -> Fault {
        let here = attempt.namespace;
        let asked = self.invocation.and_then(|invocation| invocation.sending());
        let named = asked.is_some_and(|sending| sending.source.is_some());
        let Some((way, entry)) = attempt.way.and_then(|way| Some((way, way.taken()?))) else { return fault };
        let (Some(place), false) = (self.network.place(here).cloned(), named) else { return fault };
        let route = place.routes.iter().find(|route| {
            (route.destination, route.metric, route.gateway, route.table)
                == (entry.prefix, entry.metric, entry.gateway, entry.table)
        });
        let Some(route) = route.filter(|route| route.kind == RouteKind::Unicast) else { return fault };
        let Some(output) = way.output else { return fault };
        let sources = place.addresses.iter().map(|own| own.local);
        let others = sources.filter(|own| Some(*own) != way.source && !own.is_loopback());
        let text = |source| format!("ip route replace {} src {source}", route_text(route, Some(output)));
        fault.or_by_all(others.map(|source| vec![Fix::new(here, text(source))]))
    }
}

/// A route as `ip route` takes it, the preferred source aside.
pub(super) fn route_text(route: &RouteView, output: Option<&LinkName>) -> String {
    spec_text(&RouteSpec { preferred_source: None, ..RouteSpec::from(route) }, output)
}

/// The same with a preferred source.
pub(super) fn with_source(route: &RouteView, output: Option<&LinkName>, source: IpAddr) -> String {
    spec_text(&RouteSpec { preferred_source: Some(source), ..RouteSpec::from(route) }, output)
}

/// A route that is asked for, as `ip route` takes it.
pub(super) fn spec_text(spec: &RouteSpec, output: Option<&LinkName>) -> String {
    let mut text = kind_text(spec.kind).to_owned() + &prefix_text(spec.destination);
    if let Some(gateway) = spec.gateway {
        text += &format!(" via {gateway}");
    }
    if let Some(output) =
        output.filter(|_| spec.kind == RouteKind::Unicast || spec.kind == RouteKind::Unspecified)
    {
        text += &format!(" dev {output}");
    }
    if !matches!(spec.table, table::MAIN | table::UNSPECIFIED) {
        text += &format!(" table {}", spec.table);
    }
    if let Some(metric) = spec.metric.filter(|metric| *metric != 0) {
        text += &format!(" metric {metric}");
    }
    if let Some(source) = spec.preferred_source {
        text += &format!(" src {source}");
    }
    if let Some(mtu) = spec.mtu {
        text += &format!(" mtu {mtu}");
    }
    if spec.flags.contains(RouteFlags::ON_LINK) {
        text += " onlink";
    }
    text
}
