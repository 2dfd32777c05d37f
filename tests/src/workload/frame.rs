//! One frame of 98 bytes: an echo request, built and verified.

use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::wire::{Frame, Icmp, ethernet, icmp, ipv4};

/// Bytes of an Ethernet header, an IPv4 header, an ICMP header and 56 bytes of data.
pub const LENGTH: usize = 98;
/// Bytes of the IPv4 packet in it.
const PACKET: usize = LENGTH - ethernet::HEADER_LENGTH;

/// Builds the frame of an echo request.
pub fn build(sequence: u16) -> [u8; LENGTH] {
    let mut frame = [0; LENGTH];
    let [source, destination] = [1, 2].map(|last| MacAddress([2, 0, 0, 0, 0, last]));
    ethernet::write(&mut frame, destination, source, ethernet::ethertype::IPV4);
    let packet = &mut frame[ethernet::HEADER_LENGTH..];
    let header = ipv4::Header {
        tos: 0,
        total_length: PACKET as u16,
        identification: sequence,
        fragment: ipv4::DONT_FRAGMENT,
        time_to_live: 64,
        protocol: ipv4::protocol::ICMP,
        source: Ipv4Addr::new(10, 0, 0, 1),
        destination: Ipv4Addr::new(10, 0, 0, 2),
    };
    header.write(packet);
    icmp::write_echo(&mut packet[ipv4::HEADER_LENGTH..], icmp::kind::ECHO_REQUEST, 7, sequence);
    frame
}

/// Whether it is an echo request whose checksums are right.
pub fn verify(bytes: &[u8]) -> bool {
    let Some(packet) = Frame::new(bytes).and_then(Frame::ipv4) else { return false };
    let right = |message: Icmp<'_>| message.kind() == icmp::kind::ECHO_REQUEST && message.checksum_ok();
    packet.checksum_ok() && packet.icmp().is_some_and(right)
}
