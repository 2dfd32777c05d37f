//! Frames as lines of text.

use super::segments::{self, without_numbers};
use super::{not_random, put};
use crate::numbers::FirstNumbers;
use std::collections::BTreeMap;
use std::fmt::Write;
use vethlab_engine::compare::SOFTIRQ_WEIGHT;
use vethlab_shared::event::{Event, EventKind, Lost};
use vethlab_shared::socket::Direction;
use vethlab_shared::wire::{Frame, Icmp, Payload, icmp, internet_checksum, ipv4};

/// A frame in which an address that its sender's stack drew at random is another one, which is always the same.
fn with_known_sender(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    let Some(sender) = Frame::new(&frame).map(|frame| frame.ethernet.source()) else { return frame };
    let known = not_random(sender);
    for place in 0..frame.len().saturating_sub(5) {
        if frame[place..place + 6] == sender.0 {
            frame[place..place + 6].copy_from_slice(&known.0);
        }
    }
    frame
}

/// Puts down which frames passed on each link: in order, each direction for itself. Which of two frames that
/// meet on a wire passes first is chance: the kernel may handle an answer before the next fragment is sent.
///
/// Where fragments are put together on their way, the kernel cuts them up again by writing the new header over the old ones
/// (`ip_fraglist_prepare`), in memory that it shares with who has captured the frame before: then of a later piece only
/// its place counts.
pub(super) fn put_frames(seen: &mut String, events: &[Event], defragmented: bool) {
    let mut frames = Vec::new();
    for Event { namespace, kind, .. } in events {
        let (link, direction, frame) = match kind {
            EventKind::NetDevXmit { link, frame } => (link, Direction::Out, frame),
            EventKind::NetifReceiveSkb { link, frame } => (link, Direction::In, frame),
            EventKind::EventsLost { what: Lost::Frames, .. } => {
                put(seen, "lost", kind);
                continue;
            }
            _ => continue,
        };
        frames.push((namespace, link, direction, frame));
    }
    let arrived = frames.iter().filter(|(_, _, direction, _)| *direction == Direction::In).count();
    let mut first: BTreeMap<_, FirstNumbers> = BTreeMap::new();
    let mut frames: Vec<_> = frames
        .into_iter()
        .map(|(namespace, link, direction, frame)| {
            let known = with_known_sender(frame);
            let first = first.entry((namespace, link)).or_default();
            let text =
                later_piece(&known).filter(|_| defragmented).unwrap_or_else(|| describe_with(&known, first));
            ((namespace, link, direction), text)
        })
        .collect();
    if arrived > SOFTIRQ_WEIGHT {
        frames.sort();
    } else {
        frames.sort_by_key(|&(place, _)| place);
    }
    for ((namespace, link, direction), frame) in frames {
        let _ = writeln!(seen, "frame {namespace}/{link} {direction:?} {frame}");
    }
}

/// A frame that carries a later piece of a packet, as text: its place in the packet.
fn later_piece(bytes: &[u8]) -> Option<String> {
    match Frame::new(bytes)?.payload {
        Payload::Ipv4(packet) if packet.fragment_offset() > 0 => {
            let (offset, more) = (packet.fragment_offset(), packet.more_fragments());
            Some(format!("a piece of {} bytes at {offset}, more {more}", packet.payload().len()))
        }
        _ => None,
    }
}

/// A frame as text, without the identification of IPv4 packets.
pub(super) fn describe(bytes: &[u8]) -> String {
    describe_with(bytes, &mut FirstNumbers::default())
}

/// The same of a link on which these connections have begun.
fn describe_with(bytes: &[u8], first: &mut FirstNumbers) -> String {
    let Some(frame) = Frame::new(bytes) else { return hexadecimal(bytes) };
    match frame.payload {
        Payload::Ipv4(packet) => {
            let mut text = format!(
                "{frame} tos {} length {} dont_fragment {} more {} offset {} checksum_ok {}",
                packet.tos(),
                packet.total_length(),
                packet.dont_fragment(),
                packet.more_fragments(),
                packet.fragment_offset(),
                packet.checksum_ok()
            );
            if packet.protocol() == ipv4::protocol::UDP && packet.fragment_offset() == 0 {
                text += &format!(" udp {}", hexadecimal(packet.payload()));
            }
            if packet.protocol() == ipv4::protocol::TCP && packet.fragment_offset() == 0 {
                text += " ";
                text += &segments::describe(packet, first).unwrap_or_else(|| hexadecimal(packet.payload()));
            }
            if packet.icmp().is_some() {
                text += " ";
                text += &describe_icmp(packet.payload());
            }
            text
        }
        Payload::Arp(arp) => format!("{frame} {arp:?}"),
        Payload::Other(_) => format!("{frame} {}", hexadecimal(bytes)),
    }
}

/// An ICMP message as text: everything but its checksum, of which it is said whether it is right. In the header
/// that an error quotes, the identification and the checksum are taken out.
pub(super) fn describe_icmp(message: &[u8]) -> String {
    let right = internet_checksum(message) == 0;
    let mut message = message.to_vec();
    let quotes = message.first().is_some_and(|&kind| icmp::quotes(kind));
    for (from, to) in [(2, 4), (12, 14), (18, 20)].into_iter().take(if quotes { 3 } else { 1 }) {
        if let Some(bytes) = message.get_mut(from..to) {
            bytes.fill(0);
        }
    }
    let quoted = Icmp::new(&message).and_then(Icmp::quoted);
    let segment = quoted.filter(|quoted| quoted.protocol() == ipv4::protocol::TCP);
    if let Some(begin) = segment.map(|packet| icmp::HEADER_LENGTH + packet.header_length()) {
        without_numbers(message.get_mut(begin..).unwrap_or_default());
    }
    format!("icmp {} checksum_ok {right}", hexadecimal(&message))
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
