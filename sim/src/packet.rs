//! A packet on its way (`struct sk_buff`).

use crate::conntrack::Tracked;
use vethlab_shared::event::PacketId;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::wire::ethernet::{self, HEADER_LENGTH as ETHERNET_HEADER, VLAN_TAG_LENGTH, ethertype};
use vethlab_shared::wire::{Ethernet, Tcp};

/// Free bytes in front of what a packet is made of: for an IPv4 header, and for what a link and a tunnel put before it
/// (`LL_MAX_HEADER`, `MAX_HEADER`).
const HEADROOM: usize = 128;

/// The bytes of a packet, and where each layer begins in them. In front of them is room for more headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    /// Where the link's header begins (`mac_header`).
    link: u16,
    /// Where the network packet begins (`network_header`).
    network: u16,
    /// Where the network packet's payload begins (`transport_header`).
    transport: u16,
}

impl Buffer {
    /// A buffer that holds the parts one behind the other, as a payload that has no header yet.
    pub(crate) fn of(parts: &[&[u8]]) -> Buffer {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let mut bytes = Vec::with_capacity(HEADROOM + length);
        bytes.resize(HEADROOM, 0);
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        let network = HEADROOM as u16;
        Buffer { bytes, link: network - ETHERNET_HEADER as u16, network, transport: network }
    }

    /// The whole frame. Before the packet leaves by a link, its Ethernet header is not filled in.
    #[inline]
    pub(crate) fn frame(&self) -> &[u8] {
        &self.bytes[usize::from(self.link)..]
    }

    /// The network packet: what lies behind the link's header.
    #[inline]
    pub(crate) fn network(&self) -> &[u8] {
        &self.bytes[usize::from(self.network)..]
    }

    /// The network packet, to edit in place.
    #[inline]
    pub(crate) fn network_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[usize::from(self.network)..]
    }

    /// What lies behind the network packet's header.
    #[inline]
    pub(crate) fn transport(&self) -> &[u8] {
        &self.bytes[usize::from(self.transport)..]
    }

    /// The same, to edit in place.
    #[inline]
    pub(crate) fn transport_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[usize::from(self.transport)..]
    }

    /// Puts bytes into what lies behind the network header, that many bytes from its begin (`skb_put`, `memmove`).
    pub(crate) fn insert_into_transport(&mut self, at: usize, inserted: &[u8]) {
        let place = usize::from(self.transport) + at;
        self.bytes.splice(place..place, inserted.iter().copied());
    }

    /// Makes room for a network header of so many bytes in front of the payload, and gives the whole network packet
    /// (`skb_push`, `skb_reset_network_header`).
    pub(crate) fn push_network(&mut self, header: usize) -> &mut [u8] {
        debug_assert!(header + ETHERNET_HEADER <= usize::from(self.transport), "no headroom left");
        self.network = self.transport - header as u16;
        self.link = self.network - ETHERNET_HEADER as u16;
        self.network_mut()
    }

    /// Leaves the network header away: what lies behind it is a payload that has no header yet (`skb_pull`).
    pub(crate) fn pull_network(&mut self) {
        self.network = self.transport;
        self.link = self.network - ETHERNET_HEADER as u16;
    }

    /// Says how long the network packet's header is, in bytes (`skb_set_transport_header`).
    #[inline]
    pub(crate) fn set_transport(&mut self, header: usize) {
        self.transport = self.network + header as u16;
    }

    /// Cuts off what lies behind `length` bytes of the network packet: padding (`pskb_trim_rcsum`).
    #[inline]
    pub(crate) fn trim(&mut self, length: usize) {
        self.bytes.truncate(usize::from(self.network) + length);
    }

    /// Writes the Ethernet header (`eth_header`).
    #[inline]
    pub(crate) fn set_ethernet(&mut self, destination: MacAddress, source: MacAddress, ethertype: u16) {
        self.link = self.network - ETHERNET_HEADER as u16;
        if let Some((header, _)) = self.ethernet_mut() {
            ethernet::write(header, destination, source, ethertype);
        }
    }

    #[inline]
    fn ethernet(&self) -> Ethernet<'_> {
        Ethernet::new(self.frame()).expect("a packet has room for an Ethernet header")
    }

    /// The receiving station that the Ethernet header names.
    #[inline]
    pub(crate) fn destination(&self) -> MacAddress {
        self.ethernet().destination()
    }

    /// The sending station that the Ethernet header names.
    #[inline]
    pub(crate) fn source(&self) -> MacAddress {
        self.ethernet().source()
    }

    /// The `EtherType`.
    #[inline]
    pub(crate) fn ethertype(&self) -> u16 {
        self.ethernet().ethertype()
    }

    /// The Ethernet header, with the network packet behind it.
    #[inline]
    pub(crate) fn ethernet_mut(&mut self) -> Option<(&mut [u8; ETHERNET_HEADER], &mut [u8])> {
        self.bytes.get_mut(usize::from(self.link)..)?.split_first_chunk_mut()
    }

    /// The network packet, where the frame says that it is of IPv4.
    pub(crate) fn ipv4(&self) -> Option<&[u8]> {
        (self.ethertype() == ethertype::IPV4).then(|| self.network())
    }

    /// Whether the frame is short enough for a link with this MTU, in bytes, to take it in (`__is_skb_forwardable`).
    pub(crate) fn fits(&self, mtu: u32) -> bool {
        self.frame().len() <= longest_network(mtu) as usize + ETHERNET_HEADER
    }
}

fn tcp_header_length(segment: &[u8]) -> usize {
    Tcp::new(segment).map_or(segment.len(), Tcp::header_length)
}

/// The longest network packet that a link with this MTU takes in, in bytes.
pub(crate) fn longest_network(mtu: u32) -> u32 {
    mtu.saturating_add(VLAN_TAG_LENGTH as u32)
}

/// A packet: its bytes, and what is known of it beside them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packet {
    pub(crate) id: PacketId,
    pub(crate) buffer: Buffer,
    /// A socket of its namespace made it, and has not been let go yet (`skb->sk`): for as long as the packet
    /// waits somewhere, it holds the socket, and the socket its namespace.
    pub(crate) holds_socket: bool,
    /// The checksum of what it carries is left to a device (`CHECKSUM_PARTIAL`): on the wires here nobody makes
    /// it, and nobody asks for it.
    pub(crate) checksum_partial: bool,
    /// A device is to make segments of it that carry so many bytes each (`gso_size`): on the wires here nobody does.
    pub(crate) segment_size: Option<u16>,
    /// The link that it counts as having come in by (`skb->skb_iif`, `inet_iif`); none for what was made here.
    pub(crate) input: Option<IfIndex>,
    /// A number that hooks give it, for routing and other hooks to go by (`skb->mark`).
    pub(crate) mark: u32,
    /// Which queue it is in on its way out (`skb->priority`), by its type of service.
    pub(crate) priority: u32,
    /// The connection that it belongs to, once it is tracked.
    pub(crate) connection: Option<Tracked>,
    /// It was put together here of fragments, of which the longest had so many bytes: it is cut up again on its way out
    /// (`IPCB(skb)->frag_max_size`).
    pub(crate) longest_fragment: Option<u16>,
    /// A hook has altered what its route goes by: it is to be routed again (`ip_route_me_harder`).
    pub(crate) reroute: bool,
}

impl Packet {
    /// A packet that was made here of these bytes.
    pub(crate) fn new(id: PacketId, buffer: Buffer) -> Packet {
        Packet { id, buffer, ..Packet::default() }
    }

    /// The network packet: what lies behind the link's header.
    #[inline]
    pub(crate) fn network(&self) -> &[u8] {
        self.buffer.network()
    }

    /// What lies behind the network packet's header.
    #[inline]
    pub(crate) fn transport(&self) -> &[u8] {
        self.buffer.transport()
    }

    /// The whole frame.
    #[inline]
    pub(crate) fn frame(&self) -> &[u8] {
        self.buffer.frame()
    }

    /// Whether it goes in one piece by a way of this MTU, or the segments that are made of it do
    /// (`skb_gso_validate_network_len`).
    pub(crate) fn fits_way(&self, mtu: u32) -> bool {
        let length = self.network().len();
        let segment = self.segment_size.map_or(length, |size| {
            let headers = length - self.transport().len() + tcp_header_length(self.transport());
            length.min(headers + usize::from(size))
        });
        segment <= mtu as usize
    }

    /// Whether a link with this MTU takes it in (`__is_skb_forwardable`): segments are not made before.
    pub(crate) fn fits_link(&self, mtu: u32) -> bool {
        self.segment_size.is_some() || self.buffer.fits(mtu)
    }

    /// What one end of a pair leaves of a packet for the other (`__dev_forward_skb`, `skb_scrub_packet`): its bytes, and
    /// its mark where it stays in its namespace.
    #[inline]
    pub(crate) fn scrub(&mut self, crosses_namespaces: bool) {
        self.holds_socket = false;
        self.input = None;
        self.priority = 0;
        self.connection = None;
        if crosses_namespaces {
            self.mark = 0;
        }
    }

    /// Takes the packet, and leaves an empty one (for [`Verdict::Stolen`](crate::hook::Verdict::Stolen)).
    #[cfg(test)]
    pub(crate) fn take(&mut self) -> Packet {
        std::mem::take(self)
    }
}
