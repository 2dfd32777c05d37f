//! Faults of a router or a receiver: not passed on, too many hops, too long, a source that is not believed.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::{Fact, entry_text};
use super::fault::Fault;
use super::judge::{addresses_of, link_fact};
use super::routes::route_fact;
use super::trail::{Attempt, Hop, Translation, Way};
use std::net::IpAddr;
use vethlab_shared::event::{EventKind, NatEnd};
use vethlab_shared::family::Family;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::wire::Ipv4;

/// Bytes of an IPv4 header and an ICMP header: what `ping -s` does not count.
const HEADERS: u32 = 28;

impl<'e> Case<'e, '_> {
    /// It reached a machine that it is not for, and that passes nothing on.
    pub(super) fn not_forwarded(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let to = leg.destination().unwrap_or(Family::Inet.unspecified());
        // Where it was given another destination here, it was for this machine and came rightly.
        let translated = hop.translated.iter().find(|translation| translation.end == NatEnd::Destination);
        if translated.is_none()
            && let Some(fault) = self.came_wrongly(leg, hop, to)
        {
            return fault;
        }
        let input = hop.input.as_ref().map(|(link, _)| (*link).clone());
        let name = "net.ipv4.ip_forward".to_owned();
        let global = self.network.sysctl(here, &name).unwrap_or(0);
        // Where the setting for all is on, it is the link's own that is off.
        let (name, value) = match (global, &input) {
            (0, _) | (_, None) => (name, global),
            (_, Some(link)) => {
                let own = format!("net.ipv4.conf.{link}.forwarding");
                let value = self.network.sysctl(here, &own).unwrap_or(0);
                (own, value)
            }
        };
        let fault = Fault::new(Cause::ForwardingOff, here)
            .seen(here, Fact::Sysctl { name: name.clone(), value: value.to_string() });
        let what = leg.name();
        if value != 0 {
            return fault.told(format!(
                "The {what} is not for {here} itself, and then {here} did not pass on packets for others. By now {name} \
                 is {value}: it does. Try again."
            ));
        }
        let translated = translated.map_or(String::new(), |Translation { from, to, .. }| {
            format!("Address translation in {here} changed its destination from {from} to {to}. ")
        });
        fault
            .told(format!(
                "{translated}The {what} is not for {here} itself, and {here} does not pass on packets for others: {name} is 0. It \
                 dropped the {what} without a word."
            ))
            .mended_by(here, format!("sysctl -w {name}=1"))
    }

    /// It should not have come to this machine.
    fn came_wrongly(&mut self, leg: &Leg<'e>, hop: &Hop<'e>, to: IpAddr) -> Option<Fault> {
        let here = hop.namespace;
        let direct =
            leg.life.before().is_some_and(|before| before.way.is_some_and(|way| way.gateway.is_none()));
        if direct && let Some(fault) = self.believed_neighbour(leg, hop, to) {
            return Some(fault);
        }
        self.given_to_another(leg, here)
            .or_else(|| self.led_here_wrongly(leg, here))
            .or_else(|| self.sent_back(leg, here))
    }

    /// A bridge has given a frame to another station than the one that it is for, as both have one Ethernet address.
    fn given_to_another(&mut self, leg: &Leg<'e>, here: &NamespaceName) -> Option<Fault> {
        let before = leg.life.hops.iter().rev().skip(1).find(|hop| hop.way.is_some_and(|way| !way.failed))?;
        let (way, name) = (before.way?, before.output_link()?.clone());
        if self.network.has(here, way.next_hop()) {
            return None;
        }
        let found = self.over_bridges(before.namespace, &name, way.next_hop(), false)?;
        (found.cause == Cause::DuplicateMac).then_some(found)
    }

    /// It was handed directly to a neighbour that does not have the address (any more).
    fn believed_neighbour(&mut self, leg: &Leg<'e>, hop: &Hop<'e>, to: IpAddr) -> Option<Fault> {
        let far = hop.namespace;
        let before = leg.life.before()?.clone();
        let (here, name) = (before.namespace, before.output_link()?);
        let owners = self.network.owners(to);
        let (end, _) = hop.input.as_ref()?;
        let link = self.network.link(far, end)?;
        if owners.is_empty() && self.network.addresses(far, link.index).is_empty() {
            let ours = self.network.link(here, name).map(|link| self.network.addresses(here, link.index));
            let length = ours
                .unwrap_or_default()
                .iter()
                .find(|own| own.connected().contains(to))
                .map_or(24, |own| own.prefix_length);
            return Some(
                Fault::new(Cause::AddressMissing, far)
                    .seen(far, Fact::NoAddress { link: (*end).clone() })
                    .told(format!(
                        "{here} still believes that {to} is at {}, and sent the {} there. But {end} in {far} has no IPv4 \
                         address any more, so {far} dropped what is not its own.",
                        link.address,
                        leg.name()
                    ))
                    .mended_by(far, format!("ip addr add {to}/{length} dev {end}")),
            );
        }
        let elsewhere = match owners.first() {
            Some((owner, _, _)) => format!("{to} is an address of {owner}."),
            None => format!("Nobody has {to} any more."),
        };
        Some(
            Fault::new(Cause::WrongNeighbour, here)
                .seen(
                    here,
                    Fact::Neighbour { link: name.clone(), destination: to, address: Some(link.address), state: None },
                )
                .told(format!(
                    "The neighbour table of {here} says that {to} has the Ethernet address {}, so the {} went to {far}. \
                     But {far} does not have that address, and dropped it. {elsewhere}",
                    link.address,
                    leg.name()
                ))
                .mended_by(here, format!("ip neigh del {to} dev {name}")),
        )
    }

    /// Its time to live ran out.
    pub(super) fn ran_out(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let to = leg.destination().unwrap_or(Family::Inet.unspecified());
        let what = leg.name();
        let came_twice = |hop: &&Hop<'e>| hop.namespace == here;
        if leg.life.hops.iter().filter(came_twice).count() > 1
            && let Some(circle) = self.network.circle(here, to)
        {
            return self.looped(leg, here, to, &circle);
        }
        let first = leg.life.hops.iter().find_map(|hop| hop.output.as_ref());
        let began = first.and_then(|(_, frame)| addresses_of(*frame)).map_or(0, |(_, _, ttl)| ttl);
        let passed = leg.life.hops.len() - 1;
        let fault = Fault::new(Cause::TtlExceeded, here).told(format!(
            "The {what} began with a time to live of {began}. Each router takes one off, and at {here}, router number \
             {passed} on the way, nothing was left: {here} dropped it."
        ));
        let sender = leg.life.hops[0].namespace;
        let name = "net.ipv4.ip_default_ttl";
        let default = self.network.sysctl(sender, name).unwrap_or(64);
        if i64::from(began) == default {
            let fault =
                fault.seen(sender, Fact::Sysctl { name: name.to_owned(), value: default.to_string() });
            return if default < 64 {
                fault.mended_by(sender, format!("sysctl -w {name}=64"))
            } else {
                fault
            };
        }
        if leg.back { fault } else { fault.mended_by(sender, format!("ping -c 1 {to}")) }
    }

    fn looped(&mut self, leg: &Leg<'e>, here: &NamespaceName, to: IpAddr, circle: &[NamespaceName]) -> Fault {
        let what = leg.name();
        // The one to blame is a router of the circle that has a way out of it to the destination.
        let mut blamed = None;
        for router in circle {
            let next = self.network.router_towards(router, to);
            if let Some(next) = next
                && blamed.is_none()
            {
                blamed = Some((router.clone(), next));
            }
        }
        let at = blamed.as_ref().map_or_else(|| here.clone(), |(router, _)| router.clone());
        let names: Vec<&str> = circle.iter().map(NamespaceName::as_str).collect();
        let round = match names.as_slice() {
            [one] => format!("{one} sends what is for {to} back to itself"),
            [one, other] => {
                format!("{one} sends what is for {to} to {other}, and {other} sends it back to {one}")
            }
            _ => format!("what is for {to} goes from {} to {}", names.join(" to "), names[0]),
        };
        let mut fault = Fault::new(Cause::RoutingLoop, &at).told(format!(
            "The {what} went round in a circle: {round}, until its time to live ran out at {here}."
        ));
        for router in circle {
            let hop = leg.life.hops.iter().find(|hop| hop.namespace == router);
            if let Some((way, entry)) = hop.and_then(|hop| hop.way).and_then(|way| Some((way, way.taken()?)))
            {
                fault = fault.seen_all([route_fact(&way, entry)]);
            }
        }
        let prefix = self.network.network_of(to);
        match blamed {
            Some((router, (gateway, link))) => {
                let ways = self.ways_by(&router, Some(prefix), to, (gateway, &link));
                let said = format!(
                    "From {router} the way to {to} is by the router {gateway}, and no route of {router} says so."
                );
                fault.told(said).or_by_all(ways)
            }
            None if self.network.owners(to).is_empty() => fault.told(format!(
                "Nobody in this laboratory has {to}; each of them leaves it to the other's default route."
            )),
            None => fault,
        }
    }

    /// A router could not send it on, as it is longer than the link takes, and may not be cut.
    pub(super) fn too_big(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let what = leg.name();
        let mut fault = Fault::new(Cause::PacketTooBig, here);
        let link = hop.output_link().or_else(|| hop.way.and_then(|way| way.output));
        let link = link.and_then(|name| self.network.link(here, name));
        let length = hop.input.and_then(|(_, frame)| frame.ipv4()).map(Ipv4::total_length);
        let length = length.map_or_else(String::new, |length| format!(" is {length} bytes long, and"));
        if let Some(link) = link {
            fault = fault.seen_all([link_fact(here, &link)]).told(format!(
                "The {what}{length} should go on by {}, whose mtu is {}. It may not be cut into fragments, so {here} \
                 dropped it.",
                link.name, link.mtu
            ));
            let sender = leg.life.hops[0].namespace;
            let to = leg.destination();
            if let Some(to) = to.filter(|_| !leg.back && link.mtu > HEADERS) {
                fault = fault
                    .told("The sender was told the mtu, and remembers it for that destination.")
                    .mended_by(sender, format!("ping -c 1 -s {} {to}", link.mtu - HEADERS));
            }
        } else {
            fault = fault
                .told(format!("The {what}{length} is longer than {here} can send on, and may not be cut."));
        }
        fault
    }

    /// The sender itself found it too long.
    pub(super) fn too_long_to_send(&mut self, attempt: &Attempt<'e>, way: Option<&Way<'e>>) -> Fault {
        let here = attempt.namespace;
        let to = attempt.destination;
        let length = attempt.length + 20;
        let link = way.and_then(|way| way.output).and_then(|name| self.network.link(here, name));
        let learned = self.trails.events.iter().rev().find_map(|event| match event.kind {
            EventKind::UpdateOrCreateFnhe { destination, mtu: Some(mtu), .. } if destination == to => {
                Some(mtu)
            }
            _ => None,
        });
        let mut fault = Fault::new(Cause::PacketTooBig, here);
        let found = self.network.lookup(here, to).and_then(|found| found.route.mtu);
        if length > 65_535 {
            // Programs ask for no more than one byte too many, whatever was typed.
            return fault.told("The packet would be longer than 65535 bytes, and no IPv4 packet can be.");
        }
        let Some(mtu) = learned.or(found).or(link.as_ref().map(|link| link.mtu)) else {
            return fault
                .told(format!("The packet would be {length} bytes long, and {here} found that too long."));
        };
        let by = link.as_ref().map_or_else(String::new, |link| format!(" by {}", link.name));
        // The probes of `traceroute` may be datagrams, whose headers the process does not count.
        let long = if self.traces() {
            format!("The probe would be more than {mtu} bytes long.")
        } else {
            format!("The packet would be {length} bytes long: the data, 8 bytes of ICMP and 20 of IPv4.")
        };
        fault = fault.told(format!(
            "{long} To {to} it may be {mtu} bytes at most{by}, and it may not be cut into fragments. So {here} did not \
             send it."
        ));
        if let Some(link) = link {
            fault = fault.seen_all([link_fact(here, &link)]);
        }
        if mtu > HEADERS {
            fault = fault.mended_by(here, format!("ping -c 1 -M do -s {} {to}", mtu - HEADERS));
        }
        fault
    }

    /// The reverse-path filter dropped it.
    pub(super) fn reverse_path(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let source = leg.source();
        let found = match (&hop.input, source) {
            (Some((link, _)), Some(source)) => self.filters(here, link, source, leg.name()),
            _ => None,
        };
        found.unwrap_or_else(|| {
            Fault::new(Cause::ReversePathFilter, here).told(format!(
                "The reverse-path filter of {here} did not believe that it comes from where it came in. By now it would \
                 let it pass: try again."
            ))
        })
    }

    /// It comes from an address that the receiver has itself.
    pub(super) fn own_source(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let far = hop.namespace;
        let fault = Fault::new(Cause::DuplicateAddress, far);
        match leg.source() {
            Some(source) => {
                let from = leg.life.hops[0].namespace.clone();
                if from == *far {
                    let wrongly = self.led_here_wrongly(leg, far).or_else(|| self.sent_back(leg, far));
                    if let Some(fault) = wrongly {
                        return fault;
                    }
                    return Fault::new(Cause::InvalidSource, far).told(format!(
                        "The {} came back to {far}, which had sent it itself from {source}. Linux does not take in from \
                         a wire what has an own address as its source.",
                        leg.name()
                    ));
                }
                self.duplicate(fault, &from, far, source)
            }
            None => fault.told(format!("It comes from an address that {far} has itself.")),
        }
    }

    /// It comes from an address that nobody can have.
    pub(super) fn bad_source(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let far = hop.namespace;
        let source = leg.source().map_or_else(|| "its source".to_owned(), |source| source.to_string());
        let back = leg.source().and_then(|source| self.network.lookup(far, source));
        let kind = back.map(|found| found.route.kind);
        let because = match kind {
            Some(vethlab_shared::view::RouteKind::Broadcast) => "there that is a broadcast address",
            _ => "no packet may come from there over a wire",
        };
        let mut fault = Fault::new(Cause::InvalidSource, far).told(format!(
            "{far} dropped the {} because of where it comes from, {source}: {because}.",
            leg.name()
        ));
        if let Some(entry) = hop.way.and_then(|way| way.taken()) {
            fault = fault.told(format!("(For the destination it had the route '{}'.)", entry_text(entry)));
        }
        fault
    }
}
