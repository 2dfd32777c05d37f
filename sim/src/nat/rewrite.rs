//! Writing other addresses and ports into packets (`net/netfilter/nf_nat_proto.c`).

use crate::conntrack::Tuple;
use crate::packet::Packet;
use vethlab_shared::wire::checksum::{update, update_long};
use vethlab_shared::wire::icmp::HEADER_LENGTH as ICMP_HEADER;
use vethlab_shared::wire::ipv4::{self, protocol};
use vethlab_shared::wire::{Ipv4, icmp, tcp, udp};

/// Which end of a packet is translated (`enum nf_nat_manip_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Source,
    Destination,
}

impl End {
    fn opposite(self) -> End {
        match self {
            End::Source => End::Destination,
            End::Destination => End::Source,
        }
    }
}

/// Writes one end of the tuple into a packet.
pub(super) fn packet(packet: &mut Packet, end: End, target: &Tuple) {
    let partial = packet.checksum_partial;
    bytes(packet.buffer.network_mut(), partial, end, target);
}

/// Writes one end of the tuple into the packet that an ICMP error quotes, the other end of it, and into the error's own header
/// (`nf_nat_icmp_reply_translation`).
pub(super) fn error(packet: &mut Packet, end: End, quoted: &Tuple, outer: &Tuple) {
    let message = packet.buffer.transport_mut();
    bytes(&mut message[ICMP_HEADER..], false, end.opposite(), quoted);
    let view = vethlab_shared::wire::Icmp::new_unchecked(message);
    let (kind, code, rest) = (view.kind(), view.code(), view.rest());
    icmp::write(message, kind, code, rest);
    address(packet.buffer.network_mut(), end, outer);
}

fn bytes(packet: &mut [u8], partial: bool, end: End, target: &Tuple) {
    let Some(header) = Ipv4::new(packet) else { return };
    let (length, number, later) = (header.header_length(), header.protocol(), header.fragment_offset() != 0);
    let old = match end {
        End::Source => header.source(),
        End::Destination => header.destination(),
    };
    address(packet, end, target);
    let (new, payload) = match end {
        End::Source => (target.source, &mut packet[length..]),
        End::Destination => (target.destination, &mut packet[length..]),
    };
    if later {
        return;
    }
    match number {
        protocol::ICMP if payload.len() >= ICMP_HEADER => {
            // The identifier is the same in both directions; there is no pseudo header.
            let at = icmp::field::IDENTIFIER;
            let changed = replace(payload, at, target.from);
            mend(payload, icmp::field::CHECKSUM, |sum| update(sum, changed, target.from));
        }
        protocol::UDP | protocol::TCP => {
            let (at, port, sum_at, whole) = match (number, end) {
                (protocol::UDP, End::Source) => (udp::field::SOURCE, target.from, udp::field::CHECKSUM, 8),
                (protocol::UDP, End::Destination) => {
                    (udp::field::DESTINATION, target.to, udp::field::CHECKSUM, 8)
                }
                (_, End::Source) => (tcp::field::SOURCE, target.from, tcp::field::CHECKSUM, 20),
                (_, End::Destination) => (tcp::field::DESTINATION, target.to, tcp::field::CHECKSUM, 20),
            };
            if payload.len() < 4 {
                return;
            }
            let changed = replace(payload, at, port);
            // An inner header may be cut off before its checksum.
            if payload.len() < whole || number == protocol::UDP && !partial && payload[6..8] == [0, 0] {
                return;
            }
            let addresses = (old.to_bits(), new.to_bits());
            mend(payload, sum_at, |sum| match partial {
                // Only the pseudo header is summed up so far, and not complemented.
                true => !update_long(!sum, addresses.0, addresses.1),
                false => match update(update_long(sum, addresses.0, addresses.1), changed, port) {
                    0 if number == protocol::UDP => 0xffff,
                    sum => sum,
                },
            });
        }
        _ => {}
    }
}

fn address(packet: &mut [u8], end: End, target: &Tuple) {
    match end {
        End::Source => ipv4::set_source(packet, target.source),
        End::Destination => ipv4::set_destination(packet, target.destination),
    }
}

/// Writes a 16-bit field, and gives its old value.
fn replace(bytes: &mut [u8], at: std::ops::Range<usize>, value: u16) -> u16 {
    let field = &mut bytes[at];
    let old = u16::from_be_bytes([field[0], field[1]]);
    field.copy_from_slice(&value.to_be_bytes());
    old
}

fn mend(bytes: &mut [u8], at: std::ops::Range<usize>, sum: impl FnOnce(u16) -> u16) {
    let field = &mut bytes[at];
    let new = sum(u16::from_be_bytes([field[0], field[1]]));
    field.copy_from_slice(&new.to_be_bytes());
}
