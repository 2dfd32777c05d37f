//! ARP for IPv4 over Ethernet (RFC 826).

use super::ethernet::ethertype;
use super::{Field, address_in, mac_in, put, u16_in};
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

/// What a message holds, to be written or kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// 1 asks, 2 answers.
    pub operation: u16,
    /// The sender's Ethernet address.
    pub sender_mac: MacAddress,
    /// The sender's IPv4 address.
    pub sender: Ipv4Addr,
    /// The target's Ethernet address; zero where it is asked for.
    pub target_mac: MacAddress,
    /// The target's IPv4 address.
    pub target: Ipv4Addr,
}

impl Message {
    /// The message as bytes, for IPv4 over Ethernet.
    #[inline]
    pub fn to_bytes(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        put(&mut bytes, field::HARDWARE_TYPE, ETHERNET.to_be_bytes());
        put(&mut bytes, field::PROTOCOL_TYPE, ethertype::IPV4.to_be_bytes());
        bytes[field::HARDWARE_LENGTH.start] = field::SENDER_MAC.len() as u8;
        bytes[field::PROTOCOL_LENGTH.start] = field::SENDER.len() as u8;
        put(&mut bytes, field::OPERATION, self.operation.to_be_bytes());
        put(&mut bytes, field::SENDER_MAC, self.sender_mac.0);
        put(&mut bytes, field::SENDER, self.sender.octets());
        put(&mut bytes, field::TARGET_MAC, self.target_mac.0);
        put(&mut bytes, field::TARGET, self.target.octets());
        bytes
    }
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

    /// All that it holds, as a value.
    #[inline]
    pub fn message(self) -> Message {
        Message {
            operation: self.operation(),
            sender_mac: self.sender_mac(),
            sender: self.sender(),
            target_mac: self.target_mac(),
            target: self.target(),
        }
    }

    /// Which kind of link the hardware addresses are of: 1 is Ethernet.
    #[inline]
    pub fn hardware_type(self) -> u16 {
        u16_in(self.0, field::HARDWARE_TYPE)
    }

    /// 1 asks, 2 answers.
    #[inline]
    pub fn operation(self) -> u16 {
        u16_in(self.0, field::OPERATION)
    }

    /// The sender's Ethernet address.
    #[inline]
    pub fn sender_mac(self) -> MacAddress {
        mac_in(self.0, field::SENDER_MAC)
    }

    /// The sender's IPv4 address.
    #[inline]
    pub fn sender(self) -> Ipv4Addr {
        address_in(self.0, field::SENDER)
    }

    /// The target's Ethernet address; zero where it is asked for.
    #[inline]
    pub fn target_mac(self) -> MacAddress {
        mac_in(self.0, field::TARGET_MAC)
    }

    /// The target's IPv4 address.
    #[inline]
    pub fn target(self) -> Ipv4Addr {
        address_in(self.0, field::TARGET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_was_written_reads_back() {
        let message = Message {
            operation: REPLY,
            sender_mac: MacAddress([2, 0, 0, 0, 0, 1]),
            sender: Ipv4Addr::new(10, 0, 0, 1),
            target_mac: MacAddress([2, 0, 0, 0, 0, 2]),
            target: Ipv4Addr::new(10, 0, 0, 2),
        };
        let bytes = message.to_bytes();
        assert_eq!(Arp::new(&bytes).map(Arp::message), Some(message));
        // Another's reading of the same bytes.
        let theirs = etherparse::ArpPacketSlice::from_slice(&bytes).expect("a message");
        assert_eq!(
            (theirs.hw_addr_type().0, theirs.proto_addr_type().0, theirs.operation().0),
            (1, 0x0800, 2)
        );
        assert_eq!(
            (theirs.sender_hw_addr(), theirs.sender_protocol_addr()),
            (&[2, 0, 0, 0, 0, 1][..], &[10, 0, 0, 1][..])
        );
        assert_eq!(
            (theirs.target_hw_addr(), theirs.target_protocol_addr()),
            (&[2, 0, 0, 0, 0, 2][..], &[10, 0, 0, 2][..])
        );
        for (field, value) in [(field::PROTOCOL_TYPE.start, 0x86), (field::HARDWARE_LENGTH.start, 8)] {
            let mut other = bytes;
            other[field] = value;
            assert!(Arp::new(&other).is_none(), "not for IPv4 over Ethernet");
        }
    }
}
