//! IPv4 (`net/ipv4/ip_*.c`, `icmp.c`): the way of a packet from the door in, to a socket or the door out.
//!
//! Packets are bytes that are edited in place; nothing here takes one apart into a tree.

mod ask;
mod forward;
mod fragment;
mod icmp;
mod igmp;
mod input;
mod output;
mod rate_limits;
mod redirect;
pub(crate) mod route;

pub(crate) use fragment::Reassembly;
pub(crate) use igmp::Report;
pub(crate) use output::{Outgoing, Segments};
pub(crate) use rate_limits::RateLimits;

use crate::device::KeptRoute;
use std::net::Ipv4Addr;
use vethlab_shared::wire::Ipv4;

/// The route that a looped-back packet keeps, for packets that may end up on loopback.
pub(crate) type Kept = Option<KeptRoute>;

/// Length of the header in bytes, options counted.
#[inline]
pub(crate) fn header_length(packet: &[u8]) -> usize {
    Ipv4::new_unchecked(packet).header_length()
}

#[inline]
pub(crate) fn tos_of(packet: &[u8]) -> u8 {
    Ipv4::new_unchecked(packet).tos()
}

#[inline]
pub(crate) fn ttl_of(packet: &[u8]) -> u8 {
    Ipv4::new_unchecked(packet).time_to_live()
}

#[inline]
pub(crate) fn protocol_of(packet: &[u8]) -> u8 {
    Ipv4::new_unchecked(packet).protocol()
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
    Ipv4::new_unchecked(packet).fragment_field()
}

/// The source address of a packet that has a whole header.
#[inline]
pub(crate) fn source_of(packet: &[u8]) -> Ipv4Addr {
    Ipv4::new_unchecked(packet).source()
}

/// The destination address of a packet that has a whole header.
#[inline]
pub(crate) fn destination_of(packet: &[u8]) -> Ipv4Addr {
    Ipv4::new_unchecked(packet).destination()
}
