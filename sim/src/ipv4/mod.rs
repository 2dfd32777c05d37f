//! IPv4 (`net/ipv4/ip_*.c`, `icmp.c`): the way of a packet from the door in, to a socket or the door out.
//!
//! Packets are bytes that are edited in place; nothing here takes one apart into a tree.

mod ask;
mod forward;
mod fragment;
mod icmp;
mod input;
mod output;
mod redirect;
pub(crate) mod route;

pub(crate) use fragment::Reassembly;
pub(crate) use icmp::RateLimits;
pub(crate) use output::Outgoing;

use crate::device::KeptRoute;
use std::net::Ipv4Addr;
use vethlab_shared::wire::internet_checksum;

/// The route that a looped-back packet keeps, for packets that may end up on loopback.
pub(crate) type Kept = Option<KeptRoute>;

/// Length of an IPv4 header without options, in bytes. Nothing here sends options.
pub(crate) const IPV4_HEADER: usize = 20;
/// Protocol number of ICMP.
pub(crate) const PROTOCOL_ICMP: u8 = 1;
/// Protocol number of UDP.
pub(crate) const PROTOCOL_UDP: u8 = 17;

/// Flag "don't fragment" in the fragment field (`IP_DF`).
const DONT_FRAGMENT: u16 = 0x4000;
/// Flag "more fragments" (`IP_MF`).
const MORE_FRAGMENTS: u16 = 0x2000;
/// The fragment offset, in units of 8 bytes (`IP_OFFSET`).
const OFFSET: u16 = 0x1fff;

/// The header of an IPv4 packet that has no options.
#[derive(Clone, Copy)]
pub(crate) struct Ipv4Header<'a>(&'a [u8; IPV4_HEADER]);

impl<'a> Ipv4Header<'a> {
    /// The header of a packet; `None` where it has options, or is none.
    #[inline]
    pub(crate) fn of(packet: &'a [u8]) -> Option<Ipv4Header<'a>> {
        /// Version 4, five words.
        const PLAIN: u8 = 0x45;
        packet.first_chunk().filter(|header| header[0] == PLAIN).map(Ipv4Header)
    }

    #[inline]
    pub(crate) fn tos(self) -> u8 {
        self.0[1]
    }

    #[inline]
    pub(crate) fn ttl(self) -> u8 {
        self.0[8]
    }

    /// Length of the packet as the header has it, in bytes.
    #[inline]
    pub(crate) fn total_length(self) -> usize {
        usize::from(u16_at(self.0, 2))
    }

    #[inline]
    pub(crate) fn source(self) -> Ipv4Addr {
        address_at(self.0, 12)
    }

    #[inline]
    pub(crate) fn destination(self) -> Ipv4Addr {
        address_at(self.0, 16)
    }

    /// Whether its checksum is right, and the packet no shorter than its header.
    #[inline]
    pub(crate) fn is_intact(self) -> bool {
        internet_checksum(self.0) == 0 && self.total_length() >= IPV4_HEADER
    }
}

/// The number in network byte order at a place.
#[inline]
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

#[inline]
fn address_at(bytes: &[u8], at: usize) -> Ipv4Addr {
    Ipv4Addr::new(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])
}

/// Length of the header in bytes, options counted.
#[inline]
pub(crate) fn header_length(packet: &[u8]) -> usize {
    usize::from(packet[0] & 0xf) * 4
}

#[inline]
fn tos_of(packet: &[u8]) -> u8 {
    packet[1]
}

#[inline]
fn ttl_of(packet: &[u8]) -> u8 {
    packet[8]
}

#[inline]
fn protocol_of(packet: &[u8]) -> u8 {
    packet[9]
}

/// Which queue a packet is in, by its type of service (`rt_tos2priority`, `ip_tos2prio`).
fn priority_of(packet: &[u8]) -> u32 {
    const BEST_EFFORT: u32 = 0;
    const BULK: u32 = 2;
    const INTERACTIVE_BULK: u32 = 4;
    const INTERACTIVE: u32 = 6;
    match tos_of(packet) >> 2 & 0x7 {
        2 | 3 => BULK,
        4 | 5 => INTERACTIVE,
        6 | 7 => INTERACTIVE_BULK,
        _ => BEST_EFFORT,
    }
}

#[inline]
fn fragment_field(packet: &[u8]) -> u16 {
    u16_at(packet, 6)
}

/// The source address of a packet that has a whole header.
#[inline]
pub(crate) fn source_of(packet: &[u8]) -> Ipv4Addr {
    address_at(packet, 12)
}

/// The destination address of a packet that has a whole header.
#[inline]
pub(crate) fn destination_of(packet: &[u8]) -> Ipv4Addr {
    address_at(packet, 16)
}

/// Makes the header's checksum right (`ip_send_check`).
pub(crate) fn set_checksum(packet: &mut [u8]) {
    packet[10..12].fill(0);
    let sum = internet_checksum(&packet[..header_length(packet)]);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
}

/// Takes one hop off the time to live, and mends the checksum by that much (RFC 1624, `ip_decrease_ttl`).
#[inline]
pub(crate) fn decrease_ttl(packet: &mut [u8]) {
    let sum = u32::from(u16_at(packet, 10)) + 0x0100;
    let folded = (sum + u32::from(sum >= 0xffff)) as u16;
    packet[10..12].copy_from_slice(&folded.to_be_bytes());
    packet[8] -= 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_stays_right_hop_by_hop() {
        for (id, ttl) in [(0u16, 64u8), (0xffff, 255), (0xb1e6, 2), (0x1234, 128)] {
            let header = etherparse::Ipv4Header {
                identification: id,
                ..etherparse::Ipv4Header::new(
                    8,
                    ttl,
                    etherparse::IpNumber::ICMP,
                    [10, 0, 0, 1],
                    [10, 0, 0, 2],
                )
                .expect("a small packet")
            };
            let mut packet = header.to_bytes().to_vec();
            set_checksum(&mut packet);
            while ttl_of(&packet) > 1 {
                decrease_ttl(&mut packet);
                assert_eq!(internet_checksum(&packet), 0, "ttl {}", ttl_of(&packet));
            }
        }
    }
}
