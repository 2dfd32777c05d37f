//! Captures as pcapng (draft-ietf-opsawg-pcapng), the form that Wireshark and tcpdump read.
//!
//! Only bytes are made here; who asks for them writes them to a file. `pcap-file`, the library for it, has had no
//! release since 2023 and would bring two more versions of `syn`; what is needed of the format is three blocks.

use crate::journal::Crossing;
use std::collections::BTreeMap;
use vethlab_shared::event::{Event, EventKind, Lost};

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;

const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;
const SHB_HARDWARE: u16 = 2;
const SHB_OS: u16 = 3;
const SHB_USERAPPL: u16 = 4;
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const EPB_FLAGS: u16 = 2;

/// `LINKTYPE_ETHERNET`.
const ETHERNET: u16 = 1;
/// `if_tsresol`: time counts in 10^-9 seconds.
const NANOSECONDS: u8 = 9;
/// The lowest two bits of `epb_flags`.
const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

/// A capture that is being written: each link of each namespace is an interface of its own, `red/veth-red`.
///
/// A file may hold several sections one after another, each begun like a file: fresh stacks begin one.
///
/// Times count from when the stack began, which a reader shows as 1 January 1970.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    /// The number of each interface, by its name.
    interfaces: BTreeMap<String, u32>,
}

/// A place in a capture, to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    interfaces: u32,
}

impl Capture {
    /// An empty capture, and the bytes that a file begins with. `application` is who writes it: `vethlab 0.1.0`.
    pub fn begin(application: &str) -> (Capture, Vec<u8>) {
        let mut body = Vec::new();
        body.extend(0x1A2B_3C4D_u32.to_le_bytes());
        body.extend(1_u16.to_le_bytes());
        body.extend(0_u16.to_le_bytes());
        // How long the section is will be known at its end only.
        body.extend(u64::MAX.to_le_bytes());
        option(&mut body, SHB_HARDWARE, b"virtual");
        option(&mut body, SHB_OS, b"Linux network namespaces");
        option(&mut body, SHB_USERAPPL, application.as_bytes());
        option(&mut body, END_OF_OPTIONS, b"");
        let mut bytes = Vec::new();
        block(&mut bytes, SECTION_HEADER, &body);
        (Capture::default(), bytes)
    }

    /// The bytes that tell of the frames among these events, to be added to the file: each time that a frame left
    /// by a link, and each time that one came in.
    ///
    /// Why a packet was dropped is told in a comment on the last of its frames, if both are among these events.
    pub fn append(&mut self, events: &[Event]) -> Vec<u8> {
        let mut comments = drops(events);
        let mut lost = Vec::new();
        let mut bytes = Vec::new();
        for event in events {
            let (link, frame, direction) = match &event.kind {
                EventKind::NetDevXmit { link, frame } => (link, frame, OUTBOUND),
                EventKind::NetifReceiveSkb { link, frame } => (link, frame, INBOUND),
                EventKind::EventsLost { what, reason, .. } => {
                    let what = match what {
                        Lost::Frames => "frames",
                        Lost::DropReasons => "drops",
                    };
                    lost.push(format!("before this frame not all {what} could be seen: {reason}"));
                    continue;
                }
                _ => continue,
            };
            let name = format!("{}/{link}", event.namespace);
            let interface = self.interface(&mut bytes, name);
            let length = u32::try_from(frame.len()).unwrap_or(u32::MAX).to_le_bytes();
            let time = event.time.as_nanos();
            let mut body = Vec::new();
            body.extend(interface.to_le_bytes());
            body.extend(((time >> 32) as u32).to_le_bytes());
            body.extend((time as u32).to_le_bytes());
            body.extend(length);
            body.extend(length);
            padded(&mut body, frame);
            for comment in comments.remove(&event.number).into_iter().chain(lost.drain(..)) {
                option(&mut body, COMMENT, comment.as_bytes());
            }
            option(&mut body, EPB_FLAGS, &direction.to_le_bytes());
            option(&mut body, END_OF_OPTIONS, b"");
            block(&mut bytes, ENHANCED_PACKET, &body);
        }
        bytes
    }

    /// How far the capture has come.
    pub fn mark(&self) -> Mark {
        Mark { interfaces: self.interfaces.len() as u32 }
    }

    /// Goes back to where it was, as what was added since is taken out of the file.
    pub fn go_back(&mut self, mark: Mark) {
        self.interfaces.retain(|_, number| *number < mark.interfaces);
    }

    /// The number of an interface, which is described where it is new.
    fn interface(&mut self, bytes: &mut Vec<u8>, name: String) -> u32 {
        if let Some(&number) = self.interfaces.get(&name) {
            return number;
        }
        let mut body = Vec::new();
        body.extend(ETHERNET.to_le_bytes());
        body.extend([0; 2]);
        // No limit to what is kept of a frame.
        body.extend(0_u32.to_le_bytes());
        option(&mut body, IF_NAME, name.as_bytes());
        option(&mut body, IF_TSRESOL, &[NANOSECONDS]);
        option(&mut body, END_OF_OPTIONS, b"");
        block(bytes, INTERFACE_DESCRIPTION, &body);
        let number = self.interfaces.len() as u32;
        self.interfaces.insert(name, number);
        number
    }
}

/// Why packets were dropped, by the number of the event that told of the last frame of each.
fn drops(events: &[Event]) -> BTreeMap<u64, String> {
    let dropped = |crossing: Crossing| {
        let (place, reason) = (crossing.received.or(crossing.sent)?, crossing.dropped?);
        Some((place.event, format!("dropped: {} ({})", reason.words(), reason.name())))
    };
    Crossing::all(events).into_iter().filter_map(dropped).collect()
}

/// Adds bytes, and zeros up to a multiple of four.
fn padded(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(bytes);
    out.resize(out.len().next_multiple_of(4), 0);
}

/// Adds an option: its code, its length and its value. A value that is too long for its length is cut.
fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    out.extend(code.to_le_bytes());
    out.extend(length.to_le_bytes());
    padded(out, &value[..length.into()]);
}

/// Adds a block: its type, its length before and behind it, and its body.
fn block(out: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = (body.len() as u32 + 12).to_le_bytes();
    out.extend(kind.to_le_bytes());
    out.extend(length);
    out.extend(body);
    out.extend(length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice;
    use vethlab_shared::event::{DropReason, PacketId};
    use vethlab_shared::name::NamespaceName;
    use vethlab_shared::time::Instant;

    fn word(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
    }

    /// The blocks of a file: type and body. Fails where lengths do not fit.
    fn blocks(mut bytes: &[u8]) -> Vec<(u32, &[u8])> {
        let mut blocks = Vec::new();
        while !bytes.is_empty() {
            let length = word(bytes, 4) as usize;
            assert_eq!(length % 4, 0);
            assert_eq!(word(bytes, length - 4) as usize, length);
            blocks.push((word(bytes, 0), &bytes[8..length - 4]));
            bytes = &bytes[length..];
        }
        blocks
    }

    /// The options at the end of a block: code and value.
    fn options(mut bytes: &[u8]) -> Vec<(u16, &[u8])> {
        let mut options = Vec::new();
        loop {
            let (code, length) = (word(bytes, 0) as u16, (word(bytes, 0) >> 16) as usize);
            if code == END_OF_OPTIONS {
                assert_eq!(bytes.len(), 4);
                return options;
            }
            options.push((code, &bytes[4..4 + length]));
            bytes = &bytes[4 + length.next_multiple_of(4)..];
        }
    }

    fn event(number: u64, kind: EventKind) -> Event {
        let namespace = NamespaceName::new("red").expect("a name");
        let time = Instant::from_nanos((3 << 32) + number);
        Event { number, time, namespace, packet: Some(PacketId(1)), kind }
    }

    fn sent(number: u64) -> Event {
        event(number, EventKind::NetDevXmit { link: "a0".parse().expect("a name"), frame: [7; 61].into() })
    }

    #[test]
    fn a_file_begins_with_the_section_and_says_who_wrote_it() {
        let (_, bytes) = Capture::begin("vethlab 1.2.3");
        let blocks = blocks(&bytes);
        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].0, SECTION_HEADER);
        assert_eq!(blocks[0].1[..8], [0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0]);
        assert_eq!(options(&blocks[0].1[16..])[2], (SHB_USERAPPL, &b"vethlab 1.2.3"[..]));
    }

    #[test]
    fn an_interface_is_described_once_and_before_its_first_frame() {
        let (mut capture, _) = Capture::begin("");
        let mut bytes = capture.append(&[sent(1)]);
        bytes.extend(capture.append(&[sent(2)]));
        let mark = capture.mark();
        let other = Event { namespace: NamespaceName::HOST, ..sent(1) };
        let taken_out = capture.append(slice::from_ref(&other));
        capture.go_back(mark);
        bytes.extend(capture.append(&[other]));
        assert!(bytes.ends_with(&taken_out), "what was taken out is described again");
        let blocks = blocks(&bytes);
        let kinds: Vec<u32> = blocks.iter().map(|block| block.0).collect();
        let (interface, frame) = (INTERFACE_DESCRIPTION, ENHANCED_PACKET);
        assert_eq!(kinds, [interface, frame, frame, interface, frame]);
        assert_eq!(options(&blocks[0].1[8..]), [(IF_NAME, &b"red/a0"[..]), (IF_TSRESOL, &[NANOSECONDS][..])]);
        assert_eq!(options(&blocks[3].1[8..])[0], (IF_NAME, &b"host/a0"[..]));
        assert_eq!([1, 2, 4].map(|block: usize| word(blocks[block].1, 0)), [0, 0, 1]);
    }

    #[test]
    fn a_frame_has_its_time_its_bytes_and_why_it_was_dropped() {
        let (mut capture, _) = Capture::begin("");
        let lost = EventKind::EventsLost { what: Lost::Frames, count: Some(3), reason: "no room".to_owned() };
        let dropped = EventKind::KfreeSkb { reason: DropReason::NeighFailed };
        let bytes = capture.append(&[event(1, lost), sent(2), event(3, dropped)]);
        let body = blocks(&bytes)[1].1;
        assert_eq!([4, 8, 12, 16].map(|at: usize| word(body, at)), [3, 2, 61, 61]);
        assert_eq!(body[20..84], [[7; 61].as_slice(), &[0; 3]].concat());
        let reason = DropReason::NeighFailed;
        let comment = format!("dropped: {} ({})", reason.words(), reason.name());
        assert_eq!(
            options(&body[84..]),
            [
                (COMMENT, comment.as_bytes()),
                (COMMENT, &b"before this frame not all frames could be seen: no room"[..]),
                (EPB_FLAGS, &[2, 0, 0, 0][..])
            ]
        );
    }
}
