//! One frame of 98 bytes: an echo request, built and verified.

use super::Result;
use etherparse::PacketBuilder;
use vethlab_shared::frame::{Frame, Payload};

/// Bytes of an Ethernet header, an IPv4 header, an ICMP header and 56 bytes of data.
pub const LENGTH: usize = 98;
/// Bytes of data of the echo request.
const DATA: usize = 56;

/// Builds the frame of an echo request.
///
/// # Errors
/// It is too long.
pub fn build(sequence: u16) -> Result<Vec<u8>> {
    let mut frame = Vec::with_capacity(LENGTH);
    PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
        .icmpv4_echo_request(7, sequence)
        .write(&mut frame, &[0; DATA])?;
    Ok(frame)
}

/// Whether it is an echo request whose checksums are right.
pub fn verify(bytes: &[u8]) -> bool {
    let Some(Frame { payload: Payload::Ipv4(packet), .. }) = Frame::parse(bytes) else { return false };
    packet.checksum_ok && packet.icmp.is_some_and(|icmp| icmp.kind == 8 && icmp.checksum_ok)
}
