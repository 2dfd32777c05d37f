//! ICMP (RFC 792).

use super::Dissection;
use super::arp::address;
use super::ethernet::{DATA, data};
use super::ipv4::{self, Carried};
use super::reader::Reader;
use vethlab_shared::wire::icmp::{field, quotes};

/// What a message of this type and code says (IANA, "ICMP Type Numbers").
pub(super) fn name(kind: u64, code: u64) -> &'static str {
    match (kind, code) {
        (0, _) => "echo reply",
        (3, 0) => "network unreachable",
        (3, 1) => "host unreachable",
        (3, 2) => "protocol unreachable",
        (3, 3) => "port unreachable",
        (3, 4) => "fragmentation needed",
        (3, 5) => "source route failed",
        (3, 9) => "network prohibited",
        (3, 10) => "host prohibited",
        (3, 13) => "prohibited by a filter",
        (3, _) => "destination unreachable",
        (4, _) => "source quench",
        (5, 0) => "redirect for a network",
        (5, _) => "redirect for a host",
        (8, _) => "echo request",
        (9, _) => "router advertisement",
        (10, _) => "router solicitation",
        (11, 1) => "reassembly time exceeded",
        (11, _) => "time exceeded",
        (12, _) => "parameter problem",
        (13, _) => "timestamp request",
        (14, _) => "timestamp reply",
        (17, _) => "address mask request",
        (18, _) => "address mask reply",
        _ => "type not known here",
    }
}

/// Whether messages of this type are about another packet, which they quote.
fn is_error(kind: u64) -> bool {
    quotes(kind as u8)
}

pub(super) fn dissect(frame: &[u8], carried: &Carried, out: &mut Dissection) {
    out.what = "ICMP, cut short".to_owned();
    let about = "asks and answers, and tells a sender what became of its packet";
    let mut reader = Reader::new("ICMP", about, frame, carried.at.clone());
    let message = read_header(&mut reader, frame, carried);
    let sequence = message.and_then(|(kind, code)| {
        let sequence = read_rest(&mut reader, kind, code);
        let (what, source) = (name(kind, code), &carried.source);
        out.what = match sequence {
            Some(sequence) => format!("ICMP {what} seq {sequence} ttl {}", carried.time_to_live),
            None if is_error(kind) => format!("ICMP {what} from {source}"),
            None => format!("ICMP {what} ttl {}", carried.time_to_live),
        };
        sequence
    });
    let (layer, rest) = reader.finish();
    let whole = layer.problem.is_none();
    out.layers.push(layer);
    match message {
        Some((kind, _)) if whole && is_error(kind) => {
            if let Some(about) = quote(frame, rest, out) {
                out.whom = format!("about {about}");
            }
        }
        _ if sequence.is_some() => {
            let about = "comes back as it was sent; ping puts the time of sending first";
            data(frame, rest, ("Echo data", about), out);
        }
        _ => data(frame, rest, DATA, out),
    }
}

/// Takes the quoted packet apart; who it was from and for.
fn quote(frame: &[u8], at: std::ops::Range<usize>, out: &mut Dissection) -> Option<String> {
    if at.is_empty() {
        return None;
    }
    let mut quoted = Dissection { what: String::new(), whom: String::new(), layers: Vec::new() };
    ipv4::dissect(frame, at, &mut quoted);
    for layer in &mut quoted.layers {
        layer.quoted = true;
    }
    out.layers.extend(quoted.layers);
    (!quoted.whom.is_empty()).then_some(quoted.whom)
}

fn read_header(reader: &mut Reader<'_>, frame: &[u8], carried: &Carried) -> Option<(u64, u64)> {
    let code = reader.bytes(&field::CODE).map_or(0, |bytes| u64::from(bytes[0]));
    let note = "What the message says.";
    let kind = reader
        .number(("type", "icmp.type"), field::KIND, note, |kind| format!("{kind} ({})", name(kind, code)))?;
    let note = "Says it more closely; what it means depends on the type.";
    reader.number(("code", "icmp.code"), field::CODE, note, |n| n.to_string())?;
    let note = "Shows whether the message was damaged on the way. Routers leave it as it is.";
    reader.checksum(
        ("checksum", "icmp.checksum"),
        field::CHECKSUM,
        note,
        carried.checksum(frame, field::CHECKSUM, false),
    );
    Some((kind, code))
}

/// The four bytes behind the checksum, and what of a fixed form comes after; the sequence number of an echo.
fn read_rest(reader: &mut Reader<'_>, kind: u64, code: u64) -> Option<u64> {
    match kind {
        0 | 8 => return read_sequence(reader),
        3 | 11 | 12 => {
            if kind == 12 {
                let note = "Which byte of the quoted packet the trouble is with.";
                reader.number(("pointer", "icmp.pointer"), field::POINTER, note, |n| format!("byte {n}"))?;
            } else {
                reader.text(("unused", ""), 4..5, "Without a use; zero.", |_| "0".to_owned())?;
            }
            let note = "Length of the quoted packet, where something follows it (RFC 4884); mostly unused.";
            reader.number(("quoted length", "icmp.length"), 5..6, note, |n| {
                if n == 0 { "0 (not told)".to_owned() } else { format!("{n} words of 4 bytes") }
            })?;
            if (kind, code) == (3, 4) {
                let note =
                    "How big a packet may be on the next link: the sender sends smaller ones from now on.";
                reader.number(("next-hop MTU", "icmp.mtu"), field::MTU, note, |n| format!("{n} bytes"))?;
            } else {
                reader.text(("unused", ""), 6..8, "Without a use; zero.", |_| "0".to_owned())?;
            }
        }
        5 => {
            let note = "The router to send to instead: it is nearer to the destination.";
            reader.text(("gateway", "icmp.redir_gw"), field::GATEWAY, note, address)?;
        }
        13 | 14 => {
            read_sequence(reader)?;
            let milliseconds = |n: u64| format!("{n} ms since midnight UTC");
            let names = [
                ("originate", "icmp.originate_timestamp"),
                ("receive", "icmp.receive_timestamp"),
                ("transmit", "icmp.transmit_timestamp"),
            ];
            for (place, names) in (8..).step_by(4).zip(names) {
                let note = "A moment, to compare clocks by.";
                reader.number(names, place..place + 4, note, milliseconds)?;
            }
        }
        _ => {
            let note = "What these hold depends on the type.";
            reader.text(("rest of header", ""), field::REST, note, super::reader::hex)?;
        }
    }
    None
}

fn read_sequence(reader: &mut Reader<'_>) -> Option<u64> {
    let note = "Tells the answers to one ping from those to another.";
    reader.number(("identifier", "icmp.ident"), field::IDENTIFIER, note, |n| format!("{n} ({n:#06x})"))?;
    let note = "Counts the requests; an answer has the number of its request.";
    reader.number(("sequence number", "icmp.seq"), field::SEQUENCE, note, |n| n.to_string())
}
