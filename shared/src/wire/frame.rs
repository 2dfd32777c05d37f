//! A whole frame, as views of its layers.

use super::ethernet::{Ethernet, ethertype};
use super::{Arp, Icmp, Ipv4, icmp, ipv4};
use std::fmt;

/// An Ethernet frame that is whole, as far as its layers are known here.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The Ethernet header.
    pub ethernet: Ethernet<'a>,
    /// What the frame carries.
    pub payload: Payload<'a>,
}

/// What a frame carries.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// An ARP message for IPv4 over Ethernet.
    Arp(Arp<'a>),
    /// An IPv4 packet.
    Ipv4(Ipv4<'a>),
    /// Anything else, by its `EtherType`.
    Other(u16),
}

impl<'a> Frame<'a> {
    /// Takes a frame apart. `None` where it is cut short or broken: where a header is not whole, or where an IPv4 packet
    /// is longer than the frame or shorter than its own header.
    pub fn new(frame: &'a [u8]) -> Option<Frame<'a>> {
        let ethernet = Ethernet::new(frame)?;
        let payload = match ethernet.ethertype() {
            ethertype::ARP => Payload::Arp(Arp::new(ethernet.payload())?),
            ethertype::IPV4 => {
                let packet = Ipv4::new(ethernet.payload())?;
                let lengths = packet.header_length()..=ethernet.payload().len();
                Payload::Ipv4(lengths.contains(&packet.total_length().into()).then_some(packet)?)
            }
            other => Payload::Other(other),
        };
        Some(Frame { ethernet, payload })
    }

    /// The ARP message that it carries.
    pub fn arp(self) -> Option<Arp<'a>> {
        match self.payload {
            Payload::Arp(arp) => Some(arp),
            _ => None,
        }
    }

    /// The IPv4 packet that it carries.
    pub fn ipv4(self) -> Option<Ipv4<'a>> {
        match self.payload {
            Payload::Ipv4(packet) => Some(packet),
            _ => None,
        }
    }
}

impl<'a> Ipv4<'a> {
    /// The ICMP message that it carries whole: not where it is a fragment.
    pub fn icmp(self) -> Option<Icmp<'a>> {
        let whole = self.protocol() == ipv4::protocol::ICMP && !self.is_fragment();
        if whole { Icmp::new(self.payload()) } else { None }
    }
}

impl fmt::Display for Frame<'_> {
    /// One line in the manner of `tcpdump -e -n`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} > {} ", self.ethernet.source(), self.ethernet.destination())?;
        match self.payload {
            Payload::Arp(arp) => match arp.operation() {
                super::arp::REQUEST => {
                    write!(f, "ARP, Request who-has {} tell {}", arp.target(), arp.sender())
                }
                super::arp::REPLY => write!(f, "ARP, Reply {} is-at {}", arp.sender(), arp.sender_mac()),
                operation => write!(f, "ARP, operation {operation}"),
            },
            Payload::Ipv4(packet) => {
                let (source, destination) = (packet.source(), packet.destination());
                write!(f, "IPv4 {source} > {destination} ttl {}", packet.time_to_live())?;
                match packet.icmp().map(|message| (message.kind(), message.code(), message.sequence())) {
                    Some((icmp::kind::ECHO_REQUEST, _, sequence)) => {
                        write!(f, " ICMP echo request, seq {sequence}")
                    }
                    Some((icmp::kind::ECHO_REPLY, 0, sequence)) => {
                        write!(f, " ICMP echo reply, seq {sequence}")
                    }
                    Some((kind, code, _)) => write!(f, " ICMP type {kind} code {code}"),
                    None => write!(f, " protocol {}", packet.protocol()),
                }
            }
            Payload::Other(kind) => write!(f, "ethertype {kind:#06x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::MacAddress;
    use crate::wire::ethernet;

    /// A frame that carries an echo request, with padding behind it.
    fn echo_request() -> Vec<u8> {
        let mut message = vec![8, 0, 0, 0, 0x12, 0x34, 0, 5, b'h', b'i'];
        icmp::set_checksum(&mut message);
        let mut packet = vec![0x45, 0, 0, 30, 0, 7, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        ipv4::set_checksum(&mut packet);
        let mut frame = vec![0; ethernet::HEADER_LENGTH];
        let [to, from] = [2, 1].map(|last| MacAddress([2, 0, 0, 0, 0, last]));
        ethernet::write(&mut frame, to, from, ethertype::IPV4);
        [frame, packet, message, vec![0; 16]].concat()
    }

    #[test]
    fn a_frame_is_read_layer_by_layer() {
        let bytes = echo_request();
        let frame = Frame::new(&bytes).expect("a whole frame");
        let packet = frame.ipv4().expect("IPv4");
        let message = packet.icmp().expect("ICMP");
        assert!(packet.checksum_ok() && message.checksum_ok(), "padding does not count");
        assert_eq!((message.identifier(), message.sequence(), message.data()), (0x1234, 5, &b"hi"[..]));
        let line =
            "02:00:00:00:00:01 > 02:00:00:00:00:02 IPv4 10.0.0.1 > 10.0.0.2 ttl 64 ICMP echo request, seq 5";
        assert_eq!(frame.to_string(), line);
    }

    #[test]
    fn a_frame_that_was_cut_is_no_frame() {
        let bytes = echo_request();
        let whole = ethernet::HEADER_LENGTH + 30;
        let is_frame = |length: &usize| Frame::new(&bytes[..*length]).is_some();
        assert!((0..whole).all(|length| !is_frame(&length)));
        assert!((whole..=bytes.len()).all(|length| is_frame(&length)));
    }

    #[test]
    fn a_fragment_carries_no_whole_message() {
        for field in [ipv4::MORE_FRAGMENTS, 1] {
            let mut bytes = echo_request();
            let packet = &mut bytes[ethernet::HEADER_LENGTH..];
            packet[ipv4::field::FRAGMENT].copy_from_slice(&field.to_be_bytes());
            let packet = Frame::new(&bytes).and_then(Frame::ipv4).expect("IPv4");
            assert!(packet.is_fragment() && packet.icmp().is_none());
        }
    }

    #[test]
    fn an_error_quotes_the_packet_that_it_is_about() {
        let inner = echo_request();
        let mut message = vec![11, 0, 0, 0, 0, 0, 0, 0];
        message.extend(&inner[ethernet::HEADER_LENGTH..][..28]);
        let view = Icmp::new(&message).expect("ICMP");
        let quoted = view.quoted().expect("a quotation");
        assert_eq!((quoted.destination().octets(), quoted.total_length()), ([10, 0, 0, 2], 30));
        message[0] = 8;
        assert!(Icmp::new(&message).and_then(Icmp::quoted).is_none(), "an echo quotes nothing");
    }
}
