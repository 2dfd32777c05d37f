//! ARP for IPv4 over Ethernet (RFC 826).

use super::ethernet::ethertype;
use super::{Field, address_in, mac_in, u16_in};
use crate::mac::MacAddress;
use std::net::Ipv4Addr;

/// Length of a message in bytes (`arp_hdr_len`).
pub const LENGTH: usize = 28;
/// The hardware type of Ethernet (`ARPHRD_ETHER`).
pub const ETHERNET: u16 = 1;
/// The operation that asks (`ARPOP_REQUEST`).
pub const REQUEST: u16 = 1;
/// The operation that answers (`ARPOP_REPLY`).
pub const REPLY: u16 = 2;

/// Which bytes each field stands in, with addresses of 6 and 4 bytes.
pub mod field {
    use super::Field;
    /// Which kind of link the hardware addresses are of.
    pub const HARDWARE_TYPE: Field = 0..2;
    /// Which protocol the protocol addresses are of, as an `EtherType`.
    pub const PROTOCOL_TYPE: Field = 2..4;
    /// Length of a hardware address in bytes.
    pub const HARDWARE_LENGTH: Field = 4..5;
    /// Length of a protocol address in bytes.
    pub const PROTOCOL_LENGTH: Field = 5..6;
    /// 1 asks, 2 answers.
    pub const OPERATION: Field = 6..8;
    /// The sender's Ethernet address.
    pub const SENDER_MAC: Field = 8..14;
    /// The sender's IPv4 address.
    pub const SENDER: Field = 14..18;
    /// The target's Ethernet address; zero where it is asked for.
    pub const TARGET_MAC: Field = 18..24;
    /// The target's IPv4 address.
    pub const TARGET: Field = 24..28;
}

/// A whole ARP message whose addresses are Ethernet's and IPv4's by their lengths.
#[derive(Clone, Copy, Debug)]
pub struct Arp<'a>(&'a [u8]);

impl<'a> Arp<'a> {
    /// `None` where the bytes are shorter than the message, or where it is about addresses of another length or
    /// another protocol than IPv4.
    pub fn new(message: &'a [u8]) -> Option<Arp<'a>> {
        let arp = Arp(message.get(..LENGTH)?);
        let lengths = [message[field::HARDWARE_LENGTH.start], message[field::PROTOCOL_LENGTH.start]];
        (lengths == [6, 4] && u16_in(message, field::PROTOCOL_TYPE) == ethertype::IPV4).then_some(arp)
    }

    /// Which kind of link the hardware addresses are of: 1 is Ethernet.
    pub fn hardware_type(self) -> u16 {
        u16_in(self.0, field::HARDWARE_TYPE)
    }

    /// 1 asks, 2 answers.
    pub fn operation(self) -> u16 {
        u16_in(self.0, field::OPERATION)
    }

    /// The sender's Ethernet address.
    pub fn sender_mac(self) -> MacAddress {
        mac_in(self.0, field::SENDER_MAC)
    }

    /// The sender's IPv4 address.
    pub fn sender(self) -> Ipv4Addr {
        address_in(self.0, field::SENDER)
    }

    /// The target's Ethernet address; zero where it is asked for.
    pub fn target_mac(self) -> MacAddress {
        mac_in(self.0, field::TARGET_MAC)
    }

    /// The target's IPv4 address.
    pub fn target(self) -> Ipv4Addr {
        address_in(self.0, field::TARGET)
    }
}
