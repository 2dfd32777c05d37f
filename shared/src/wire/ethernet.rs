//! Ethernet (IEEE 802.3 clause 3.1, with a type field).

use super::{Field, mac_in, put, u16_in};
use crate::mac::MacAddress;

/// Length of the header in bytes (`ETH_HLEN`).
pub const HEADER_LENGTH: usize = 14;
/// Length of the tag that a VLAN adds, in bytes (IEEE 802.1Q, `VLAN_HLEN`).
pub const VLAN_TAG_LENGTH: usize = 4;

/// Which bytes each field stands in.
pub mod field {
    use super::Field;
    /// The receiving station.
    pub const DESTINATION: Field = 0..6;
    /// The sending station.
    pub const SOURCE: Field = 6..12;
    /// The `EtherType`; up to 1500 it is a length.
    pub const ETHERTYPE: Field = 12..14;
}

/// What a frame carries (`ETH_P_*` in `linux/if_ether.h`).
pub mod ethertype {
    /// What is less is no type, but a length (`ETH_P_802_3_MIN`).
    pub const FIRST: u16 = 0x0600;
    /// An IPv4 packet (`ETH_P_IP`).
    pub const IPV4: u16 = 0x0800;
    /// An ARP message (`ETH_P_ARP`).
    pub const ARP: u16 = 0x0806;
    /// A reverse ARP message (`ETH_P_RARP`).
    pub const RARP: u16 = 0x8035;
    /// A tagged frame (`ETH_P_8021Q`).
    pub const VLAN: u16 = 0x8100;
    /// An IPv6 packet (`ETH_P_IPV6`).
    pub const IPV6: u16 = 0x86dd;
}

/// A frame with a whole Ethernet header.
#[derive(Clone, Copy, Debug)]
pub struct Ethernet<'a>(&'a [u8]);

impl<'a> Ethernet<'a> {
    /// `None` where the bytes are shorter than the header.
    pub fn new(frame: &'a [u8]) -> Option<Ethernet<'a>> {
        (frame.len() >= HEADER_LENGTH).then_some(Ethernet(frame))
    }

    /// The receiving station.
    #[inline]
    pub fn destination(self) -> MacAddress {
        mac_in(self.0, field::DESTINATION)
    }

    /// The sending station.
    #[inline]
    pub fn source(self) -> MacAddress {
        mac_in(self.0, field::SOURCE)
    }

    /// The `EtherType`.
    #[inline]
    pub fn ethertype(self) -> u16 {
        u16_in(self.0, field::ETHERTYPE)
    }

    /// The bytes behind the header.
    #[inline]
    pub fn payload(self) -> &'a [u8] {
        &self.0[HEADER_LENGTH..]
    }
}

/// Writes the header into the first 14 bytes of a frame.
#[inline]
pub fn write(frame: &mut [u8], destination: MacAddress, source: MacAddress, ethertype: u16) {
    put(frame, field::DESTINATION, destination.0);
    put(frame, field::SOURCE, source.0);
    put(frame, field::ETHERTYPE, ethertype.to_be_bytes());
}
