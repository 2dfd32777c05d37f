//! Routes that were refused (`fib_create_info`, `fib_table_insert`, `fib_table_delete`).

use super::super::cause::Cause;
use super::super::evidence::prefix_text;
use super::super::fault::Fault;
use super::super::judge::link_fact;
use super::super::mend::{Fix, Mend};
use super::super::ways::{route_text, spec_text};
use super::{Refusal, entry_fact, is_in};
use crate::journal::NoWay;
use std::net::IpAddr;
use vethlab_shared::change::{Modify, RouteSpec};
use vethlab_shared::error::Errno;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::view::{LinkFlags, Protocol, RouteKind, RouteView, table};

impl Refusal<'_, '_> {
    /// A route that was to be added or replaced.
    pub(super) fn route(
        &mut self,
        fault: Fault,
        how: Modify,
        spec: &RouteSpec,
        errno: Errno,
        said: Option<&str>,
    ) -> Fault {
        match (errno, said, spec.gateway) {
            (Errno::EEXIST, _, _) => self.route_exists(fault, spec),
            (Errno::ENOENT, _, _) if how.contains(Modify::REPLACE) => {
                let added = self.with("change", "add");
                fault
                    .told(format!(
                        "'change' alters an entry that is there (fib_table_insert), and there is none for {}.",
                        prefix_text(spec.destination)
                    ))
                    .or_by_all(added)
            }
            (Errno::ENETDOWN, _, _) => self.link_not_up(fault, spec),
            (_, Some("Nexthop has invalid gateway"), Some(gateway)) => self.bad_gateway(fault, spec, gateway),
            (_, Some("Nexthop device required for onlink"), Some(gateway)) => {
                let ways = self.by_each_link(&fault.namespace.clone(), spec, gateway);
                let told = "With 'onlink' the gateway is not looked up, so the command must name the link \
                            (fib_check_nh_v4_gw).";
                fault.told(told).or_by_all(ways)
            }
            (_, Some("Invalid prefix for given prefix length"), _) => {
                let network = spec.destination.network();
                let right = RouteSpec { destination: network, ..spec.clone() };
                let here = fault.namespace.clone();
                let fix = self.spec_fix(&here, "add", &right);
                fault
                    .told(format!(
                        "Behind the prefix length all bits of a route's destination must be 0 (fib_valid_key_len), and \
                         those of {} are not: the network is {network}.",
                        spec.destination
                    ))
                    .or_by(vec![fix])
            }
            (_, Some("Invalid prefsrc address"), _) => self.bad_source(fault, spec),
            (_, Some("Gateway, device and multipath can not be specified for this route type"), _) => {
                let bare = RouteSpec { gateway: None, output: None, ..spec.clone() };
                let here = fault.namespace.clone();
                let fix = self.spec_fix(&here, "add", &bare);
                let told = "A route that refuses what it is for leads nowhere: it has neither gateway nor link \
                            (fib_create_info).";
                fault.told(told).or_by(vec![fix])
            }
            (Errno::ENODEV, None, None) => {
                let here = fault.namespace.clone();
                let ways = self.right_ways(&here, spec);
                let told = "A route leads to a gateway or by a link, and the command names neither (fib_check_nh_nongw).";
                fault.told(told).or_by_all(ways)
            }
            _ => fault,
        }
    }

    fn spec_fix(&self, here: &NamespaceName, verb: &str, spec: &RouteSpec) -> Fix {
        let link = self.case.link_name(here, spec.output);
        Fix::new(here, format!("ip route {verb} {}", spec_text(spec, link.as_ref())))
    }

    /// The entries of a table for a prefix.
    fn entries(&self, here: &NamespaceName, spec: &RouteSpec) -> Vec<RouteView> {
        let routes = self.case.network.place(here).map(|place| place.routes.clone()).unwrap_or_default();
        let number = if spec.table == table::UNSPECIFIED { table::MAIN } else { spec.table };
        routes
            .into_iter()
            .filter(|route| (route.destination, route.table) == (spec.destination, number))
            .collect()
    }

    fn text(&self, here: &NamespaceName, route: &RouteView) -> String {
        route_text(route, self.case.link_name(here, route.output).as_ref())
    }

    /// No way leads to an address (`ip_route_output_key_hash_rcu`): an entry for it refuses, or there is none (`fib_lookup`).
    pub(super) fn no_way(&mut self, no_way: &NoWay) -> Fault {
        let NoWay { namespace: here, query, error } = no_way;
        let to = query.destination;
        let fault = Fault::new(Cause::Refused, here).told(format!("{here} refused it: '{error}'."));
        // Where a link or a source is asked for, the longest prefix is not all that counts.
        if (query.source, query.output, query.input) != (None, None, None) {
            return fault.told(format!(
                "The kernel looked for a way to {to} with all that was asked for (fib_lookup), and found none."
            ));
        }
        match self.case.network.covering(here, to) {
            Some(entry) if entry.kind != RouteKind::Unicast => {
                let text = self.text(here, &entry);
                fault.seen_all([entry_fact(here, text.clone())]).told(format!(
                    "The kernel looks for the entry with the longest prefix (fib_lookup), and for {to} that is '{text}': \
                     such an entry is no way, but an error for whoever asks (fib_props)."
                ))
            }
            Some(_) => fault,
            None => fault.told(format!("No entry of the routing table of {here} is for {to} (fib_lookup).")),
        }
    }

    /// An entry for the same prefix, type of service and metric is there (`fib_table_insert`).
    fn route_exists(&mut self, fault: Fault, spec: &RouteSpec) -> Fault {
        let here = fault.namespace.clone();
        let entries = self.entries(&here, spec);
        let same = |route: &&RouteView| route.metric == spec.metric.unwrap_or(0) && route.tos == spec.tos;
        let Some(route) = entries.iter().find(same) else { return fault };
        let there = self.text(&here, route);
        let fault = fault.seen_all([entry_fact(&here, there.clone())]).told(format!(
            "A table has one entry for each prefix, type of service and metric (fib_table_insert, fib_find_alias), and \
             this one is there: '{there}'."
        ));
        let output = spec.output.or(route.output);
        if route.gateway == spec.gateway && route.output == output && route.kind == spec.kind {
            return fault.told("It leads the same way as the new one would: there is nothing left to do.");
        }
        let other = RouteSpec { metric: Some(route.metric.saturating_add(100)), ..spec.clone() };
        let [replaced, beside] = [self.spec_fix(&here, "replace", spec), self.spec_fix(&here, "add", &other)];
        if route.protocol == Protocol::KERNEL {
            return fault
                .told(
                    "The kernel made it for an address of that link. In its place a route by a gateway would leave no way \
                     to the gateway itself; with a higher metric it stands behind it.",
                )
                .or_by(vec![beside]);
        }
        fault
            .told(
                "'replace' puts the new one in its place; with a higher metric the new one stands behind it.",
            )
            .or_by(vec![replaced])
            .or_by(vec![beside])
    }

    /// The link that the route would lead by is down.
    fn link_not_up(&mut self, fault: Fault, spec: &RouteSpec) -> Fault {
        let here = fault.namespace.clone();
        let name = match self.case.link_name(&here, spec.output) {
            Some(name) => Some(name),
            None => spec.gateway.and_then(|gateway| self.link_of(&here, gateway, false)),
        };
        let Some(link) = name.and_then(|name| self.case.network.link(&here, &name)) else { return fault };
        fault
            .seen_all([link_fact(&here, &link)])
            .told(format!(
                "A route needs a link that is up (fib_check_nh), and {} is down. The routes of a link go when it is set \
                 down, so it could not stay either.",
                link.name
            ))
            .or_by(self.after(&here, [format!("ip link set {} up", link.name)]))
    }

    /// The link, up or down as wanted, in whose network an address is.
    fn link_of(&self, here: &NamespaceName, address: IpAddr, up: bool) -> Option<LinkName> {
        let place = self.case.network.place(here)?;
        let links = place.links.iter().filter(|link| link.has(LinkFlags::UP) == up);
        let own = |link: &&vethlab_shared::view::LinkView| {
            place.addresses.iter().any(|own| own.link == link.index && own.connected().contains(address))
        };
        let found = links.into_iter().find(own);
        found.map(|link| link.name.clone())
    }

    /// The gateway is not reached by a link (`fib_check_nh_v4_gw`).
    fn bad_gateway(&mut self, fault: Fault, spec: &RouteSpec, gateway: IpAddr) -> Fault {
        let here = fault.namespace.clone();
        let fault = fault.told(
            "A gateway must be a neighbour: the kernel looks it up as a destination, and takes only an entry that leads \
             straight to it (fib_check_nh_v4_gw).",
        );
        let found = self.network().lookup(&here, gateway).map(|found| found.route);
        let wanted = self.case.link_name(&here, spec.output);
        let entry = self.case.network.covering(&here, gateway);
        let mut fault = fault.seen_all(entry.iter().map(|entry| entry_fact(&here, self.text(&here, entry))));
        let direct =
            found.as_ref().filter(|route| route.gateway.is_none() && route.kind == RouteKind::Unicast);
        let by = direct.and_then(|route| self.case.link_name(&here, route.output));
        fault = fault.told(match (&found, &by, &wanted) {
            (None, _, _) => format!("No route of {here} leads to {gateway}."),
            (Some(route), _, _) if route.kind == RouteKind::Local => {
                format!("{gateway} is an address of {here} itself.")
            }
            (Some(_), Some(by), Some(wanted)) if by != wanted => {
                format!("{here} reaches {gateway} by {by}, and not by {wanted}.")
            }
            (Some(route), None, _) if route.gateway.is_some() => {
                format!("The way of {here} to {gateway} is itself by a gateway.")
            }
            _ => format!("The entry of {here} for {gateway} is none that it can be a gateway by."),
        });
        let mut mends: Vec<Mend> = Vec::new();
        if let Some(down) = self.link_of(&here, gateway, false) {
            let link = self.case.network.link(&here, &down);
            fault = fault.seen_all(link.iter().map(|link| link_fact(&here, link))).told(format!(
                "{down} has an address in the network of {gateway}, but is down: its routes come when it is set up."
            ));
            mends.push(self.after(&here, [format!("ip link set {down} up")]));
        }
        if let Some(by) = by.filter(|by| wanted.as_ref().is_some_and(|wanted| wanted != by)) {
            let output = self.case.network.link(&here, &by).map(|link| link.index);
            mends.push(vec![self.spec_fix(&here, "add", &RouteSpec { output, ..spec.clone() })]);
        }
        mends.extend(self.by_each_link(&here, spec, gateway));
        mends.extend(self.right_ways(&here, spec));
        if self.network().owners(gateway).is_empty() {
            fault = fault.told(format!("Nobody in this laboratory has the address {gateway}."));
        }
        fault.or_by_all(mends)
    }

    /// The route by a gateway that is at the other end of a link: an address for that link first, or a route to the
    /// gateway, or the word that it is there.
    fn by_each_link(&mut self, here: &NamespaceName, spec: &RouteSpec, gateway: IpAddr) -> Vec<Mend> {
        let links = self.case.network.place(here).map(|place| place.links.clone()).unwrap_or_default();
        let mut mends = Vec::new();
        for link in links.iter().filter(|link| link.has(LinkFlags::UP)) {
            let peer = self.network().peer(here, link).filter(|peer| peer.namespace != *here);
            let Some(peer) = peer else { continue };
            let theirs = self.network().addresses(&peer.namespace, peer.link.index);
            let Some(view) = theirs.iter().find(|view| view.local == gateway) else { continue };
            if self.network().addresses(here, link.index).is_empty()
                && let Some(free) = self.network().free_address(view.connected())
            {
                let given = format!("ip addr add {free}/{} dev {}", view.prefix_length, link.name);
                mends.push(self.after(here, [given]));
            }
            let on_link = RouteSpec { output: Some(link.index), ..spec.clone() };
            let step = self.case.step_to(here, gateway, &link.name);
            mends.extend(step.map(|step| vec![step, self.again()]));
            let text = spec_text(&on_link, Some(&link.name));
            let word = if text.ends_with(" onlink") { "" } else { " onlink" };
            mends.push(vec![Fix::new(here, format!("ip route add {text}{word}"))]);
        }
        mends
    }

    /// Routes that lead to whoever has an address of the prefix.
    fn right_ways(&mut self, here: &NamespaceName, spec: &RouteSpec) -> Vec<Mend> {
        let all = self.case.network.places.iter().filter(|place| place.name != *here);
        let mut owned = all.flat_map(|place| &place.addresses).map(|view| view.local);
        let Some(to) = owned.find(|own| is_in(spec.destination, *own)) else { return Vec::new() };
        let Some((gateway, link)) = self.network().router_near(here, to) else {
            return self.case.ways_to(here, to);
        };
        let output = self.case.network.link(here, &link).map(|link| link.index);
        let right = RouteSpec { gateway: Some(gateway), output, ..spec.clone() };
        vec![vec![self.spec_fix(here, "add", &right)]]
    }

    /// The source is no own address (`fib_valid_prefsrc`).
    fn bad_source(&mut self, fault: Fault, spec: &RouteSpec) -> Fault {
        let here = fault.namespace.clone();
        let Some(source) = spec.preferred_source else { return fault };
        let place = self.case.network.place(&here).cloned();
        let own: Vec<IpAddr> = place
            .map(|place| {
                place.addresses.iter().map(|own| own.local).filter(|own| !own.is_loopback()).collect()
            })
            .unwrap_or_default();
        let mends = own.iter().map(|own| {
            vec![self.spec_fix(&here, "add", &RouteSpec { preferred_source: Some(*own), ..spec.clone() })]
        });
        let bare = vec![self.spec_fix(&here, "add", &RouteSpec { preferred_source: None, ..spec.clone() })];
        let mends: Vec<Mend> = mends.chain([bare]).collect();
        fault
            .told(format!(
                "The source that a route prefers must be an own address (fib_valid_prefsrc), and {source} is none of \
                 {here}."
            ))
            .or_by_all(mends)
    }

    /// No entry matches (`fib_table_delete`).
    pub(super) fn no_such_route(&mut self, fault: Fault, spec: &RouteSpec) -> Fault {
        let here = fault.namespace.clone();
        let entries = self.entries(&here, spec);
        let wanted = spec_text(spec, self.case.link_name(&here, spec.output).as_ref());
        let fault = fault.told(format!(
            "An entry is deleted that has everything that the command names (fib_table_delete), and none matches \
             '{wanted}'."
        ));
        let close: Vec<RouteView> = if entries.is_empty() {
            let routes = self.case.network.place(&here).map(|place| place.routes.clone()).unwrap_or_default();
            let address = spec.destination.address();
            routes
                .into_iter()
                .filter(|route| route.table == table::MAIN && route.destination.address() == address)
                .collect()
        } else {
            entries
        };
        if close.is_empty() {
            return fault
                .told(format!("The table has no entry for {} at all.", prefix_text(spec.destination)));
        }
        close.iter().fold(fault, |fault, route| {
            let text = self.text(&here, route);
            let delete = vec![Fix::new(&here, format!("ip route del {text}"))];
            fault.seen_all([entry_fact(&here, text)]).or_by(delete)
        })
    }
}
