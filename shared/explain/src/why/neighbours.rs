//! Faults between neighbours: nobody answers to ARP, two have the same address, an address is not believed.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::{Evidence, Fact, entry_text};
use super::fault::Fault;
use super::judge::link_fact;
use super::mend::{Fix, Mend};
use super::network::Port;
use super::routes::route_fact;
use super::trail::{End, Hop, Way};
use std::net::IpAddr;
use vethlab_shared::event::DropReason;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::prefix::Prefix;
use vethlab_shared::view::{AddressView, LinkFlags, LinkView, RouteKind};

impl<'e> Case<'e, '_> {
    /// Nobody answered to ARP.
    pub(super) fn no_neighbour(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let (Some(way), Some(name)) = (hop.way, hop.output_link()) else {
            return Fault::new(Cause::NeighbourFailed, here)
                .told(format!("{here} could not find the next station's Ethernet address."));
        };
        let asked = way.next_hop();
        let mut requests = self.trails.arp_about(here, asked);
        // On another link the same may be asked for.
        requests.retain(|life| life.hops[0].output.as_ref().is_none_or(|(link, _)| *link == name));
        if !requests.is_empty()
            && requests.iter().all(|life| {
                matches!(life.end, End::Dropped(DropReason::QdiscDrop | DropReason::NotSpecified))
                    && life.hops.len() == 1
            })
        {
            return self.not_ready(leg, here, Some(name));
        }
        let neighbour = self.neighbour_fact(here, name, asked);
        let fault = self.nobody_answers(leg, here, &way, name);
        fault.seen_all([neighbour])
    }

    pub(super) fn neighbour_fact(&self, here: &NamespaceName, name: &LinkName, asked: IpAddr) -> Evidence {
        let link = self.network.link(here, name);
        let entry = link.and_then(|link| {
            let place = self.network.place(here)?;
            place
                .neighbours
                .iter()
                .find(|entry| entry.link == link.index && entry.destination == asked)
                .cloned()
        });
        let fact = Fact::Neighbour {
            link: name.clone(),
            destination: asked,
            address: entry.as_ref().and_then(|entry| entry.address),
            state: entry.map(|entry| entry.state),
        };
        Evidence { namespace: here.clone(), fact }
    }

    fn nobody_answers(
        &mut self,
        leg: &Leg<'e>,
        here: &NamespaceName,
        way: &Way<'e>,
        name: &LinkName,
    ) -> Fault {
        let asked = way.next_hop();
        let role = if way.gateway.is_some() { "the gateway" } else { "the destination" };
        let question = format!("{here} asked on {name} who has {asked} ({role}), and nobody answered.");
        let to = leg.destination().unwrap_or(way.destination);
        if let Some(fault) = self.over_bridges(here, name, asked, true) {
            return Fault { sentences: [vec![question], fault.sentences].concat(), ..fault };
        }
        let peer = self.network.station_with(here, name, asked);
        if let Some(peer) = &peer
            && self.network.has(&peer.namespace, asked)
        {
            return self.silent_owner(here, way, name, peer, question);
        }
        let taken = way.taken();
        if let Some(entry) = taken {
            if let Some(fault) = self.too_wide(here, way, name, peer.as_ref()) {
                return Fault { sentences: [vec![question], fault.sentences].concat(), ..fault };
            }
            if let Some(fault) = self.competing(here, to, way, entry) {
                return Fault { sentences: [vec![question], fault.sentences].concat(), ..fault };
            }
        }
        let Some(peer) = peer else {
            return Fault::new(Cause::NeighbourFailed, here).told(question);
        };
        if taken.is_none() && self.network.leads(here, to) {
            return self.by_another_link(here, name, to, question);
        }
        let theirs = self.network.addresses(&peer.namespace, peer.link.index);
        let (far, end) = (&peer.namespace, &peer.link.name);
        let elsewhere = self.network.owners(asked);
        if way.gateway.is_some()
            && let Some(entry) = taken
        {
            let router = self.network.router_near(here, to);
            let known = !theirs.is_empty() || !elsewhere.is_empty() || router.is_some();
            if known {
                let mut fault =
                    Fault::new(Cause::WrongGateway, here).seen_all([route_fact(way, entry)]).told(question);
                fault = fault.told(match theirs.first() {
                    Some(view) => format!(
                        "The route '{}' names a gateway that is not on that wire: what is there is {far}, with the \
                         address {}.",
                        entry_text(entry),
                        view.local
                    ),
                    None => format!("The route '{}' names a gateway that is not on that wire.", entry_text(entry)),
                });
                return match router {
                    Some((gateway, link)) => {
                        fault.or_by_all(self.ways_by(here, Some(entry.prefix), to, (gateway, &link)))
                    }
                    None => fault,
                };
            }
        }
        if theirs.is_empty() && elsewhere.is_empty() {
            let length = self.network.link(here, name).map(|link| self.network.addresses(here, link.index));
            let length = length.unwrap_or_default();
            let length =
                length.iter().find(|own| own.connected().contains(asked)).map(|own| own.prefix_length);
            // Where it lies in no network of the asking link, an address alone may do.
            let lengths = length.map_or_else(|| vec![32, 24], |length| vec![length]);
            return Fault::new(Cause::AddressMissing, far)
                .seen(far, Fact::NoAddress { link: end.clone() })
                .told(question)
                .told(format!(
                    "At the other end of the wire is {far} with its link {end}, but {end} has no IPv4 address: nobody \
                     there knows that it is meant."
                ))
                .or_by_all(lengths.iter().map(|length| {
                    vec![Fix::new(far, format!("ip addr add {asked}/{length} dev {end}"))]
                }));
        }
        let mut fault = Fault::new(Cause::NeighbourFailed, here).told(question);
        for view in &theirs {
            let address = Prefix::new(view.local, view.prefix_length);
            fault = fault.seen(far, Fact::Address { link: end.clone(), address });
        }
        if let Some(view) = theirs.first() {
            fault = fault.told(format!(
                "At the other end of the wire is {far}, and its address there is {}, not {asked}.",
                view.local
            ));
        }
        match elsewhere.first() {
            Some((owner, link, _)) => {
                let fault = fault.told(format!(
                    "{asked} is an address of {owner}, on {link}, and no entry of the routing table of {here} leads \
                     there."
                ));
                fault.or_by_all(self.ways_to(here, asked))
            }
            None => fault.told(format!(
                "Nobody in this laboratory has the address {asked}: is it the one that was meant?"
            )),
        }
    }

    /// The program named the link, and no entry leads there by it: then the destination counts as a neighbour
    /// (`ip_route_output_key_hash_rcu`).
    fn by_another_link(
        &mut self,
        here: &NamespaceName,
        name: &LinkName,
        to: IpAddr,
        question: String,
    ) -> Fault {
        let mut fault = Fault::new(Cause::NeighbourFailed, here).told(question).told(format!(
            "The command names the link {name}, and no route of {here} leads to {to} by that link: then Linux takes {to} \
             to be on its wire. Without that link named, the routes of {here} lead to {to}."
        ));
        if let Some((gateway, way)) = self.second_way(here, name, to) {
            fault = fault.told(format!(
                "At the other end of {name} is the router {gateway}. A second route with a higher metric is taken only \
                 where a command names {name}: everything else goes as before."
            ));
            fault = fault.or_by(way);
        }
        fault.or_by(vec![Fix::new(here, format!("ping -c 1 {to}"))])
    }

    /// Our own prefix takes in what is not on the wire, by the measure of the other end.
    fn too_wide(
        &mut self,
        here: &NamespaceName,
        way: &Way<'e>,
        name: &LinkName,
        peer: Option<&Port>,
    ) -> Option<Fault> {
        let (entry, to) = (way.taken()?, way.next_hop());
        let link = self.network.link(here, name)?;
        let ours = self.network.addresses(here, link.index);
        let own = ours.iter().find(|own| own.connected() == entry.prefix)?;
        let peer = peer?;
        let theirs = self.network.addresses(&peer.namespace, peer.link.index);
        let view = theirs.iter().find(|view| {
            view.prefix_length > own.prefix_length
                && own.connected().contains(view.local)
                && view.connected().contains(own.local)
                && !view.connected().contains(to)
        })?;
        if self.network.owners(to).is_empty() {
            return None;
        }
        let (old, new) =
            (Prefix::new(own.local, own.prefix_length), Prefix::new(own.local, view.prefix_length));
        let around = self.ways_by(here, None, way.destination, (view.local, name)).pop();
        Some(
            Fault::new(Cause::WrongPrefixLength, here)
                .seen_all([route_fact(way, entry)])
                .seen(here, Fact::Address { link: name.clone(), address: old })
                .told(format!(
                    "{to} is not on that wire at all. {here} thinks so because its own address there is {old}, and {to} \
                     is in {}. The other end has {}/{}: the prefix lengths do not agree.",
                    old.network(),
                    view.local,
                    view.prefix_length
                ))
                .mended_by(here, format!("ip addr add {new} dev {name}"))
                .mended_by(here, format!("ip addr del {old} dev {name}"))
                .or_by_all(around),
        )
    }

    /// Whoever has the address is there, and stays silent.
    fn silent_owner(
        &mut self,
        here: &NamespaceName,
        way: &Way<'e>,
        name: &LinkName,
        peer: &Port,
        question: String,
    ) -> Fault {
        let (asked, far, end) = (way.next_hop(), &peer.namespace, &peer.link.name);
        let own = self.asking_address(here, name, asked).or(way.source);
        let fault = |cause| Fault::new(cause, far).told(question.clone());
        if far == here {
            return fault(Cause::InvalidSource)
                .told(format!(
                    "Both ends of that wire, {name} and {end}, are in {here}: what leaves by the one comes in by the other, \
                     from an address that {here} has itself. Linux does not take in from a wire what has an own address as \
                     its source. Without the link {name} named, {asked} is reached within {here}."
                ))
                .mended_by(here, format!("ping -c 1 {asked}"));
        }
        if let Some(own) = own.filter(|own| self.network.has(far, *own)) {
            return self.duplicate(fault(Cause::DuplicateAddress), here, far, own);
        }
        if peer.link.has(LinkFlags::NO_ARP) {
            return fault(Cause::ArpIgnored)
                .seen_all([link_fact(far, &peer.link)])
                .told(format!(
                    "{far} has {asked}, but its link {end} is set NOARP: no ARP is spoken on it, so nobody there hears \
                     the question."
                ))
                .mended_by(far, format!("ip link set {end} arp on"));
        }
        for name in [format!("net.ipv4.conf.{end}.arp_ignore"), "net.ipv4.conf.all.arp_ignore".to_owned()] {
            let value = self.network.sysctl(far, &name).filter(|value| *value != 0);
            if let Some(value) = value {
                return fault(Cause::ArpIgnored)
                    .seen(far, Fact::Sysctl { name: name.clone(), value: value.to_string() })
                    .told(format!(
                        "{far} has {asked}, but is set not to answer: {name} is {value}, which leaves some ARP requests \
                         that come in by {end} unanswered."
                    ))
                    .mended_by(far, format!("sysctl -w {name}=0"));
            }
        }
        if let Some(own) = own
            && let Some(found) = self.filters(far, end, own, "ARP request")
        {
            return Fault { sentences: [vec![question], found.sentences].concat(), ..found };
        }
        Fault::new(Cause::NeighbourFailed, here)
            .told(question)
            .told(format!("{far} has {asked} now; whether it had it then cannot be seen any more."))
    }

    /// The address that the ARP requests came from.
    fn asking_address(&self, here: &NamespaceName, name: &LinkName, asked: IpAddr) -> Option<IpAddr> {
        let requests = self.trails.arp_about(here, asked);
        let frames = requests.iter().filter_map(|life| life.hops[0].output);
        let arp = frames.filter(|(link, _)| *link == name).find_map(|(_, frame)| frame.arp());
        arp.map(|arp| arp.sender().into())
    }

    /// Two have the same address.
    pub(super) fn duplicate(
        &mut self,
        fault: Fault,
        here: &NamespaceName,
        far: &NamespaceName,
        address: IpAddr,
    ) -> Fault {
        let mut fault = fault.told(format!(
            "{here} uses the address {address}, and {far} has the same address itself. What comes from {address} looks \
             to {far} as if it came from {far} itself, and Linux does not believe that: it drops it."
        ));
        let mut theirs = None;
        for (owner, link, view) in self.network.owners(address) {
            let prefix = Prefix::new(view.local, view.prefix_length);
            fault = fault.seen(&owner, Fact::Address { link: link.clone(), address: prefix });
            if owner == *far {
                theirs = Some((link, view));
            }
        }
        // To take it away is a fix only where another address keeps the network on that link, and where no
        // secondary address would go with it; or where the other routes lead to the one who keeps the address.
        let Some((link, view)) = theirs else { return fault };
        let index = view.link;
        let rest = self.network.addresses(far, index);
        let kept = rest.iter().any(|other| {
            let same = other.prefix_length == view.prefix_length && other.connected() == view.connected();
            other.local != address && (same || view.prefix_length == 32)
        });
        if !kept && self.leads_without(far, address, &view) {
            return fault.mended_by(far, format!("ip addr del {address}/{} dev {link}", view.prefix_length));
        }
        if !kept {
            return fault.told("Each address may be given once: one of the two needs another one.");
        }
        if view.prefix_length < 32 && !view.flags.contains(vethlab_shared::view::AddressFlags::SECONDARY) {
            fault = fault.mended_by(far, format!("sysctl -w net.ipv4.conf.{link}.promote_secondaries=1"));
        }
        fault.mended_by(far, format!("ip addr del {address}/{} dev {link}", view.prefix_length))
    }

    /// Whether what is for an address would still find its way from here, were it no own address any more.
    fn leads_without(&mut self, far: &NamespaceName, address: IpAddr, view: &AddressView) -> bool {
        let others = self.network.addresses(far, view.link);
        if others.len() < 2
            || others.iter().any(|other| other.local != address && other.connected() == view.connected())
        {
            return false;
        }
        let Some(place) = self.network.place(far) else { return false };
        let routes = place.routes.iter().filter(|route| {
            route.kind == RouteKind::Unicast
                && route.destination.contains(address)
                && route.destination != view.connected()
        });
        let first =
            routes.max_by_key(|route| (route.destination.length(), std::cmp::Reverse(route.metric))).cloned();
        first.is_some_and(|route| {
            route.preferred_source != Some(address) && self.network.leads_by(far, &route, address)
        })
    }

    /// Whether the reverse-path filter of a link keeps out what comes from an address; `what` is what came.
    pub(super) fn filters(
        &mut self,
        far: &NamespaceName,
        end: &LinkName,
        source: IpAddr,
        what: &str,
    ) -> Option<Fault> {
        let names = [format!("net.ipv4.conf.{end}.rp_filter"), "net.ipv4.conf.all.rp_filter".to_owned()];
        let values = names.clone().map(|name| self.network.sysctl(far, &name).unwrap_or(0));
        let mode = values[0].max(values[1]);
        let back = self.network.lookup(far, source);
        let output = back.as_ref().and_then(|found| found.route.output);
        let link = self.network.link(far, end)?;
        let passes = match mode {
            0 => true,
            1 => output == Some(link.index),
            _ => output.is_some(),
        };
        if passes {
            return None;
        }
        let name = if values[0] >= values[1] { names[0].clone() } else { names[1].clone() };
        let fault = Fault::new(Cause::ReversePathFilter, far)
            .seen(far, Fact::Sysctl { name: name.clone(), value: mode.to_string() });
        let strict = if mode == 1 { "strict" } else { "loose" };
        let leaves = self.link_name(far, output);
        Some(match leaves {
            Some(other) => fault
                .told(format!(
                    "The {what} came in by {end}, from {source}. But {far} would send an answer to {source} by {other}, and its \
                     reverse-path filter is {strict} ({name} is {mode}): what comes in by another link than its answer \
                     would take is dropped."
                ))
                .or_by_all(self.trusted_ways(far, end, source)),
            None => {
                let fault = fault.told(format!(
                    "The {what} came in by {end}, from {source}. But {far} has no way back to {source} at all, and its \
                     reverse-path filter is on ({name} is {mode}): what could not be answered is dropped."
                ));
                let alone = vec![Fix::new(far, format!("ip route add {source} dev {end}"))];
                match self.network.router_near(far, source) {
                    Some((gateway, link)) => {
                        fault.or_by_all(self.ways_by(far, None, source, (gateway, &link))).or_by(alone)
                    }
                    None => fault.or_by(alone),
                }
            }
        })
    }

    /// What makes the reverse-path filter of a link believe a source. Where whoever has that address is at the other
    /// end, the way back is wrong, and a route mends it; otherwise the two ways may differ, and the filter is too strict.
    fn trusted_ways(&mut self, far: &NamespaceName, end: &LinkName, source: IpAddr) -> Vec<Mend> {
        let loose = vec![Fix::new(far, format!("sysctl -w net.ipv4.conf.{end}.rp_filter=2"))];
        let route = vec![Fix::new(far, format!("ip route add {source} dev {end}"))];
        let peer = self.network.peer_of(far, end);
        if peer.is_some_and(|peer| self.network.has(&peer.namespace, source)) {
            vec![route, loose]
        } else {
            vec![loose]
        }
    }

    pub(super) fn link_name(
        &self,
        here: &NamespaceName,
        index: Option<vethlab_shared::name::IfIndex>,
    ) -> Option<LinkName> {
        let place = self.network.place(here)?;
        let found: Option<&LinkView> = place.links.iter().find(|link| Some(link.index) == index);
        found.map(|link| link.name.clone())
    }
}
