//! Faults of routing tables: no entry, an entry that refuses, the wrong entry.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::{Evidence, Fact, entry_text, prefix_text};
use super::fault::Fault;
use super::judge::link_fact;
use super::mend::Fix;
use super::trail::{Attempt, Way};
use std::net::IpAddr;
use vethlab_shared::event::{Considered, Verdict};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{AddressView, LinkFlags, LinkKind, LinkView, RouteKind};
use vethlab_shared::wire::ipv4::MINIMUM_MTU;

/// The entry that decided, as evidence.
pub(super) fn route_fact(way: &Way<'_>, entry: &Considered) -> Evidence {
    let fact = Fact::Route { event: way.event.number, destination: way.destination, entry: entry.clone() };
    Evidence { namespace: way.event.namespace.clone(), fact }
}

/// How an entry is deleted.
pub(super) fn delete(entry: &Considered) -> String {
    format!("ip route del {}", with_table(entry))
}

/// How an entry is given other attributes; they follow.
fn change(entry: &Considered) -> String {
    format!("ip route change {}", with_table(entry))
}

/// An entry, and its table where that is not the main one.
fn with_table(entry: &Considered) -> String {
    let table = if entry.table == vethlab_shared::view::table::MAIN {
        String::new()
    } else {
        format!(" table {}", entry.table)
    };
    format!("{}{table}", entry_text(entry))
}

impl<'e> Case<'e, '_> {
    /// A process wanted to send, and the table had no way.
    pub(super) fn missing_at_sender(&mut self, attempt: &Attempt<'e>, way: &Way<'e>) -> Fault {
        let fault = self.refused_by_table(attempt.namespace, way, "request");
        let fault = fault.unwrap_or_else(|| self.missing(attempt.namespace, way, Cause::NoRoute, "request"));
        fault.told("So nothing was sent.")
    }

    /// A packet, or the answer to one, found no way here.
    pub(super) fn refused_or_missing(&mut self, leg: &Leg<'e>, here: &NamespaceName, way: &Way<'e>) -> Fault {
        if let Some(fault) = self.refused_by_table(here, way, leg.name()) {
            return fault;
        }
        if let Some(fault) = self.led_here_wrongly(leg, here) {
            return fault;
        }
        let cause = if leg.back { Cause::NoReturnRoute } else { Cause::NoRoute };
        self.missing(here, way, cause, leg.name())
    }

    /// The way is too narrow for what a namespace sends itself (`ip_setup_cork`).
    pub(super) fn too_narrow(&mut self, here: &NamespaceName, way: &Way<'e>, what: &str) -> Option<Fault> {
        let entry = way.taken()?;
        let mtu = self.network.lookup(here, way.destination)?.route.mtu.filter(|mtu| *mtu < MINIMUM_MTU)?;
        let link = self.network.link(here, entry.output.as_ref()?)?;
        let wide = format!("{} mtu {}", change(entry), link.mtu);
        let fault = Fault::new(Cause::MtuTooSmall, here).seen_all([route_fact(way, entry)]).told(format!(
            "In {here} the route '{}' has mtu {mtu}. Linux sends nothing of its own by a route with an MTU under \
             {MINIMUM_MTU} bytes, the least that IPv4 works with. So {here} did not send {what} to {}.",
            entry_text(entry),
            way.destination
        ));
        Some(fault.mended_by(here, wide))
    }

    /// An entry that refuses: blackhole, unreachable, prohibit, throw.
    fn refused_by_table(&mut self, here: &NamespaceName, way: &Way<'e>, what: &str) -> Option<Fault> {
        let throw = way.considered.iter().find(|entry| entry.verdict == Verdict::NextTable);
        let entry = way.taken().or(throw)?;
        let (cause, does) = match entry.kind {
            RouteKind::Blackhole => {
                (Cause::BlackholeRoute, "it swallows what it is for, and tells nobody on the way")
            }
            RouteKind::Unreachable => {
                (Cause::UnreachableRoute, "it refuses what it is for with 'host unreachable'")
            }
            RouteKind::Prohibit => {
                (Cause::ProhibitRoute, "it refuses what it is for with 'communication prohibited'")
            }
            RouteKind::Throw => {
                (Cause::NoRoute, "it ends the search in this table, and no other table had a way")
            }
            _ => return None,
        };
        let text = entry_text(entry);
        Some(
            Fault::new(cause, here)
                .seen_all([route_fact(way, entry)])
                .told(format!(
                    "For the {what} {here} looked for a way to {}, and the longest prefix that fits was the route \
                     '{text}': {does}.",
                    way.destination
                ))
                .mended_by(here, delete(entry)),
        )
    }

    /// No entry fits. What would make one?
    fn missing(&mut self, here: &NamespaceName, way: &Way<'e>, cause: Cause, what: &str) -> Fault {
        let to = way.destination;
        let fact = Fact::NoRoute { event: way.event.number, destination: to };
        let Some(place) = self.network.place(here).cloned() else { return Fault::new(cause, here) };
        if let Some(passed_over) = way.considered.iter().find(|entry| entry.verdict == Verdict::LinkDown) {
            return self.passed_over(here, way, passed_over, what);
        }
        let wires: Vec<LinkView> =
            place.links.iter().filter(|link| !link.has(LinkFlags::LOOPBACK)).cloned().collect();
        // A link that is down takes its routes with it.
        for link in wires.iter().filter(|link| !link.has(LinkFlags::UP)) {
            let own = self.network.addresses(here, link.index);
            let fits = own.iter().any(|address| address.connected().contains(to));
            let only = wires.iter().all(|link| !link.has(LinkFlags::UP)) && !own.is_empty();
            if fits || only {
                return self.link_is_down(here, link, what).seen(here, fact);
            }
        }
        // Whoever has the address is at the other end of one of the wires.
        for link in &wires {
            let Some(peer) = self.network.peer(here, link) else { continue };
            let theirs = self.network.addresses(&peer.namespace, peer.link.index);
            let Some(view) = theirs.into_iter().find(|view| view.local == to) else { continue };
            return self.neighbour_without_route(here, link, &view, cause, what).seen(here, fact);
        }
        let fault = Fault::new(cause, here).seen(here, fact).told(match cause {
            Cause::NoReturnRoute => format!(
                "To send the {what}, {here} needs a way to {to}, and no entry of its routing table is for that \
                 address, not even a default route."
            ),
            _ => format!(
                "{here} needs a way to {to}, and no entry of its routing table is for that address, not even a \
                 default route."
            ),
        });
        let router = self.network.router_near(here, to);
        if router.is_none()
            && let Some(bare) = self.without_any_address(here, &wires, what)
        {
            return bare.seen_all(fault.evidence);
        }
        let router = router.or_else(|| self.network.router_outside(here, to));
        match router {
            Some((gateway, link)) => {
                let ways = self.ways_by(here, None, to, (gateway, &link));
                let fault = fault.told(format!(
                    "At the other end of {link} there is a router on the way to {to}: its address is {gateway}."
                ));
                fault.or_by_all(ways)
            }
            None if self.network.owners(to).is_empty() => fault.told(format!(
                "Nobody in this laboratory has the address {to}: is it the one that was meant?"
            )),
            None => fault,
        }
    }

    /// An entry fits, but its link has no carrier, and is set to have such entries passed over
    /// (`fib_lookup_good_nhc`).
    fn passed_over(&mut self, here: &NamespaceName, way: &Way<'e>, entry: &Considered, what: &str) -> Fault {
        let fact = Fact::NoRoute { event: way.event.number, destination: way.destination };
        let fault = Fault::new(Cause::NoCarrier, here).seen(here, fact);
        let Some(link) = entry.output.as_ref().and_then(|name| self.network.link(here, name)) else {
            return fault;
        };
        let name = format!("net.ipv4.conf.{}.ignore_routes_with_linkdown", link.name);
        let value = self.network.sysctl(here, &name).unwrap_or(0);
        let fault = fault
            .seen_all([link_fact(here, &link)])
            .seen(here, Fact::Sysctl { name: name.clone(), value: value.to_string() })
            .told(format!(
                "For the {what} there is the route '{}', but {} had no carrier, and {here} is set to pass over the \
                 routes of such a link ({name}). No other route was for {}.",
                entry_text(entry),
                link.name,
                way.destination
            ));
        self.far_end_down(fault, here, &link)
    }

    /// No wire has an address: then no route came with one either.
    fn without_any_address(&mut self, here: &NamespaceName, wires: &[LinkView], what: &str) -> Option<Fault> {
        if wires.iter().any(|link| !self.network.addresses(here, link.index).is_empty()) {
            return None;
        }
        let (link, theirs) = wires.iter().find_map(|link| {
            let peer = self.network.peer(here, link)?;
            let theirs = self.network.addresses(&peer.namespace, peer.link.index).into_iter().next()?;
            Some((link, theirs))
        })?;
        let (name, length) = (&link.name, theirs.prefix_length);
        let fault = Fault::new(Cause::AddressMissing, here)
            .seen(here, Fact::NoAddress { link: name.clone() })
            .told(format!(
                "{name} in {here} has no address. Routes come with an address, and go with the last one, so for the \
                 {what} no route was found. At the other end of {name} is {}/{length}.",
                theirs.local
            ));
        Some(match self.network.free_address(theirs.connected()) {
            Some(free) => fault.mended_by(here, format!("ip addr add {free}/{length} dev {name}")),
            None => fault,
        })
    }

    /// The destination is at the other end of the wire, but the addresses of the two ends do not make one network.
    fn neighbour_without_route(
        &mut self,
        here: &NamespaceName,
        link: &LinkView,
        theirs: &AddressView,
        cause: Cause,
        what: &str,
    ) -> Fault {
        let (to, name) = (theirs.local, &link.name);
        let ours = self.network.addresses(here, link.index);
        let far = theirs.connected();
        if let Some(own) = ours.iter().find(|own| own.connected().contains(to)) {
            let address = Prefix::new(own.local, own.prefix_length);
            return Fault::new(cause, here)
                .seen(here, Fact::Address { link: name.clone(), address })
                .told(format!(
                    "{to} is at the other end of {name}, and {here} has the address {address} there, in the same network. \
                     But the route that comes with such an address is not there, so for the {what} no route was found."
                ))
                .mended_by(here, format!("ip route add {} dev {name}", prefix_text(own.connected())));
        }
        if let Some(own) = ours.iter().find(|own| far.contains(own.local) && own.prefix_length > far.length())
        {
            let (old, new) =
                (Prefix::new(own.local, own.prefix_length), Prefix::new(own.local, far.length()));
            return Fault::new(Cause::WrongPrefixLength, here)
                .seen(here, Fact::Address { link: name.clone(), address: old })
                .told(format!(
                    "{to} is at the other end of {name}, but {here} does not know that: its own address there is \
                     {old}, so it takes only {} for the network on that wire. The other end has {to}/{}: the prefix \
                     lengths do not agree, and for the {what} no route was found.",
                    old.network(),
                    far.length()
                ))
                .mended_by(here, format!("ip addr add {new} dev {name}"))
                .mended_by(here, format!("ip addr del {old} dev {name}"));
        }
        let free = self.network.free_address(far);
        let cause = if ours.is_empty() { Cause::AddressMissing } else { cause };
        let mut fault = Fault::new(cause, here);
        if let Some(own) = ours.first() {
            let address = Prefix::new(own.local, own.prefix_length);
            fault = fault.seen(here, Fact::Address { link: name.clone(), address }).told(format!(
                "{to} is at the other end of {name}, but {here} has the address {address} there, which is in another \
                 network than {to}/{}. A route comes with an address, and only for the address's own network.",
                far.length()
            ));
        } else {
            fault = fault.seen(here, Fact::NoAddress { link: name.clone() }).told(format!(
                "{to} is at the other end of {name}, but {name} has no address in {here}. A link's route comes with \
                 its address, so for the {what} no route was found."
            ));
        }
        match free {
            Some(free) => fault.mended_by(here, format!("ip addr add {}/{} dev {name}", free, far.length())),
            // No other address fits in so small a network.
            None if !ours.is_empty() => fault.mended_by(here, format!("ip route add {to} dev {name}")),
            None => fault,
        }
    }

    /// A link is down that should be up.
    pub(super) fn link_is_down(&mut self, here: &NamespaceName, link: &LinkView, what: &str) -> Fault {
        let name = &link.name;
        let law = match link.kind {
            // `fib_sync_down_dev` spares next hops of scope nowhere, which routes of kind 'local' have.
            LinkKind::Loopback => {
                "The routes to the machine's own addresses stay when it goes down, and what they send is lost."
            }
            LinkKind::Veth | LinkKind::Bridge | LinkKind::Other(_) => {
                "A link that is down keeps its address and loses its routes."
            }
        };
        Fault::new(Cause::LinkDown, here)
            .seen_all([link_fact(here, link)])
            .told(format!("The {what} should leave {here} by {name}, but {name} is down. {law}"))
            .mended_by(here, format!("ip link set {name} up"))
    }

    /// The packet ended where an earlier route should not have sent it: the route is at fault, not the place.
    pub(super) fn led_here_wrongly(&mut self, leg: &Leg<'e>, here: &NamespaceName) -> Option<Fault> {
        let before = leg.life.before()?;
        let (way, from) = (before.way?, before.namespace);
        let (entry, to) = (way.taken()?, leg.destination()?);
        if entry.kind != RouteKind::Unicast {
            return None;
        }
        let gateway = way.gateway?;
        if self.network.leads(here, to) && !self.comes_back(here, to, from) {
            return None;
        }
        if let Some(fault) = self.competing(from, to, &way, entry) {
            return Some(fault);
        }
        let (better, link) = self.network.router_towards(from, to)?;
        if better == gateway {
            return None;
        }
        let mut ways = self.ways_by(from, Some(entry.prefix), to, (better, &link));
        let fault = Fault::new(Cause::WrongGateway, from).seen_all([route_fact(&way, entry)]).told(format!(
            "{here} got it because {from} has the route '{}', but from {here} there is no way to {to}. The router at the \
             other end of {link}, {better}, has one.",
            entry_text(entry)
        ));
        // A default route to a router may well be right for everything that this laboratory does not hold.
        let forwards = self.network.sysctl(here, "net.ipv4.ip_forward").is_some_and(|value| value != 0);
        if entry.prefix.length() > 0 || !forwards {
            return Some(fault.or_by_all(ways));
        }
        ways.rotate_left(1);
        let told = format!("{here} is a router, too: the default route may stay as it is for all else.");
        Some(fault.told(told).or_by_all(ways))
    }

    /// The packet was here before, and a route has sent it back: that route is at fault.
    pub(super) fn sent_back(&mut self, leg: &Leg<'e>, here: &NamespaceName) -> Option<Fault> {
        let (earlier, before) = (leg.life.hops.iter().rev().skip(1), leg.life.before()?);
        if !earlier.into_iter().any(|hop| hop.namespace == here) {
            return None;
        }
        let (way, from, to) = (before.way?, before.namespace, leg.destination()?);
        let entry = way.taken()?;
        let fault = Fault::new(Cause::WrongGateway, from).seen_all([route_fact(&way, entry)]).told(format!(
            "The {} came back to {here}, where it had been before, because {from} has the route '{}': from {here} \
             the way to {to} leads through {from} itself.",
            leg.name(),
            entry_text(entry)
        ));
        Some(if self.network.owners(to).is_empty() {
            fault.told(format!(
                "Nobody in this laboratory has the address {to}: is it the one that was meant?"
            ))
        } else {
            fault
        })
    }

    fn comes_back(&mut self, here: &NamespaceName, to: IpAddr, from: &NamespaceName) -> bool {
        self.network.circle(here, to).is_some_and(|circle| circle.contains(from))
    }

    /// Another entry of the same table would have led there.
    pub(super) fn competing(
        &mut self,
        here: &NamespaceName,
        to: IpAddr,
        way: &Way<'e>,
        entry: &Considered,
    ) -> Option<Fault> {
        let (other, link) = self.network.alternative(here, to, entry)?;
        let by_kernel = self.is_connected(here, entry);
        let other_text = {
            let via = other.gateway.map_or_else(String::new, |gateway| format!(" via {gateway}"));
            format!("{}{via} dev {link}", prefix_text(other.destination))
        };
        let because = if entry.prefix.length() > other.destination.length() {
            "its prefix is longer"
        } else if entry.metric < other.metric {
            "its metric is lower"
        } else {
            "it stands before the other one in the table"
        };
        let reached = match other.gateway {
            Some(gateway) if entry.output.as_ref() == Some(&link) => format!("by the gateway {gateway}"),
            None if entry.output.as_ref() == Some(&link) => "without a gateway".to_owned(),
            _ => format!("by {link}"),
        };
        let fault = Fault::new(Cause::CompetingRoute, here).seen_all([route_fact(way, entry)]).told(format!(
            "Two routes of {here} are for {to}: '{}' and '{other_text}'. The first one won, because {because}. But \
             {to} is reached {reached}.",
            entry_text(entry)
        ));
        let via = other.gateway.map_or_else(String::new, |gateway| format!(" via {gateway}"));
        let alone = format!("ip route add {to}{via} dev {link}");
        Some(if by_kernel {
            let fault =
                fault.told(format!("A route for {to} alone has the longest prefix of all, and wins."));
            fault.mended_by(here, alone)
        } else {
            fault.mended_by(here, delete(entry)).or_by(vec![Fix::new(here, alone)])
        })
    }

    /// Whether the kernel made this entry for an address.
    pub(super) fn is_connected(&self, here: &NamespaceName, entry: &Considered) -> bool {
        let place = self.network.place(here);
        place.is_some_and(|place| {
            place.routes.iter().any(|route| {
                route.destination == entry.prefix
                    && route.metric == entry.metric
                    && route.gateway == entry.gateway
                    && route.protocol == vethlab_shared::view::Protocol::KERNEL
            })
        })
    }
}
