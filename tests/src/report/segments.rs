//! TCP segments as text, with numbers that count from the first one that was seen.

use crate::numbers::FirstNumbers;
use std::fmt::Write;
use vethlab_shared::wire::checksum::transport_checksum;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::tcp::{Options, flag};
use vethlab_shared::wire::{Ipv4, Tcp};

/// The segment of a packet as text: what is random (where numbers begin, times) and its checksum are left out, of which it
/// is said whether it is right.
pub(super) fn describe(packet: Ipv4<'_>, first: &mut FirstNumbers) -> Option<String> {
    let segment = Tcp::new(packet.payload())?;
    let near = (packet.source(), segment.source());
    let far = (packet.destination(), segment.destination());
    let flags = segment.flags();
    first.note([near, far], segment.sequence(), flags & flag::SYN != 0);
    if flags & flag::ACK != 0 {
        first.note([far, near], segment.acknowledgement(), false);
    }
    let options = Options::of(segment);
    let sum = transport_checksum(packet.source(), packet.destination(), protocol::TCP, packet.payload());
    let mut text = format!(
        "tcp {} > {} flags {flags:02x} number {} window {} options {:?} timestamps {} data {}",
        near.1,
        far.1,
        first.relative([near, far], segment.sequence()),
        segment.window(),
        (options.maximum_segment_size, options.window_scale, options.sack_permitted),
        options.timestamps.is_some(),
        segment.data().len(),
    );
    if flags & flag::ACK != 0 {
        let _ = write!(text, " acknowledges {}", first.relative([far, near], segment.acknowledgement()));
    }
    let _ = write!(text, " checksum_ok {}", sum == 0);
    Some(text)
}

/// Takes out of the start of a segment that an ICMP error quotes what is random: its numbers, its checksum and its times.
pub(super) fn without_numbers(quoted: &mut [u8]) {
    for (from, to) in [(4, 12), (16, 18), (20, quoted.len())] {
        if let Some(bytes) = quoted.get_mut(from..to) {
            bytes.fill(0);
        }
    }
}
