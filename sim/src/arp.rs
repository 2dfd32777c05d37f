//! ARP (RFC 826, `net/ipv4/arp.c`): asking and answering.

use crate::fib::RouteSettings;
use crate::id::LinkId;
use crate::ipv4::route::{InputDecision, InputQuery, is_on_link};
use crate::link::Link;
use crate::neighbour::Update;
use crate::packet::{Buffer, Packet};
use crate::receive::{Addressee, Incoming};
use crate::sysctl::{Conf, Global};
use crate::transmit::Frame;
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::event::{self, ArpOutcome, Consumer, DropReason, EventKind, NeighbourCause, PacketId};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::view::{LinkFlags, NeighbourState, RouteKind, Scope};
use vethlab_shared::wire::Arp;
use vethlab_shared::wire::arp::{self, Message};

/// Reads a message about IPv4 addresses on Ethernet.
fn parse(bytes: &[u8]) -> Option<Message> {
    let arp = Arp::new(bytes)?;
    (arp.hardware_type() == arp::ETHERNET).then(|| arp.message())
}

/// Whether the sender only announces itself (`arp_is_garp`).
fn is_gratuitous(message: &Message) -> bool {
    message.sender == message.target
        && (message.operation != arp::REPLY || message.target_mac == message.sender_mac)
}

/// Whether a link has an address that is no farther than `scope`, and a subnet with that address in it, and with the
/// sender where there is one: that may be the subnet of another address (`confirm_addr_indev`).
fn confirms(
    settings: RouteSettings<'_>,
    link: &Link,
    own: Ipv4Addr,
    sender: Option<Ipv4Addr>,
    scope: Scope,
) -> bool {
    let farthest = if settings.routes_localnet(link.index) { Scope::LINK } else { Scope::HOST };
    let has =
        link.addresses().iter().any(|address| address.local == own && address.scope.min(farthest) <= scope);
    has && is_on_link(link, own, sender)
}

impl World {
    /// Asks for the owner of an address (`arp_solicit`): one station, or all. The sender's address is that
    /// of the packet that waits, if it is an own one; else one that the link has (`arp_announce` 0). `about` is the packet
    /// that waits, with its source.
    pub(crate) fn arp_solicit(
        &mut self,
        at: LinkId,
        target: Ipv4Addr,
        unicast: Option<MacAddress>,
        about: Option<(PacketId, Ipv4Addr)>,
    ) {
        let net = self.net(at.namespace);
        let (parent, waiting_source) = about.unzip();
        let own = waiting_source.filter(|&source| net.address_type(source) == RouteKind::Local);
        let sender = own.unwrap_or_else(|| net.select_address(at.index, Some(target), Scope::LINK));
        let message = |sender_mac| Message {
            operation: arp::REQUEST,
            sender_mac,
            sender,
            target_mac: MacAddress::ZERO,
            target,
        };
        self.arp_send(at, unicast.unwrap_or(MacAddress::BROADCAST), parent, message);
    }

    fn arp_send(
        &mut self,
        at: LinkId,
        to: MacAddress,
        parent: Option<PacketId>,
        message: impl FnOnce(MacAddress) -> Message,
    ) {
        let Some(link) = self.link(at) else { return };
        if link.flags.contains(LinkFlags::NO_ARP) {
            return;
        }
        let own = link.address;
        let id = self.new_packet_id(at.namespace, parent);
        let packet = Packet::new(id, Buffer::of(&[&message(own).to_bytes()]));
        debug_assert_eq!(packet.network().len(), arp::LENGTH);
        self.transmit(at, Frame::arp(packet, to, own), None);
    }

    /// Takes in an ARP message (`arp_rcv`, `arp_process`).
    pub(crate) fn arp_receive(&mut self, incoming: &Incoming) {
        let (at, id) = (incoming.at, incoming.packet.id);
        let Some(link) = self.link(at) else { return };
        let (attached, speaks) =
            (link.inet.is_some(), !link.flags.intersects(LinkFlags::NO_ARP | LinkFlags::LOOPBACK));
        // What is ignored by intent is no loss: the kernel takes care not to tell of it as a drop.
        if incoming.addressee != Addressee::OtherHost && speaks {
            let bytes = incoming.packet.network();
            if bytes.len() < arp::LENGTH {
                return self.drop_packet(at.namespace, id, DropReason::PktTooSmall);
            }
            let localnet = self.net(at.namespace).settings().either(at.index, Conf::RouteLocalnet);
            let sensible = |message: &Message| {
                matches!(message.operation, arp::REQUEST | arp::REPLY)
                    && !message.target.is_multicast()
                    && (localnet || !message.target.is_loopback())
            };
            let Some(message) = parse(bytes).filter(sensible).filter(|_| attached) else {
                return self.drop_packet(at.namespace, id, DropReason::NotSpecified);
            };
            self.arp_process(incoming, message);
        }
        self.tell(at.namespace, Some(id), || EventKind::ConsumeSkb { by: Consumer::Arp });
    }

    /// Decides what comes of a message, tells of it, and does it.
    fn arp_process(&mut self, incoming: &Incoming, message: Message) {
        let (at, id) = (incoming.at, incoming.packet.id);
        let outcome = self.arp_outcome(incoming, message);
        self.tell_arp(incoming, message, outcome);
        match outcome {
            // Duplicate address detection (RFC 5227): answer, learn nothing.
            ArpOutcome::Answered if message.sender.is_unspecified() => self.arp_reply(at, id, message),
            ArpOutcome::Answered => {
                if self.neigh_heard_request(at, message.sender, message.sender_mac) {
                    self.arp_reply(at, id, message);
                }
            }
            ArpOutcome::Heard => self.arp_heard(incoming, message),
            ArpOutcome::ArpIgnore | ArpOutcome::BadSender | ArpOutcome::NotForUs => {}
        }
    }

    /// What comes of a message. A request for an own address teaches who asked; any other message only what
    /// concerns neighbours that are in the table already.
    fn arp_outcome(&mut self, incoming: &Incoming, message: Message) -> ArpOutcome {
        let (at, id) = (incoming.at, incoming.packet.id);
        let mut otherwise = ArpOutcome::NotForUs;
        if message.operation == arp::REQUEST {
            let ours = if message.sender.is_unspecified() {
                self.net(at.namespace).address_type(message.target) == RouteKind::Local
            } else {
                let decision = self.arp_route(at, message, id);
                if matches!(decision, InputDecision::Drop(_)) {
                    otherwise = ArpOutcome::BadSender;
                }
                matches!(decision, InputDecision::Local(route) if route.kind == RouteKind::Local)
            };
            if ours {
                let answers = self.arp_answers(at, message);
                return if answers { ArpOutcome::Answered } else { ArpOutcome::ArpIgnore };
            }
        }
        let known = !message.sender.is_unspecified() && self.neigh_known(at, message.sender);
        if known { ArpOutcome::Heard } else { otherwise }
    }

    fn tell_arp(&mut self, incoming: &Incoming, message: Message, outcome: ArpOutcome) {
        let Message { sender, target, .. } = message;
        let operation = match message.operation {
            arp::REQUEST => event::ArpOperation::Request,
            _ => event::ArpOperation::Reply,
        };
        self.tell_at(incoming.at, Some(incoming.packet.id), |link| EventKind::ArpProcess {
            link,
            operation,
            sender,
            target,
            outcome,
        });
    }

    /// A message of a neighbour that is in the table.
    fn arp_heard(&mut self, incoming: &Incoming, message: Message) {
        let at = incoming.at;
        let to_us = incoming.addressee == Addressee::Host && message.operation == arp::REPLY;
        let update = Update {
            address: Some(message.sender_mac),
            state: if to_us { NeighbourState::REACHABLE } else { NeighbourState::STALE },
            overrides: self.neigh_unlocked(at, message.sender) || is_gratuitous(&message),
            administrator: false,
            cause: if message.operation == arp::REPLY {
                NeighbourCause::Reply
            } else {
                NeighbourCause::Request
            },
        };
        // An entry of the administrator's own does not listen to ARP.
        let _kept = self.neigh_update(at, message.sender, &update);
    }

    /// Routes a message as if its sender had sent a packet to its target: the weak host model answers for
    /// every own address, whichever link it is on, to every sender that is routed sensibly.
    fn arp_route(&mut self, at: LinkId, message: Message, id: PacketId) -> InputDecision {
        let (destination, source) = (message.target, message.sender);
        let query = InputQuery { destination, source, input: at.index, tos: 0 };
        self.route_input_told(at, &query, id)
    }

    /// Whether `arp_ignore` lets this request be answered (`arp_ignore()`).
    fn arp_answers(&self, at: LinkId, message: Message) -> bool {
        let net = self.net(at.namespace);
        let Some(link) = net.links.get(&at.index) else { return false };
        let sender = Some(message.sender).filter(|sender| !sender.is_unspecified());
        let confirms = |link, sender, scope| confirms(net.settings(), link, message.target, sender, scope);
        match net.settings().max(at.index, Conf::ArpIgnore) {
            1 => confirms(link, None, Scope::HOST),
            2 => confirms(link, sender, Scope::HOST),
            3 => net.links.values().any(|link| confirms(link, None, Scope::LINK)),
            8 => false,
            _ => true,
        }
    }

    fn arp_reply(&mut self, at: LinkId, request: PacketId, message: Message) {
        self.arp_send(at, message.sender_mac, Some(request), |own| Message {
            operation: arp::REPLY,
            sender_mac: own,
            sender: message.target,
            target_mac: message.sender_mac,
            target: message.sender,
        });
    }

    /// The time to live of what is made here.
    pub(crate) fn default_ttl(&self, at: crate::id::NamespaceId) -> u8 {
        u8::try_from(self.net(at).sysctls.global(Global::DefaultTtl)).unwrap_or(64)
    }
}
