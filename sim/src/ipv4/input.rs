//! The way in: checks, routing, and what is for this machine (`net/ipv4/ip_input.c`).

use super::fragment::Defragmenter;
use super::route::{InputDecision, InputQuery};
use super::{Kept, destination_of, protocol_of, source_of, tos_of};
use crate::device::Delivery;
use crate::hook::{Context, Verdict};
use crate::receive::{Addressee, Incoming};
use crate::world::World;
use vethlab_shared::event::{DropReason, Hook};
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::Ipv4;
use vethlab_shared::wire::ipv4::{HEADER_LENGTH, protocol};

/// What a header says of lengths, in bytes.
struct Lengths {
    header: usize,
    packet: usize,
}

/// What is wrong with a packet's header, and what it says of lengths (`ip_rcv_core`).
fn check_header(packet: &[u8]) -> Result<Lengths, DropReason> {
    let view = Ipv4::new(packet).ok_or(DropReason::IpInHdr)?;
    if !view.checksum_ok() {
        return Err(DropReason::IpCsum);
    }
    let (header, length) = (view.header_length(), usize::from(view.total_length()));
    if packet.len() < length {
        return Err(DropReason::PktTooSmall);
    }
    if length < header { Err(DropReason::IpInHdr) } else { Ok(Lengths { header, packet: length }) }
}

impl World {
    /// Takes in an IPv4 packet (`ip_rcv`).
    pub(crate) fn ip_receive(&mut self, mut incoming: Incoming, kept: Kept) {
        let at = incoming.at;
        if incoming.addressee == Addressee::OtherHost {
            return self.drop_packet(at.namespace, incoming.packet.id, DropReason::OtherHost);
        }
        match check_header(incoming.packet.network()) {
            Ok(lengths) => {
                incoming.packet.buffer.trim(lengths.packet);
                incoming.packet.buffer.set_transport(lengths.header);
            }
            Err(reason) => return self.drop_packet(at.namespace, incoming.packet.id, reason),
        }
        // Where connections are tracked, all fragments are put together first (`ipv4_conntrack_defrag`).
        if self.net(at.namespace).hooks.defragments
            && incoming.packet.connection.is_none()
            && Ipv4::new_unchecked(incoming.packet.network()).is_fragment()
        {
            match self.reassemble(incoming, Defragmenter::ConntrackIn) {
                Some(whole) => incoming = whole,
                None => return,
            }
        }
        let context = Context {
            namespace: at.namespace,
            point: Hook::PreRouting,
            input: incoming.packet.input,
            output: None,
            next_hop: None,
            mtu: None,
        };
        let destination = destination_of(incoming.packet.network());
        if self.hook(context, &mut incoming.packet) != Verdict::Accept {
            return;
        }
        // What goes to another address now is routed anew (`nf_nat_ipv4_pre_routing`).
        let kept = kept.filter(|_| destination_of(incoming.packet.network()) == destination);
        match kept {
            Some(route) if route.local => self.ip_local_deliver(incoming, route.broadcast),
            Some(_) => self.drop_packet(at.namespace, incoming.packet.id, DropReason::NotSpecified),
            None => self.ip_receive_finish(incoming),
        }
    }

    /// Finds the way of a packet that came in by a wire (`ip_rcv_finish_core`).
    fn ip_receive_finish(&mut self, incoming: Incoming) {
        let at = incoming.at;
        let packet = incoming.packet.network();
        let (destination, source, tos) = (destination_of(packet), source_of(packet), tos_of(packet));
        if self.link(at).is_none_or(|link| link.inet.is_none()) {
            return self.drop_packet(at.namespace, incoming.packet.id, DropReason::NotSpecified);
        }
        let query = InputQuery { destination, source, input: at.index, tos };
        let lesson = self.flow_lesson(&incoming);
        let decision = self.route_input_told(at, &query, incoming.packet.id);
        match &decision {
            InputDecision::Local(route) => {
                self.ip_local_deliver(
                    incoming,
                    matches!(route.kind, RouteKind::Broadcast | RouteKind::Multicast),
                );
            }
            InputDecision::Forward(route) => self.ip_forward(incoming, route),
            InputDecision::Drop(reason) => self.drop_packet(at.namespace, incoming.packet.id, *reason),
            InputDecision::Unreachable { reason, icmp_code, .. } => {
                self.ip_error(&incoming, *reason, *icmp_code);
            }
        }
        if let Some(lesson) = lesson {
            self.flow_learn(lesson, &decision);
        }
    }

    /// A packet that routing refuses: its sender is told, where this machine is a router (`ip_error`).
    fn ip_error(&mut self, incoming: &Incoming, reason: DropReason, icmp_code: Option<u8>) {
        let namespace = incoming.at.namespace;
        if let Some(code) = icmp_code
            && self.icmp_route_error_allowed(incoming, code)
        {
            self.icmp_unreachable(incoming, code);
        }
        self.drop_packet(namespace, incoming.packet.id, reason);
    }

    /// A packet for this machine (`ip_local_deliver`): put together first, where it is a fragment.
    pub(super) fn ip_local_deliver(&mut self, incoming: Incoming, broadcast: bool) {
        let fragment = Ipv4::new_unchecked(incoming.packet.network()).is_fragment();
        if !fragment {
            return self.ip_local_deliver_finish(incoming, broadcast);
        }
        if let Some(whole) = self.reassemble(incoming, Defragmenter::LocalDeliver) {
            self.ip_local_deliver_finish(whole, broadcast);
        }
    }

    fn ip_local_deliver_finish(&mut self, mut incoming: Incoming, broadcast: bool) {
        let context = Context {
            namespace: incoming.at.namespace,
            point: Hook::LocalIn,
            input: incoming.packet.input,
            output: None,
            next_hop: None,
            mtu: None,
        };
        if self.hook(context, &mut incoming.packet) == Verdict::Accept {
            self.ip_protocol_deliver(incoming, broadcast);
        }
    }

    /// Takes in a packet that is known to be whole and for this machine ([`Arrival::Local`](crate::flow::Arrival)), where
    /// no hook is asked.
    pub(crate) fn ip_receive_local(&mut self, delivery: Delivery) {
        let Delivery { to: at, mut packet, .. } = delivery;
        packet.input = Some(at.index);
        packet.buffer.set_transport(HEADER_LENGTH);
        self.ip_protocol_deliver(Incoming { packet, at, addressee: Addressee::Host }, false);
    }

    /// Hands a packet to the sockets and to the protocol that it is of (`ip_protocol_deliver_rcu`).
    fn ip_protocol_deliver(&mut self, incoming: Incoming, broadcast: bool) {
        self.sockets_deliver(&incoming);
        match protocol_of(incoming.packet.network()) {
            protocol::ICMP => self.icmp_receive(incoming, broadcast),
            protocol::UDP => self.udp_receive(&incoming, broadcast),
            protocol::TCP => self.tcp_receive(&incoming),
            _ => self.protocol_unreachable(&incoming, broadcast),
        }
    }

    /// Nothing here speaks the packet's protocol (`ip_protocol_deliver_rcu`).
    fn protocol_unreachable(&mut self, incoming: &Incoming, broadcast: bool) {
        const PROTOCOL_UNREACHABLE: u8 = 2;
        if !broadcast {
            self.icmp_local_unreachable(incoming, PROTOCOL_UNREACHABLE);
        }
        self.drop_packet(incoming.at.namespace, incoming.packet.id, DropReason::IpNoProto);
    }
}
