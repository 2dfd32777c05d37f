//! What ended a packet, made into a fault. Which of several faults is told is chosen in [`case`](super::case).

use super::case::{Case, Leg};
use super::cause::Cause;
use super::connections::{not_a_single_station, segment_name};
use super::evidence::{Evidence, Fact};
use super::fault::Fault;
use super::routes::{delete, route_fact};
use super::trail::{Attempt, Hop, Way};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::error::Errno;
use vethlab_shared::event::{DropReason, Event, EventKind, PacketId, Syscall};
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::view::{LinkFlags, LinkView, RouteKind};
use vethlab_shared::wire::{Frame, Payload, arp, icmp, ipv4};

/// What a link is like, as evidence.
pub(super) fn link_fact(namespace: &NamespaceName, link: &LinkView) -> Evidence {
    let fact = Fact::Link {
        link: link.name.clone(),
        up: link.has(LinkFlags::UP),
        carrier: link.has(LinkFlags::LOWER_UP),
        mtu: link.mtu,
        address: link.address,
        arp: !link.has(LinkFlags::NO_ARP),
    };
    Evidence { namespace: namespace.clone(), fact }
}

/// The source and destination, and the time to live, in a frame.
pub(super) fn addresses_of(frame: Frame<'_>) -> Option<(IpAddr, IpAddr, u8)> {
    let packet = frame.ipv4()?;
    Some((packet.source().into(), packet.destination().into(), packet.time_to_live()))
}

impl<'e> Leg<'e> {
    /// What it is called in a story.
    pub(super) fn name(&self) -> &'static str {
        match self.first_payload() {
            Some(Payload::Arp(arp)) if arp.operation() == arp::REQUEST => "ARP request",
            Some(Payload::Arp(_)) => "ARP reply",
            // What could not be made.
            _ if self.back && self.asks_for_connection() => "SYN-ACK",
            _ if let Some(flags) = self.segment_flags() => segment_name(flags),
            _ if self.back => "answer",
            _ if self.informs() => "ICMP error",
            _ => "request",
        }
    }

    /// Whether it is an ICMP message that nobody answers: an error, or a redirect (`icmp_pointers` in
    /// `net/ipv4/icmp.c`).
    pub(super) fn informs(&self) -> bool {
        let Some(Payload::Ipv4(packet)) = self.first_payload() else { return false };
        packet.icmp().is_some_and(|message| icmp::quotes(message.kind()))
    }

    fn first_payload(&self) -> Option<Payload<'e>> {
        let mut frames = self.life.hops.iter().flat_map(|hop| [&hop.input, &hop.output]).flatten();
        frames.next().map(|(_, frame)| frame.payload)
    }

    /// The loopback link that it left by though no entry led there, to come in again.
    pub(super) fn forced_round(&self) -> Option<&'e LinkName> {
        let [sender, receiver, ..] = self.life.hops.as_slice() else { return None };
        let ((left, _), (came, _)) = (sender.output.as_ref()?, receiver.input.as_ref()?);
        let round = sender.namespace == receiver.namespace && left == came;
        (round && sender.way.is_some_and(|way| way.taken().is_none())).then_some(*left)
    }

    /// Whether it left by a wire: by a link, and came in by another one.
    pub(super) fn crossed(&self) -> bool {
        let input = |hop: &Hop<'e>| hop.input.map(|(link, _)| link);
        let mut pairs = self.life.hops.windows(2);
        pairs.any(|pair| {
            pair[0].output.is_some_and(|(link, _)| {
                input(&pair[1]).is_some_and(|other| pair[0].namespace != pair[1].namespace || link != other)
            })
        })
    }

    /// Where it goes.
    pub(super) fn destination(&self) -> Option<IpAddr> {
        let way = self.life.hops.iter().find_map(|hop| hop.way.map(|way| way.destination));
        way.or_else(|| self.frame_addresses().map(|(_, destination, _)| destination))
    }

    /// Where it comes from.
    pub(super) fn source(&self) -> Option<IpAddr> {
        let frame = self.frame_addresses().map(|(source, _, _)| source);
        frame.or_else(|| self.life.hops.iter().find_map(|hop| hop.way.and_then(|way| way.source)))
    }

    fn frame_addresses(&self) -> Option<(IpAddr, IpAddr, u8)> {
        let frames = self.life.hops.iter().flat_map(|hop| [&hop.input, &hop.output]);
        frames.flatten().find_map(|(_, frame)| addresses_of(*frame))
    }
}

impl<'e> Case<'e, '_> {
    /// Why a packet was dropped.
    pub(super) fn dropped(&mut self, leg: &Leg<'e>) -> Option<Fault> {
        let super::trail::End::Dropped(reason) = leg.life.end else { return None };
        let hop = leg.life.place().clone();
        let here = hop.namespace;
        let came_in = hop.input.and_then(|(_, frame)| frame.ipv4());
        let came_in = came_in.map(|packet| (packet.protocol(), packet.time_to_live()));
        let protocol = came_in.map(|(protocol, _)| protocol);
        // A router drops what is too old with this reason, whether or not it can tell of it (`ip_forward`).
        let too_old =
            reason == DropReason::IpInHdr && came_in.is_some_and(|(_, time_to_live)| time_to_live <= 1);
        if reason == DropReason::NoSocket && protocol == Some(ipv4::protocol::ICMP) {
            // `ping` reads a copy; the answer itself ends like this (`ping_rcv`).
            return None;
        }
        let (event, packet) = (leg.life.last.number, leg.life.packet);
        let dropped = Fact::Dropped { event, packet, frame: None, reason };
        let refused = self.trails.events_of(packet).iter().find_map(|event| match event.kind {
            EventKind::NfHook { hook, accepted: false } => Some((event.number, hook)),
            _ => None,
        });
        let failed = hop.way.filter(|way| way.failed);
        let fault = if let Some((event, hook)) = refused {
            self.filtered(leg, &hop).seen(here, Fact::Filtered { event, hook })
        } else if reason == DropReason::NetfilterDrop {
            self.filtered(leg, &hop)
        } else if matches!(
            reason,
            DropReason::NeighFailed
                | DropReason::NeighQueueFull
                | DropReason::NeighDead
                | DropReason::NeighCreateFail
        ) {
            self.no_neighbour(leg, &hop)
        } else if reason == DropReason::QdiscDrop {
            self.not_ready(leg, here, hop.output_link())
        } else if (reason == DropReason::OtherHost || self.ended_on_bridge(&hop))
            && let Some(fault) = self.lost_on_bridges(leg)
        {
            fault
        } else if reason == DropReason::OtherHost {
            self.other_station(leg, &hop)
        } else if hop.output.is_some() {
            self.lost_on_wire(leg, &hop)
        } else if too_old {
            self.ran_out(leg, &hop)
        } else if reason == DropReason::PktTooBig {
            self.too_big(leg, &hop)
        } else if reason == DropReason::IpRpFilter {
            self.reverse_path(leg, &hop)
        } else if reason == DropReason::IpLocalSource {
            self.own_source(leg, &hop)
        } else if self.is_made_loopback(leg, &reason)
            && let Some(fault) = self.translated_to_loopback(leg, &hop)
        {
            fault
        } else if reason == DropReason::IpLocalnet
            && let Some(to) = leg.destination().filter(IpAddr::is_loopback)
        {
            loopback_from_outside(leg, &hop, to)
        } else if matches!(reason, DropReason::IpInvalidSource | DropReason::IpLocalnet) {
            self.bad_source(leg, &hop)
        } else if reason == DropReason::IpInvalidDest {
            bad_destination(leg, &hop)
        } else if reason == DropReason::IpInAddrErrors {
            self.not_forwarded(leg, &hop)
        } else if let Some(group) = leg.destination().filter(|to| to.is_multicast() && failed.is_some()) {
            // Tables are for single stations: such a packet is for who belongs to the group (`ip_route_input_rcu`).
            Fault::new(Cause::InvalidDestination, here).told(format!(
                "{group} means a group of stations, and {here} does not belong to it: it dropped the {}.",
                leg.name()
            ))
        } else if let Some(way) = failed {
            self.refused_or_missing(leg, here, &way)
        } else if let Some(fault) = self.sent_to_a_group(leg, &hop) {
            fault
        } else if reason == DropReason::DevReady {
            Fault::new(Cause::LinkDown, here).told(format!(
                "While the {} was on its way the link that it should come in by went down.",
                leg.name()
            ))
        } else if reason == DropReason::NoSocket && leg.back && leg.segment_flags().is_some() {
            return self.answer_from_elsewhere(leg);
        } else if reason == DropReason::NoSocket && (leg.back || self.was_read(packet)) {
            return None;
        } else if reason == DropReason::NoSocket && self.may_trace(leg) {
            Fault::new(Cause::PortUnreachable, here)
                .told(format!("{here} took it in, but no socket is open there at that port."))
        } else if reason == DropReason::NoSocket {
            self.nobody_listens(leg, &hop)
        } else if reason == DropReason::NotSpecified && leg.segment_flags().is_some() && !leg.back {
            self.not_taken_by_listener(leg, &hop)
        } else if reason == DropReason::FragReasmTimeout {
            Fault::new(Cause::NotWaitedFor, here)
                .told("It is a piece of a longer packet, and waited in vain for the other pieces.")
        } else {
            self.ignored(leg, &hop)
        };
        let fault = fault.seen(here, dropped);
        Some(self.through_nat(leg, fault))
    }

    /// Whether a socket was given a copy of a packet.
    fn was_read(&self, packet: PacketId) -> bool {
        let mut events = self.trails.events_of(packet).iter();
        events.any(|event| matches!(event.kind, EventKind::SockQueueRcvSkb { .. }))
    }

    /// The request was taken in, and no answer was made.
    pub(super) fn not_answered(&mut self, leg: &Leg<'e>) -> Option<Fault> {
        let here = leg.life.place().namespace;
        if let Some(fault) = self.came_round(leg) {
            return Some(fault);
        }
        let way = self.trails.answering_way(leg.life.packet);
        if let Some(way) = way.filter(|way| way.failed) {
            let fault = self.refused_or_missing(&Leg { back: true, ..leg.clone() }, here, &way);
            return Some(self.answer_through_nat(&leg.life, leg, fault));
        }
        let fault = self.too_many(leg, here).or_else(|| self.too_narrow(here, &way?, "an answer"));
        Some(fault.unwrap_or_else(|| self.ignored(leg, &leg.life.place().clone())))
    }

    /// It was not answered because of the limits on ICMP messages (`icmp_reply`).
    fn too_many(&mut self, leg: &Leg<'e>, here: &NamespaceName) -> Option<Fault> {
        let (event, to) = self.trails.answer_refused(leg.life.packet)?;
        let name = "net.ipv4.icmp_ratemask";
        let mask = self.network.sysctl(here, name)?;
        let seen = Fact::Sysctl { name: name.to_owned(), value: mask.to_string() };
        let fault = Fault::new(Cause::EchoLimited, here)
            .seen(here, Fact::RateLimited { event: event.number, to })
            .seen(here, seen)
            .told(format!(
                "The request is for {here} and arrived whole, but {here} had answered {to} so often just before that it \
                 stayed silent (icmpv4_xrlim_allow): bit 1 of {name}, which is {mask}, puts a limit on echo replies."
            ));
        Some(fault.mended_by(here, format!("sysctl -w {name}={}", mask & !1)))
    }

    /// It was forced out by a loopback link that no entry leads to: what leaves there comes in again, and is taken in
    /// whoever it is for (`__mkroute_output` makes such a way a local one).
    pub(super) fn came_round(&mut self, leg: &Leg<'e>) -> Option<Fault> {
        let (link, to) = (leg.forced_round()?, leg.destination()?);
        let here = leg.life.place().namespace;
        if self.network.has(here, to) {
            return None;
        }
        let fault = Fault::new(Cause::InvalidDestination, here).told(format!(
            "The {} was to leave by {link}, whatever the routes say. What leaves by {link} comes back to {here}, and \
             {to} is no address of {here}: there was nobody to answer.",
            leg.name()
        ));
        let fault = match self.network.link(here, link) {
            Some(link) => fault.seen_all([link_fact(here, &link)]),
            None => fault,
        };
        Some(if self.network.leads(here, to) {
            fault
                .told(format!("Without that link named, the routes of {here} lead to {to}."))
                .mended_by(here, format!("ping -c 1 {to}"))
        } else {
            fault
        })
    }

    /// The answer was there, but the socket that asked did not get it.
    pub(super) fn not_taken(&mut self, attempt: &Attempt<'e>, here: &NamespaceName) -> Fault {
        Fault::new(Cause::AnswerNotTaken, attempt.namespace).told(format!(
            "The answer came back to {here}, but not to the link or the address that the program listens at, so \
             the program never saw it."
        ))
    }

    /// The packet has not ended: it waits for a neighbour, or time ran out.
    pub(super) fn still_open(&mut self, leg: &Leg<'e>) -> Fault {
        let fault = self.waits(leg);
        self.through_nat(leg, fault)
    }

    fn waits(&mut self, leg: &Leg<'e>) -> Fault {
        if self.unfinished {
            return self.under_way(leg);
        }
        let hop = leg.life.place().clone();
        let waits = hop.output.is_none() && hop.way.is_some_and(|way| !way.failed && way.output.is_some());
        if waits && self.trails.events_of(leg.life.packet).len() > 1 {
            let asked = hop.way.map(|way| way.next_hop());
            if asked.is_some_and(|asked| !self.trails.arp_about(hop.namespace, asked).is_empty()) {
                return self.no_neighbour(leg, &hop);
            }
        }
        Fault::new(Cause::NotWaitedFor, hop.namespace).told(format!(
            "The {} was still on its way when the program ended, so nobody knows what would have become of it.",
            leg.name()
        ))
    }

    /// Time stands still while the packet is on its way.
    pub(super) fn under_way(&mut self, leg: &Leg<'e>) -> Fault {
        let hop = leg.life.place();
        let (here, what) = (hop.namespace, leg.name());
        let next = hop.way.filter(|way| !way.failed).map(|way| way.next_hop());
        let asked = next.filter(|next| !self.trails.arp_about(here, *next).is_empty());
        let place = match (&hop.output, asked) {
            (Some((link, _)), _) => format!("the {what} is on the wire that begins at {link} in {here}"),
            (None, Some(asked)) => format!("the {what} waits in {here} until {asked} has answered to ARP"),
            (None, None) => format!("the {what} is in {here}"),
        };
        Fault::new(Cause::UnderWay, here)
            .told(format!("It is still on its way: at this moment {place}."))
            .told(super::case::ON)
    }

    /// Nothing was made of what a process asked for.
    pub(super) fn not_sent(&mut self, attempt: &Attempt<'e>) -> Fault {
        let here = attempt.namespace;
        if let Some(fault) = self.loopback_down(attempt) {
            return match &attempt.refused {
                Some(event) => fault.seen_all(refusal(event)).told("So nothing was sent."),
                None => fault,
            };
        }
        if self.unfinished && attempt.refused.is_none() {
            return Fault::new(Cause::UnderWay, here)
                .told(format!("At this moment {here} is about to make a packet of it."))
                .told(super::case::ON);
        }
        let Some(event) = attempt.refused else {
            return Fault::new(Cause::Unexplained, here).told(format!("{here} sent nothing."));
        };
        let &EventKind::SysExit { call, errno, address, .. } = &event.kind else {
            return Fault::new(Cause::Unexplained, here);
        };
        let kind = attempt.way.and_then(|way| way.taken()).map(|entry| entry.kind);
        let fault = match (errno, attempt.way) {
            _ if call == Syscall::Bind => {
                let fault = Fault::new(Cause::InvalidSource, here).told(format!(
                    "A program in {here} wanted to send from {address}, which is no address of {here}: '{errno}'. \
                     Nothing was sent."
                ));
                let sending = self.invocation.and_then(|invocation| invocation.sending());
                match sending.and_then(|sending| sending.destination) {
                    Some(to) => fault.mended_by(here, format!("ping -c 1 {to}")),
                    None => fault,
                }
            }
            (Errno::EMSGSIZE, way) => self.too_long_to_send(attempt, way.as_ref()),
            (Errno::EACCES, _) if kind != Some(RouteKind::Prohibit) => {
                let again = format!("ping -c 1 -b {}", attempt.destination);
                Fault::new(Cause::BroadcastRefused, here)
                    .told(format!(
                        "{} is a broadcast address: it means every station of the network. {here} sends to it only \
                         for a program that says so.",
                        attempt.destination
                    ))
                    .mended_by(here, again)
            }
            // An entry was found, but not for such a source (`__mkroute_output`).
            (Errno::EINVAL, Some(way)) if kind == Some(RouteKind::Unicast) => source_refused(here, &way),
            (_, Some(way)) if way.failed && (kind.is_some() || errno == Errno::ENETUNREACH) => {
                if let Some(link) = self.bound_link(here).filter(|link| !link.has(LinkFlags::UP)) {
                    self.link_is_down(here, &link, "request")
                } else if way.considered.is_empty()
                    && way.source.is_some_and(|own| !self.network.has(here, own))
                {
                    invalid_source(here)
                } else {
                    self.missing_at_sender(attempt, &way)
                }
            }
            (Errno::EINVAL, _) => invalid_source(here),
            (Errno::ENETUNREACH, Some(way))
                if let Some(fault) = self.too_narrow(here, &way, "the request") =>
            {
                fault
            }
            (Errno::ENETUNREACH, _) if kind == Some(RouteKind::Broadcast) || address.is_multicast() => {
                not_a_single_station(here, address)
            }
            _ => Fault::new(Cause::Unexplained, here)
                .told(format!("{here} refused to send it: '{errno}'. Nothing was sent.")),
        };
        fault.seen_all(refusal(event))
    }

    /// It is for a loopback address, and the loopback link is down. Its address and the routes to it come when it is set
    /// up for the first time (`inetdev_event`): until then the other entries of the table decide, and lead out.
    pub(super) fn loopback_down(&mut self, attempt: &Attempt<'e>) -> Option<Fault> {
        let (here, to) = (attempt.namespace, attempt.destination);
        let bound = self.bound_link(here).is_some_and(|link| !link.has(LinkFlags::LOOPBACK));
        if !to.is_loopback() || attempt.binds() || bound {
            return None;
        }
        let links = &self.network.place(here)?.links;
        let lo = links.iter().find(|link| link.has(LinkFlags::LOOPBACK))?.clone();
        let own = self.network.addresses(here, lo.index);
        if lo.has(LinkFlags::UP) || own.iter().any(|own| own.local.is_loopback()) {
            return None;
        }
        let fault = Fault::new(Cause::LinkDown, here).seen_all([link_fact(here, &lo)]).told(format!(
            "{to} is a loopback address: it means {here} itself, and is reached by {0}. But {0} was never set up in \
             {here}. Its address 127.0.0.1/8 and the route to it come when it is.",
            lo.name
        ));
        Some(fault.mended_by(here, format!("ip link set {} up", lo.name)))
    }

    /// The link that the command binds its socket to.
    pub(super) fn bound_link(&self, namespace: &NamespaceName) -> Option<LinkView> {
        self.network.link(namespace, self.invocation?.sending()?.link.as_ref()?)
    }

    /// It arrived, and nothing came of it.
    pub(super) fn ignored(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let name = "net.ipv4.icmp_echo_ignore_all";
        let set = |case: &mut Self, name: &str| case.network.sysctl(here, name).filter(|value| *value != 0);
        let taken = hop.way.and_then(|way| way.taken()).map(|entry| entry.kind);
        if let Some(value) = set(self, name).filter(|_| !leg.back) {
            return ignores_echo(here, name, value);
        }
        let name = "net.ipv4.icmp_echo_ignore_broadcasts";
        let to_all = taken == Some(RouteKind::Broadcast)
            || leg.destination().is_some_and(|to| to == Ipv4Addr::BROADCAST || to.is_multicast());
        match set(self, name).filter(|_| to_all && !leg.back) {
            Some(value) => ignores_echo(here, name, value),
            None => Fault::new(Cause::Unexplained, here)
                .told(format!("The {} ended in {here}, and no closer reason was given.", leg.name())),
        }
    }
}

/// A system call that was refused, as evidence.
fn refusal(event: &Event) -> Option<Evidence> {
    let &EventKind::SysExit { call, errno, .. } = &event.kind else { return None };
    let fact = Fact::Refused { event: event.number, call, errno };
    Some(Evidence { namespace: event.namespace.clone(), fact })
}

fn ignores_echo(here: &NamespaceName, name: &str, value: i64) -> Fault {
    let all = name.ends_with("all");
    let what = if all { "every echo request" } else { "echo requests to broadcast addresses" };
    Fault::new(Cause::EchoIgnored, here)
        .seen(here, Fact::Sysctl { name: name.to_owned(), value: value.to_string() })
        .told(format!(
            "The request is for {here} and arrived whole, but {here} is set to ignore {what}: {name} is {value}. It \
             stayed silent."
        ))
        .mended_by(here, format!("sysctl -w {name}=0"))
}

fn invalid_source(here: &NamespaceName) -> Fault {
    Fault::new(Cause::InvalidSource, here)
        .told(format!("{here} may not use that source address in this way. Nothing was sent."))
}

/// A way was found, but none for that source (`__mkroute_output`).
fn source_refused(here: &NamespaceName, way: &Way<'_>) -> Fault {
    let fault = match way.source {
        Some(source) if source.is_loopback() => Fault::new(Cause::InvalidSource, here).told(format!(
            "The source address was to be {source}. A loopback address means the machine itself, and may not leave it: \
             nobody else could answer to it. Nothing was sent."
        )),
        _ => invalid_source(here),
    };
    fault.seen_all(way.taken().map(|entry| route_fact(way, entry)))
}

/// A loopback address came in from outside (`ip_route_input_slow`).
fn loopback_from_outside(leg: &Leg<'_>, hop: &Hop<'_>, to: IpAddr) -> Fault {
    let (here, what) = (hop.namespace, leg.name());
    let fault = Fault::new(Cause::InvalidDestination, here).told(format!(
        "{here} dropped the {what} because of where it goes, {to}: a loopback address means the machine itself, and \
         nothing that came in from outside may go to one."
    ));
    // The entry that took it out for such an address.
    let sender = &leg.life.hops[0];
    let led = sender.way.and_then(|way| Some((way, way.taken()?)));
    match led.filter(|(_, entry)| entry.prefix.address().is_loopback()) {
        Some((way, entry)) => {
            fault.seen_all([route_fact(&way, entry)]).mended_by(sender.namespace, delete(entry))
        }
        None => fault,
    }
}

fn bad_destination(leg: &Leg<'_>, hop: &Hop<'_>) -> Fault {
    let here = hop.namespace;
    let to = leg.destination().map_or_else(String::new, |to| format!(" {to}"));
    Fault::new(Cause::InvalidDestination, here)
        .told(format!("{here} cannot pass on what is for{to}: it is no address of a single station there."))
}

impl<'e> Hop<'e> {
    /// The link that it left by, or was to leave by.
    pub(super) fn output_link(&self) -> Option<&'e LinkName> {
        self.output.as_ref().map(|(link, _)| *link).or_else(|| self.way.and_then(|way| way.output))
    }
}
