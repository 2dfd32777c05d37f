//! Telling the sender that a packet was refused (`net/ipv4/netfilter/nf_reject_ipv4.c`).

use crate::hook::Context;
use crate::id::NamespaceId;
use crate::packet::{Buffer, Packet};
use crate::world::World;
use vethlab_shared::netfilter::{Reject, RejectWith};
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::tcp::{self, flag};
use vethlab_shared::wire::{Ipv4, Tcp, checksum, ipv4};

/// What `REJECT` of `iptables` answers with (`reject_tg`).
pub(super) fn answer(with: RejectWith) -> Reject {
    match with {
        RejectWith::NetUnreachable => Reject::Icmp(0),
        RejectWith::HostUnreachable => Reject::Icmp(1),
        RejectWith::ProtoUnreachable => Reject::Icmp(2),
        RejectWith::PortUnreachable => Reject::Icmp(3),
        RejectWith::NetProhibited => Reject::Icmp(9),
        RejectWith::HostProhibited => Reject::Icmp(10),
        RejectWith::AdminProhibited => Reject::Icmp(13),
        RejectWith::TcpReset => Reject::TcpReset,
    }
}

impl World {
    /// Tells the sender of a packet that it ends here.
    pub(crate) fn reject(&mut self, context: &Context, packet: &Packet, with: Reject) {
        match with {
            Reject::Icmp(code) | Reject::Icmpx(code) => self.reject_by_icmp(context, packet, code),
            Reject::TcpReset => self.reject_by_reset(context.namespace, packet),
        }
    }

    /// `nf_send_unreach`: where the packet was for this machine, the error comes from the very address that it was for.
    fn reject_by_icmp(&mut self, context: &Context, packet: &Packet, code: u8) {
        let own = Ipv4::new_unchecked(packet.network()).destination();
        let kind = self.net(context.namespace).address_type(own);
        let to_many = context.input.is_some() && packet.buffer.destination().is_multicast();
        if to_many || matches!(kind, RouteKind::Broadcast | RouteKind::Multicast) {
            return;
        }
        let source = (kind == RouteKind::Local).then_some(own);
        self.icmp_rejected(context.namespace, packet, source, code);
    }

    /// `nf_send_reset`: the answer that nobody listens there.
    fn reject_by_reset(&mut self, at: NamespaceId, refused: &Packet) {
        let header = Ipv4::new_unchecked(refused.network());
        let to_many = self.net(at).address_type(header.destination());
        let Some(segment) = Tcp::new(refused.transport()).filter(|_| header.fragment_offset() == 0) else {
            return;
        };
        let many = matches!(to_many, RouteKind::Broadcast | RouteKind::Multicast);
        if many || segment.flags() & flag::RST != 0 {
            return;
        }
        let (source, destination) = (header.destination(), header.source());
        let mut buffer = Buffer::of(&[&reset(segment)]);
        // Only the pseudo header is summed up: the rest is left to a device (`CHECKSUM_PARTIAL`).
        let length = tcp::HEADER_LENGTH as u16;
        let pseudo = checksum::pseudo_header(source, destination, ipv4::protocol::TCP, length);
        let sum = !checksum::internet_checksum(&pseudo);
        buffer.transport_mut()[tcp::field::CHECKSUM].copy_from_slice(&sum.to_be_bytes());
        ipv4::Header {
            tos: 0,
            total_length: length + ipv4::HEADER_LENGTH as u16,
            identification: 0,
            fragment: ipv4::DONT_FRAGMENT,
            time_to_live: self.default_ttl(at),
            protocol: ipv4::protocol::TCP,
            source,
            destination,
        }
        .write(buffer.push_network(ipv4::HEADER_LENGTH));
        let connection = self.related_to(at, refused);
        let id = self.new_packet_id(at, Some(refused.id));
        let packet = Packet { checksum_partial: true, connection, ..Packet::new(id, buffer) };
        self.ip_send_answer(at, packet);
    }
}

/// The header of the reset that answers a segment (`nf_reject_ip_tcphdr_put`).
fn reset(segment: Tcp<'_>) -> [u8; tcp::HEADER_LENGTH] {
    let flags = segment.flags();
    let (sequence, acknowledgement, answer) = match flags & flag::ACK {
        0 => {
            let marks = u32::from(flags & flag::SYN != 0) + u32::from(flags & flag::FIN != 0);
            let end = segment.sequence().wrapping_add(segment.data().len() as u32 + marks);
            (0, end, flag::RST | flag::ACK)
        }
        _ => (segment.acknowledgement(), 0, flag::RST),
    };
    let mut header = [0; tcp::HEADER_LENGTH];
    header[tcp::field::SOURCE].copy_from_slice(&segment.destination().to_be_bytes());
    header[tcp::field::DESTINATION].copy_from_slice(&segment.source().to_be_bytes());
    header[tcp::field::SEQUENCE].copy_from_slice(&u32::to_be_bytes(sequence));
    header[tcp::field::ACKNOWLEDGEMENT].copy_from_slice(&acknowledgement.to_be_bytes());
    header[tcp::field::DATA_OFFSET].copy_from_slice(&[(tcp::HEADER_LENGTH as u8 / 4) << 4]);
    header[tcp::field::FLAGS].copy_from_slice(&[answer]);
    header
}
