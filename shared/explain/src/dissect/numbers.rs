//! The numbers of TCP connections, counted from where each began: by them people follow a conversation.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::tcp::flag;
use vethlab_shared::wire::{Frame, Tcp};

/// Who sends, and to whom.
type Ends = (Ipv4Addr, u16, Ipv4Addr, u16);

/// What each sender of a connection began with, as far as frames were shown to it, in the order in which they passed.
#[derive(Clone, Debug, Default)]
pub struct Numbers(BTreeMap<Ends, u32>);

impl Numbers {
    /// The numbers of a segment: `seq 1 ack 1 len 6`. `None` for another frame, and for what is cut short. Where the beginning
    /// of a connection was not seen, its first segment counts as the one behind that.
    pub fn of(&mut self, frame: &[u8]) -> Option<String> {
        let packet = Frame::new(frame)?.ipv4().filter(|packet| packet.fragment_offset() == 0)?;
        let segment = Tcp::new(packet.payload()).filter(|_| packet.protocol() == protocol::TCP)?;
        let (from, to) = ((packet.source(), segment.source()), (packet.destination(), segment.destination()));
        let (ends, back) = ((from.0, from.1, to.0, to.1), (to.0, to.1, from.0, from.1));
        let has = |bit| segment.flags() & bit != 0;
        if has(flag::SYN) {
            self.0.insert(ends, segment.sequence());
        }
        let before = |number: u32| number.wrapping_sub(1);
        // A reset for what nobody listens to has the number zero, which says nothing.
        let refuses = has(flag::RST) && segment.sequence() == 0;
        let sequence = match self.0.get(&ends) {
            Some(first) => segment.sequence().wrapping_sub(*first),
            None if refuses => 0,
            None => {
                self.0.insert(ends, before(segment.sequence()));
                1
            }
        };
        let mut text = format!("seq {}", if refuses { 0 } else { sequence });
        if has(flag::ACK) {
            let first = *self.0.entry(back).or_insert(before(segment.acknowledgement()));
            text += &format!(" ack {}", segment.acknowledgement().wrapping_sub(first));
        }
        if !segment.data().is_empty() {
            text += &format!(" len {}", segment.data().len());
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::wire::{ethernet, ipv4, tcp};

    fn frame(back: bool, flags: u8, (sequence, acknowledgement): (u32, u32), data: &[u8]) -> Vec<u8> {
        let (source, destination) = if back { (80, 40_000) } else { (40_000, 80) };
        let header = tcp::Header { source, destination, sequence, acknowledgement, flags, window: 9 };
        let mut segment = header.bytes(&[]);
        segment.extend(data);
        let length = ipv4::HEADER_LENGTH + segment.len();
        let mut frame = vec![0; ethernet::HEADER_LENGTH + length];
        frame[12] = 8;
        let packet = &mut frame[ethernet::HEADER_LENGTH..];
        packet[ipv4::HEADER_LENGTH..].copy_from_slice(&segment);
        let [near, far] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];
        ipv4::Header {
            tos: 0,
            total_length: length as u16,
            identification: 0,
            fragment: 0,
            time_to_live: 64,
            protocol: protocol::TCP,
            source: if back { far } else { near },
            destination: if back { near } else { far },
        }
        .write(packet);
        frame
    }

    fn told(frames: &[Vec<u8>]) -> Vec<String> {
        let mut numbers = Numbers::default();
        frames.iter().map(|frame| numbers.of(frame).unwrap_or_default()).collect()
    }

    #[test]
    fn numbers_count_from_the_beginning() {
        let frames = [
            frame(false, flag::SYN, (u32::MAX, 0), b""),
            frame(true, flag::SYN | flag::ACK, (700, 0), b""),
            frame(false, flag::ACK, (0, 701), b""),
            frame(false, flag::ACK, (0, 701), b"hello\n"),
            frame(true, flag::ACK, (701, 6), b""),
        ];
        assert_eq!(
            told(&frames),
            ["seq 0", "seq 0 ack 1", "seq 1 ack 1", "seq 1 ack 1 len 6", "seq 1 ack 7"]
        );
    }

    #[test]
    fn a_connection_may_be_seen_from_its_middle_on_or_be_refused() {
        let middle = [frame(false, flag::ACK, (500, 900), b"x"), frame(true, flag::ACK, (900, 501), b"")];
        assert_eq!(told(&middle), ["seq 1 ack 1 len 1", "seq 1 ack 2"]);
        let refused =
            [frame(false, flag::SYN, (500, 0), b""), frame(true, flag::RST | flag::ACK, (0, 501), b"")];
        assert_eq!(told(&refused), ["seq 0", "seq 0 ack 1"]);
        assert_eq!(told(&[vec![0; 60], Vec::new()]), ["", ""]);
    }
}
