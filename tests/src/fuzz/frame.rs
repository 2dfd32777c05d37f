//! Frames as they are shown: field by field, as tcpdump does, and as text.

use vethlab_explain::dissect::{Numbers, dissect, render};
use vethlab_programs::tcpdump::{self, LinkType};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{CapturedFrame, Direction};
use vethlab_shared::time::Instant;
use vethlab_shared::wire::{Arp, Frame, Icmp, Ipv4, Tcp, Udp, stp};

/// The words of tcpdump that show most, and least.
const STYLES: [&[&str]; 4] = [&["-n"], &["-nevvvXX"], &["-nq"], &["-nStv"]];

/// What is told is told of bytes that are there, and nothing of a frame acts on a terminal.
pub(super) fn run(bytes: &[u8]) {
    let dissection = dissect(bytes);
    for layer in &dissection.layers {
        assert!(layer.start + layer.length <= bytes.len(), "{layer:?}");
        for field in &layer.fields {
            assert!(field.start + field.length <= bytes.len(), "{field:?}");
            assert_eq!(field.bytes.len(), 2 * field.length, "{field:?}");
        }
    }
    is_text(&Numbers::default().of(bytes).unwrap_or_default());
    for width in [1, 20, 80] {
        is_text(&render(&dissection, width));
    }
    for link_type in [LinkType::Ethernet, LinkType::Cooked] {
        for style in STYLES {
            let words: Vec<String> = style.iter().map(|&word| word.to_owned()).collect();
            let frame = CapturedFrame {
                time: Instant::from_nanos(1),
                link: IfIndex(2),
                direction: Direction::In,
                bytes: bytes.to_vec(),
            };
            let place = ("a0", MacAddress([2, 0, 0, 0, 0, 1]));
            is_text(&tcpdump::print(&words, link_type, place, &[frame]).expect("good words"));
        }
    }
    views(bytes);
}

/// Reads through each view of the wire's formats.
fn views(bytes: &[u8]) {
    if let Some(frame) = Frame::new(bytes) {
        is_text(&frame.to_string());
    }
    if let Some(packet) = Ipv4::new(bytes) {
        assert!(packet.payload().len() <= bytes.len());
        if let Some(quoted) = packet.icmp().and_then(Icmp::quoted) {
            assert!(quoted.bytes().len() < bytes.len());
        }
    }
    if let Some(message) = stp::Message::read(bytes) {
        assert!(stp::is_message(bytes));
        let said = stp::Message::read(&message.payload());
        assert!(said.is_some(), "a message of a bridge is written as one");
    }
    if let Some(message) = Arp::new(bytes) {
        // The kind of link is left: it is not kept.
        assert_eq!(
            message.message().to_bytes()[2..],
            bytes[2..28],
            "an ARP message is written as it was read"
        );
    }
    if let Some(segment) = Tcp::new(bytes) {
        assert!(segment.data().len() <= bytes.len());
    }
    if let Some(datagram) = Udp::new(bytes) {
        assert!(datagram.data().len() <= bytes.len());
    }
}

fn is_text(text: &str) {
    let acts = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    assert!(!text.contains(acts), "it acts on a terminal: {text:?}");
}
