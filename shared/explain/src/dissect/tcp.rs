//! TCP (RFC 9293).

use super::Dissection;
use super::ethernet::{DATA, data};
use super::ipv4::Carried;
use super::reader::Reader;
use super::udp::{DESTINATION_PORT, SOURCE_PORT, offloaded};
use vethlab_shared::wire::tcp::{HEADER_LENGTH, field, flag};

/// The flags: the bit, the names, and what it says.
const FLAGS: [(u32, &str, &str, &str); 9] = [
    (0x100, "AE", "tcp.flags.ae", "Accurate ECN: counts marks of congestion."),
    (flag::CWR as u32, "CWR", "tcp.flags.cwr", "The sender has slowed down after congestion."),
    (flag::ECE as u32, "ECE", "tcp.flags.ece", "The receiver was told of congestion."),
    (flag::URG as u32, "URG", "tcp.flags.urg", "The urgent pointer counts."),
    (flag::ACK as u32, "ACK", "tcp.flags.ack", "The acknowledgement number counts."),
    (flag::PSH as u32, "PSH", "tcp.flags.push", "Hand the data to the program at once."),
    (flag::RST as u32, "RST", "tcp.flags.reset", "The connection ends at once, or is refused."),
    (flag::SYN as u32, "SYN", "tcp.flags.syn", "The connection begins: numbers are agreed on."),
    (flag::FIN as u32, "FIN", "tcp.flags.fin", "The sender has no more to send."),
];

pub(super) fn dissect(frame: &[u8], carried: &Carried, out: &mut Dissection) {
    out.what = "TCP, cut short".to_owned();
    let about = "takes a stream of bytes from one socket to another, in order and without gaps";
    let mut reader = Reader::new("TCP", about, frame, carried.at.clone());
    if let Some(what) = read(&mut reader, frame, carried) {
        out.what = what;
    }
    let (layer, rest) = reader.finish();
    out.layers.push(layer);
    data(frame, rest, DATA, out);
}

fn read(reader: &mut Reader<'_>, frame: &[u8], carried: &Carried) -> Option<String> {
    let plain = |n: u64| n.to_string();
    let source = reader.number(("source port", "tcp.srcport"), field::SOURCE, SOURCE_PORT, plain)?;
    let destination =
        reader.number(("destination port", "tcp.dstport"), field::DESTINATION, DESTINATION_PORT, plain)?;
    let note = "The number of the first byte of data here, in the sender's stream.";
    reader.number(("sequence number", "tcp.seq_raw"), field::SEQUENCE, note, plain)?;
    let note = "The number of the byte that the sender expects next from the other side.";
    reader.number(("acknowledgement", "tcp.ack_raw"), field::ACKNOWLEDGEMENT, note, plain)?;
    let note = "Where the header ends and the data begins.";
    let words = reader.bits(("header length", "tcp.hdr_len"), field::DATA_OFFSET, 0xf0, note, |n| {
        format!("{} bytes ({n} words of 4)", 4 * n)
    })?;
    let header_length = 4 * words as usize;
    if header_length < HEADER_LENGTH {
        reader.wrong();
    }
    reader.bits(("reserved", "tcp.flags.res"), field::DATA_OFFSET, 0x0e, "Without a use; zero.", plain)?;
    let mut set = Vec::new();
    for (mask, name, filter, note) in FLAGS {
        let value = |n| if n == 1 { "1 (set)" } else { "0 (not set)" }.to_owned();
        // All flags but the first stand in the second byte.
        let (at, mask) = if mask > 0xff { (field::DATA_OFFSET, mask >> 8) } else { (field::FLAGS, mask) };
        if reader.bits((name, filter), at, mask, note, value)? == 1 {
            set.push(name);
        }
    }
    let note = "How many more bytes the sender is ready to take (before any scaling).";
    reader.number(("window", "tcp.window_size_value"), field::WINDOW, note, |n| format!("{n} bytes"))?;
    let there = reader.bytes(&field::CHECKSUM).map_or(0, |bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
    let expected =
        offloaded(carried, there).map_or_else(|| carried.checksum(frame, field::CHECKSUM, true), Err);
    let note = "Shows whether header, data or addresses were damaged on the way.";
    reader.checksum(("checksum", "tcp.checksum"), field::CHECKSUM, note, expected);
    let note = "Where urgent data ends; counts only with the URG flag.";
    reader.number(("urgent pointer", "tcp.urgent_pointer"), field::URGENT, note, plain)?;
    options(reader, HEADER_LENGTH, header_length);
    Some(format!("TCP {source} > {destination} [{}]", set.join(",")))
}

/// The options (RFC 9293 section 3.2), up to the end of the header.
fn options(reader: &mut Reader<'_>, mut at: usize, end: usize) -> Option<()> {
    while at < end {
        let (kind, length) = reader.option(at, end)?;
        let note = match kind {
            0 => "No more options.",
            1 => "Brings the next option to a round place.",
            2 => "The most data that the sender wants in one segment.",
            3 => "How far the window is to be shifted.",
            4 => "The sender understands selective acknowledgements.",
            5 => "What arrived already behind a gap.",
            8 => "Times, to measure the round trip by.",
            _ => "An option that is not known here.",
        };
        reader.text(("option", ""), at..at + length, note, |bytes| option(kind, bytes))?;
        at += length;
    }
    Some(())
}

fn option(kind: u8, bytes: &[u8]) -> String {
    let word = |at: usize| {
        bytes.get(at..at + 4).map_or(0, |bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    match (kind, bytes.len()) {
        (0, _) => "0 (end of options)".to_owned(),
        (1, _) => "1 (nothing, fills up)".to_owned(),
        (2, 4) => format!("2 (maximum segment size {})", u16::from_be_bytes([bytes[2], bytes[3]])),
        (3, 3) => format!("3 (window scale {})", bytes[2]),
        (4, 2) => "4 (SACK permitted)".to_owned(),
        (5, length) => {
            let blocks = (2..length.saturating_sub(7)).step_by(8);
            let blocks: Vec<String> = blocks.map(|at| format!("{}-{}", word(at), word(at + 4))).collect();
            format!("5 (SACK {})", blocks.join(" "))
        }
        (8, 10) => format!("8 (timestamp {}, echo {})", word(2), word(6)),
        _ => format!("{kind}"),
    }
}
