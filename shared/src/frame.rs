//! Frames taken apart, for showing and comparing. The forwarding path does not decode; this does.

use crate::mac::MacAddress;
use etherparse::{EtherType, NetSlice, SlicedPacket, TransportSlice};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::Ipv4Addr;

/// A frame, as far as it is understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The sending station.
    pub source: MacAddress,
    /// The receiving station.
    pub destination: MacAddress,
    /// What it carries.
    pub payload: Payload,
}

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// An ARP message for IPv4 over Ethernet (RFC 826).
    Arp(Arp),
    /// An IPv4 packet (RFC 791).
    Ipv4(Ipv4),
    /// Anything else, by its `EtherType`.
    Other(u16),
}

/// An ARP message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arp {
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

/// The header of an IPv4 packet, and what it carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipv4 {
    /// Source address.
    pub source: Ipv4Addr,
    /// Destination address.
    pub destination: Ipv4Addr,
    /// Time to live, in hops.
    pub time_to_live: u8,
    /// Identification.
    pub identification: u16,
    /// Whether it may not be fragmented.
    pub dont_fragment: bool,
    /// Whether more fragments follow.
    pub more_fragments: bool,
    /// Where this fragment begins, in bytes.
    pub fragment_offset: u16,
    /// Type of service.
    pub tos: u8,
    /// Length of the whole packet in bytes.
    pub total_length: u16,
    /// Whether the header's checksum is right.
    pub checksum_ok: bool,
    /// Protocol number.
    pub protocol: u8,
    /// The ICMP message, where it is one.
    pub icmp: Option<Icmp>,
}

/// The header of an ICMP message (RFC 792).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Icmp {
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// The four bytes behind the checksum: identifier and sequence number of an echo.
    pub rest: [u8; 4],
    /// Whether the checksum is right.
    pub checksum_ok: bool,
    /// What follows the header.
    pub data: Vec<u8>,
}

impl Frame {
    /// Takes a frame apart; `None` where it is too short or broken.
    pub fn parse(bytes: &[u8]) -> Option<Frame> {
        let packet = SlicedPacket::from_ethernet(bytes).ok()?;
        let etherparse::LinkSlice::Ethernet2(ethernet) = packet.link? else { return None };
        let payload = match packet.net {
            Some(NetSlice::Ipv4(slice)) => Payload::Ipv4(parse_ipv4(&slice, packet.transport.as_ref())),
            Some(NetSlice::Arp(arp)) => Payload::Arp(parse_arp(&arp)?),
            _ => Payload::Other(ethernet.ether_type().0),
        };
        Some(Frame {
            source: MacAddress(ethernet.source()),
            destination: MacAddress(ethernet.destination()),
            payload,
        })
    }
}

fn parse_arp(arp: &etherparse::ArpPacketSlice<'_>) -> Option<Arp> {
    if arp.proto_addr_type() != EtherType::IPV4 {
        return None;
    }
    let mac = |bytes: &[u8]| Some(MacAddress(bytes.try_into().ok()?));
    let ip = |bytes: &[u8]| Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?));
    Some(Arp {
        operation: arp.operation().0,
        sender_mac: mac(arp.sender_hw_addr())?,
        sender: ip(arp.sender_protocol_addr())?,
        target_mac: mac(arp.target_hw_addr())?,
        target: ip(arp.target_protocol_addr())?,
    })
}

fn parse_ipv4(slice: &etherparse::Ipv4Slice<'_>, transport: Option<&TransportSlice<'_>>) -> Ipv4 {
    let header = slice.header().to_header();
    let icmp = match transport {
        Some(TransportSlice::Icmpv4(icmp)) => Some(parse_icmp(icmp.slice())),
        _ => None,
    };
    Ipv4 {
        source: header.source.into(),
        destination: header.destination.into(),
        time_to_live: header.time_to_live,
        identification: header.identification,
        dont_fragment: header.dont_fragment,
        more_fragments: header.more_fragments,
        fragment_offset: header.fragment_offset.byte_offset(),
        tos: slice.header().slice()[1],
        total_length: header.total_len,
        checksum_ok: header.header_checksum == header.calc_header_checksum(),
        protocol: header.protocol.0,
        icmp,
    }
}

fn parse_icmp(bytes: &[u8]) -> Icmp {
    Icmp {
        kind: bytes[0],
        code: bytes[1],
        rest: [bytes[4], bytes[5], bytes[6], bytes[7]],
        checksum_ok: internet_checksum(bytes) == 0,
        data: bytes[8..].to_vec(),
    }
}

/// The Internet checksum (RFC 1071) over the bytes; 0 over bytes that hold their own right checksum.
pub fn internet_checksum(bytes: &[u8]) -> u16 {
    let mut pairs = bytes.chunks_exact(2);
    let mut sum: u32 = pairs.by_ref().map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    if let [last] = pairs.remainder() {
        sum += u32::from(*last) << 8;
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

impl fmt::Display for Frame {
    /// One line in the manner of `tcpdump -e -n`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} > {} ", self.source, self.destination)?;
        match &self.payload {
            Payload::Arp(Arp { operation: 1, sender, target, .. }) => {
                write!(f, "ARP, Request who-has {target} tell {sender}")
            }
            Payload::Arp(Arp { operation: 2, sender, sender_mac, .. }) => {
                write!(f, "ARP, Reply {sender} is-at {sender_mac}")
            }
            Payload::Arp(arp) => write!(f, "ARP, operation {}", arp.operation),
            Payload::Ipv4(packet) => {
                write!(f, "IPv4 {} > {} ttl {}", packet.source, packet.destination, packet.time_to_live)?;
                match &packet.icmp {
                    Some(Icmp { kind: 8, rest, .. }) => {
                        write!(f, " ICMP echo request, seq {}", u16::from_be_bytes([rest[2], rest[3]]))
                    }
                    Some(Icmp { kind: 0, code: 0, rest, .. }) => {
                        write!(f, " ICMP echo reply, seq {}", u16::from_be_bytes([rest[2], rest[3]]))
                    }
                    Some(icmp) => write!(f, " ICMP type {} code {}", icmp.kind, icmp.code),
                    None => write!(f, " protocol {}", packet.protocol),
                }
            }
            Payload::Other(kind) => write!(f, "ethertype {kind:#06x}"),
        }
    }
}
