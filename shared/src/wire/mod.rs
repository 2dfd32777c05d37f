//! The formats on the wire: where each field of a header stands, views that read it, and its checksum.
//!
//! This is the one place that knows the layout of a header. The simulator edits packets in place by it; tcpdump,
//! the dissector, `why` and the tests read by it. A format has a file, and in it:
//!
//! * `field`: which bytes each field stands in, counted from the start of the header. Whoever shows a packet that may
//!   be cut short reads field by field with these.
//! * a view (`Ipv4`, `Icmp`, …): a slice of bytes that is known to hold the whole header, so that reading it cannot
//!   fail. `new` checks that; `new_unchecked` is for bytes that were checked before, and panics where they are short.
//! * functions that edit a header in place.
//!
//! [`Frame`] is a whole Ethernet frame, as views of its layers.

pub mod arp;
pub mod checksum;
pub mod ethernet;
mod frame;
pub mod icmp;
pub mod igmp;
pub mod ipv4;
pub mod stp;
pub mod tcp;
pub mod udp;

pub use arp::Arp;
pub use checksum::internet_checksum;
pub use ethernet::Ethernet;
pub use frame::{Frame, Payload};
pub use icmp::Icmp;
pub use ipv4::Ipv4;
pub use tcp::Tcp;
pub use udp::Udp;

use crate::mac::MacAddress;
use std::net::Ipv4Addr;
use std::ops::Range;

/// The bytes that a field stands in, counted from the start of its header.
pub type Field = Range<usize>;

/// The bytes of a field of fixed size.
#[inline]
fn array<const N: usize>(bytes: &[u8], field: Field) -> [u8; N] {
    bytes[field].try_into().expect("a field as long as its type")
}

/// Writes a field of fixed size.
#[inline]
fn put<const N: usize>(bytes: &mut [u8], field: Field, value: [u8; N]) {
    let place: &mut [u8; N] = (&mut bytes[field]).try_into().expect("a field as long as its type");
    *place = value;
}

/// The number in network byte order that stands in a field of two bytes.
#[inline]
fn u16_in(bytes: &[u8], field: Field) -> u16 {
    u16::from_be_bytes(array(bytes, field))
}

/// The number in network byte order that stands in a field of four bytes.
#[inline]
fn u32_in(bytes: &[u8], field: Field) -> u32 {
    u32::from_be_bytes(array(bytes, field))
}

/// The IPv4 address that stands in a field.
#[inline]
fn address_in(bytes: &[u8], field: Field) -> Ipv4Addr {
    Ipv4Addr::from(array::<4>(bytes, field))
}

/// The Ethernet address that stands in a field.
#[inline]
fn mac_in(bytes: &[u8], field: Field) -> MacAddress {
    MacAddress(array(bytes, field))
}
