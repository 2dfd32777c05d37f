//! Faults of a wire itself: an end is down, what is too long is lost on it, a frame comes to the wrong station.

use super::case::{Case, Leg};
use super::cause::Cause;
use super::evidence::Fact;
use super::fault::Fault;
use super::judge::link_fact;
use super::network::Port;
use super::trail::Hop;
use std::net::IpAddr;
use vethlab_shared::event::EventKind;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::view::{LinkFlags, LinkView, RouteKind};
use vethlab_shared::wire::{Frame, arp};

impl<'e> Case<'e, '_> {
    /// A link did not take the frame: it is down, or has no carrier.
    pub(super) fn not_ready(
        &mut self,
        leg: &Leg<'e>,
        here: &NamespaceName,
        name: Option<&LinkName>,
    ) -> Fault {
        let Some(link) = name.and_then(|name| self.network.link(here, name)) else {
            return Fault::new(Cause::LinkDown, here)
                .told(format!("The link that the {} should leave by took no frames.", leg.name()));
        };
        if !link.has(LinkFlags::UP) {
            return self.link_is_down(here, &link, leg.name());
        }
        let fault = Fault::new(Cause::NoCarrier, here).seen_all([link_fact(here, &link)]).told(format!(
            "The {} should leave {here} by {}. That link is up, but it had no carrier, so no frame could leave by it.",
            leg.name(),
            link.name
        ));
        self.far_end_down(fault, here, &link)
    }

    /// Tells that the other end of a link without carrier is down, if it is.
    pub(super) fn far_end_down(&mut self, fault: Fault, here: &NamespaceName, link: &LinkView) -> Fault {
        match self.network.peer(here, link).filter(|peer| !peer.link.has(LinkFlags::UP)) {
            Some(Port { namespace, link: end }) => fault
                .seen_all([link_fact(&namespace, &end)])
                .told(format!("The other end of the wire is {} in {namespace}, and it is down.", end.name))
                .mended_by(&namespace, format!("ip link set {} up", end.name)),
            None => fault,
        }
    }

    /// The frame left, and the far end of the wire did not take it.
    pub(super) fn lost_on_wire(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let here = hop.namespace;
        let Some(link) = hop.output_link().and_then(|name| self.network.link(here, name)) else {
            return Fault::new(Cause::Unexplained, here).told("It left by a link that is gone now.");
        };
        let Some(peer) = self.network.peer(here, &link) else {
            return Fault::new(Cause::Unexplained, here).told("It left, and never came in anywhere.");
        };
        if !peer.link.has(LinkFlags::UP) {
            return self.not_ready(leg, here, Some(&link.name));
        }
        let (far, end) = (&peer.namespace, &peer.link);
        Fault::new(Cause::MtuMismatch, far)
            .seen_all([link_fact(here, &link), link_fact(far, end)])
            .told(format!(
                "{here} sent the {} by {}, whose mtu is {}. The other end of that wire is {} in {far}, and its mtu is only \
                 {}: it threw the frame away because it is too long. A link cannot tell anybody, only a router can: so \
                 nobody was told.",
                leg.name(),
                link.name,
                link.mtu,
                end.name,
                end.mtu
            ))
            .mended_by(far, format!("ip link set {} mtu {}", end.name, link.mtu))
    }

    /// The frame came to a station that it was not addressed to.
    pub(super) fn other_station(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Fault {
        let far = hop.namespace;
        let Some(before) = leg.life.before().cloned() else {
            return Fault::new(Cause::WrongNeighbour, far)
                .told(format!("The frame was not addressed to {far}."));
        };
        let here = before.namespace;
        let asked = before.way.map(|way| way.next_hop());
        let sent_to = hop.input.map(|(_, frame)| frame.ethernet.destination());
        let (Some(asked), Some(sent_to), Some(name)) = (asked, sent_to, before.output_link()) else {
            return Fault::new(Cause::WrongNeighbour, here)
                .told(format!("The frame was not addressed to {far}."));
        };
        let answers = self.answers_for(here, asked);
        if answers.len() > 1 {
            let mut fault = Fault::new(Cause::DuplicateAddress, here).told(format!(
                "{here} asked who has {asked}, and got different answers: {}. The frame went to {sent_to}, which is the \
                 wrong station.",
                answers.iter().map(|(_, mac)| mac.to_string()).collect::<Vec<_>>().join(", ")
            ));
            for (event, address) in answers {
                fault = fault.seen(here, Fact::ArpReply { event, destination: asked, address });
            }
            return fault;
        }
        if let Some(link) = self.network.link(here, name).filter(|link| link.has(LinkFlags::NO_ARP)) {
            return Fault::new(Cause::WrongNeighbour, here)
                .seen_all([link_fact(here, &link)])
                .told(format!(
                    "{name} in {here} is set NOARP: nobody is asked by ARP who has {asked}, and what leaves by it bears \
                     the Ethernet address of {name} itself, {sent_to}. {far} saw that the frame is for another station, \
                     and dropped it."
                ))
                .mended_by(here, format!("ip link set {name} arp on"));
        }
        let end = hop.input.as_ref().and_then(|(link, _)| self.network.link(far, link));
        let mut fault =
            Fault::new(Cause::WrongNeighbour, here).seen_all([self.neighbour_fact(here, name, asked)]).told(format!(
                "The neighbour table of {here} says that {asked} has the Ethernet address {sent_to}, so the {} went there.",
                leg.name()
            ));
        if let Some(end) = end {
            fault = fault.seen_all([link_fact(far, &end)]).told(format!(
                "It came to {} in {far}, whose Ethernet address is {}. {far} saw that the frame is for another station, and \
                 dropped it.",
                end.name, end.address
            ));
        }
        fault.mended_by(here, format!("ip neigh del {asked} dev {name}"))
    }

    /// The frame was addressed to a group of stations, and a router passes on only what was addressed to itself
    /// (`ip_forward`).
    pub(super) fn sent_to_a_group(&mut self, leg: &Leg<'e>, hop: &Hop<'e>) -> Option<Fault> {
        let (_, frame) = hop.input.filter(|(_, frame)| frame.ethernet.destination().is_multicast())?;
        hop.way.filter(|way| way.taken().is_some_and(|entry| entry.kind == RouteKind::Unicast))?;
        let before = leg.life.before()?.clone();
        let (here, asked, name) = (before.namespace, before.way?.next_hop(), before.output_link()?);
        let fault =
            Fault::new(Cause::WrongNeighbour, here).seen_all([self.neighbour_fact(here, name, asked)]);
        Some(
            fault
                .told(format!(
                    "The neighbour table of {here} says that {asked} has the Ethernet address {}, which means many \
                     stations. A machine takes in what comes so, but {} passes on only what was sent to itself alone: it \
                     dropped the {}.",
                    frame.ethernet.destination(),
                    hop.namespace,
                    leg.name()
                ))
                .mended_by(here, format!("ip neigh del {asked} dev {name}")),
        )
    }

    /// The different Ethernet addresses that ARP replies gave for an address.
    pub(super) fn answers_for(&self, here: &NamespaceName, asked: IpAddr) -> Vec<(u64, MacAddress)> {
        let mut answers: Vec<(u64, MacAddress)> = Vec::new();
        for event in self.trails.events.iter().filter(|event| event.namespace == *here) {
            let EventKind::NetifReceiveSkb { frame, .. } = &event.kind else { continue };
            let Some(arp) = Frame::new(frame).and_then(Frame::arp) else { continue };
            let new = !answers.iter().any(|(_, known)| *known == arp.sender_mac());
            if arp.operation() == arp::REPLY && arp.sender() == asked && new {
                answers.push((event.number, arp.sender_mac()));
            }
        }
        answers
    }
}
