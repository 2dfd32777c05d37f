//! TCP segments as text, with numbers that count from the first one that was seen.

use std::fmt::Write;
use std::net::Ipv4Addr;
use vethlab_shared::wire::checksum::transport_checksum;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::tcp::{Options, flag};
use vethlab_shared::wire::{Ipv4, Tcp};

/// Both ends of a segment: from whom and to whom.
type Ends = [(Ipv4Addr, u16); 2];

/// The first sequence number of each direction of the connections that cross a link.
#[derive(Default)]
pub(super) struct FirstNumbers(Vec<(Ends, u32)>);

impl FirstNumbers {
    /// Keeps the first number of a segment's direction: that of the last SYN, or the first that was seen.
    fn note(&mut self, ends: Ends, number: u32, begins: bool) {
        match self.0.iter_mut().find(|(known, _)| *known == ends) {
            Some((_, first)) if begins => *first = number,
            Some(_) => {}
            None => self.0.push((ends, number)),
        }
    }

    fn relative(&self, ends: Ends, number: u32) -> u32 {
        let first = self.0.iter().find(|(known, _)| *known == ends).map(|(_, first)| *first);
        first.map_or(0, |first| number.wrapping_sub(first))
    }

    /// The segment of a packet as text: what is random (where numbers begin, times) and its checksum are left out, of which it
    /// is said whether it is right.
    pub(super) fn describe(&mut self, packet: Ipv4<'_>) -> Option<String> {
        let segment = Tcp::new(packet.payload())?;
        let near = (packet.source(), segment.source());
        let far = (packet.destination(), segment.destination());
        let flags = segment.flags();
        self.note([near, far], segment.sequence(), flags & flag::SYN != 0);
        if flags & flag::ACK != 0 {
            self.note([far, near], segment.acknowledgement(), false);
        }
        let options = Options::of(segment);
        let sum = transport_checksum(packet.source(), packet.destination(), protocol::TCP, packet.payload());
        let mut text = format!(
            "tcp {} > {} flags {flags:02x} number {} window {} options {:?} timestamps {} data {}",
            near.1,
            far.1,
            self.relative([near, far], segment.sequence()),
            segment.window(),
            (options.maximum_segment_size, options.window_scale, options.sack_permitted),
            options.timestamps.is_some(),
            segment.data().len(),
        );
        if flags & flag::ACK != 0 {
            let _ = write!(text, " acknowledges {}", self.relative([far, near], segment.acknowledgement()));
        }
        let _ = write!(text, " checksum_ok {}", sum == 0);
        Some(text)
    }
}

/// Takes out of the start of a segment that an ICMP error quotes what is random: its numbers, its checksum and its times.
pub(super) fn without_numbers(quoted: &mut [u8]) {
    for (from, to) in [(4, 12), (16, 18), (20, quoted.len())] {
        if let Some(bytes) = quoted.get_mut(from..to) {
            bytes.fill(0);
        }
    }
}
