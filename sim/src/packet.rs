//! A packet on its way.

use vethlab_shared::event::PacketId;
use vethlab_shared::mac::MacAddress;

/// Length of an Ethernet header in bytes (`ETH_HLEN`).
pub(crate) const ETHERNET_HEADER: usize = 14;
/// `EtherType` of IPv4 (`ETH_P_IP`).
pub(crate) const ETHERTYPE_IPV4: u16 = 0x0800;
/// `EtherType` of ARP (`ETH_P_ARP`).
pub(crate) const ETHERTYPE_ARP: u16 = 0x0806;

/// A packet (`struct sk_buff`): a whole frame, whose Ethernet header is filled in when it leaves by a link.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) id: PacketId,
    /// A socket of its namespace made it, and has not been let go yet (`skb->sk`): for as long as the packet
    /// waits somewhere, it holds the socket, and the socket its namespace.
    pub(crate) holds_socket: bool,
    /// The checksum of what it carries is left to a device (`CHECKSUM_PARTIAL`): on the wires here nobody makes
    /// it, and nobody asks for it.
    pub(crate) checksum_partial: bool,
    bytes: Vec<u8>,
}

impl Packet {
    /// A packet with room for an Ethernet header before the given bytes.
    pub(crate) fn new(id: PacketId, network: &[u8]) -> Packet {
        let mut bytes = Vec::with_capacity(ETHERNET_HEADER + network.len());
        bytes.resize(ETHERNET_HEADER, 0);
        bytes.extend_from_slice(network);
        Packet { id, holds_socket: false, checksum_partial: false, bytes }
    }

    /// The whole frame.
    pub(crate) fn frame(&self) -> &[u8] {
        &self.bytes
    }

    /// What lies behind the Ethernet header.
    pub(crate) fn network(&self) -> &[u8] {
        &self.bytes[ETHERNET_HEADER..]
    }

    /// What lies behind the Ethernet header, to edit in place.
    pub(crate) fn network_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[ETHERNET_HEADER..]
    }

    /// Cuts off what lies behind `length` bytes of the network packet: padding.
    pub(crate) fn trim(&mut self, length: usize) {
        self.bytes.truncate(ETHERNET_HEADER + length);
    }

    /// Writes the Ethernet header.
    pub(crate) fn set_ethernet(&mut self, destination: MacAddress, source: MacAddress, ethertype: u16) {
        self.bytes[..6].copy_from_slice(&destination.0);
        self.bytes[6..12].copy_from_slice(&source.0);
        self.bytes[12..14].copy_from_slice(&ethertype.to_be_bytes());
    }

    /// The receiving station that the Ethernet header names.
    pub(crate) fn destination(&self) -> MacAddress {
        MacAddress(self.bytes[..6].try_into().expect("a packet has an Ethernet header"))
    }

    /// The `EtherType`.
    pub(crate) fn ethertype(&self) -> u16 {
        u16::from_be_bytes([self.bytes[12], self.bytes[13]])
    }
}
