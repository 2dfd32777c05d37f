//! IPv4 (RFC 791), and what it carries.

use super::arp::address;
use super::ethernet::{DATA, data};
use super::reader::Reader;
use super::{Dissection, icmp, tcp, udp};
use etherparse::IpNumber;
use std::net::Ipv4Addr;
use std::ops::Range;
use vethlab_shared::wire::Field;
use vethlab_shared::wire::checksum::{self, internet_checksum};
use vethlab_shared::wire::ipv4::{HEADER_LENGTH, field, protocol};

/// The part of an IPv4 packet that a transport protocol has to read.
pub(super) struct Carried {
    /// Its bytes in the frame.
    pub(super) at: Range<usize>,
    /// Source and destination, protocol and length: what UDP and TCP count into their checksum (RFC 768, RFC 9293
    /// section 3.1). The reason where not all that the checksum is over is here.
    pub(super) pseudo_header: Result<[u8; 12], &'static str>,
    /// Who sent the packet.
    pub(super) source: String,
    /// Time to live, in hops.
    pub(super) time_to_live: u64,
}

impl Carried {
    /// What the checksum at `field` of these bytes should be.
    pub(super) fn checksum(&self, frame: &[u8], field: Field, pseudo: bool) -> Result<u16, &'static str> {
        let header = self.pseudo_header?;
        let bytes = frame.get(self.at.clone()).ok_or(CUT)?;
        let mut counted = if pseudo { header.to_vec() } else { Vec::new() };
        let before = counted.len();
        counted.extend(bytes);
        counted[before..].get_mut(field).ok_or(CUT)?.fill(0);
        Ok(internet_checksum(&counted))
    }
}

const CUT: &str = "cannot be checked: the packet is not all here";
const FRAGMENT: &str = "cannot be checked: it is over all fragments together";

/// What a field of the header tells of fragments.
#[derive(Default)]
struct Fragment {
    identification: u64,
    more: bool,
    offset: u64,
}

pub(super) fn dissect(frame: &[u8], at: Range<usize>, out: &mut Dissection) {
    let first = out.layers.len();
    out.what = "IPv4, cut short".to_owned();
    let about = "takes the packet from network to network, to its destination";
    let mut reader = Reader::new("IPv4", about, frame, at.clone());
    let header = read_header(&mut reader);
    let (mut layer, rest) = reader.finish();
    let Some(header) = header else {
        out.layers.push(layer);
        return data(frame, rest, DATA, out);
    };
    if header.broken {
        let problem = || "the lengths in the header cannot be right: nobody reads on".to_owned();
        layer.problem.get_or_insert_with(problem);
        out.what = "IPv4, broken".to_owned();
        out.layers.push(layer);
        return data(frame, rest, DATA, out);
    }
    let end = at.start + header.total_length;
    let missing = end.saturating_sub(rest.end);
    if missing > 0 {
        layer.problem = Some(format!("{missing} of the packet's {} bytes are not here", header.total_length));
    }
    out.layers.push(layer);
    let padding = end.min(rest.end)..rest.end;
    let Fragment { identification, more, offset } = header.fragment;
    out.whom = format!("{} > {}", header.source, header.destination);
    let carried = Carried {
        pseudo_header: match (more || offset > 0, missing > 0) {
            (true, _) => Err(FRAGMENT),
            (_, true) => Err(CUT),
            _ => Ok(pseudo_header(&header, rest.start..padding.start)),
        },
        at: rest.start..padding.start,
        source: header.source.to_string(),
        time_to_live: header.time_to_live,
    };
    if offset > 0 {
        let about = "a piece of a packet: what the first fragment began goes on";
        data(frame, carried.at, ("Fragment", about), out);
    } else {
        match header.protocol as u8 {
            protocol::ICMP => icmp::dissect(frame, &carried, out),
            protocol::TCP => tcp::dissect(frame, &carried, out),
            protocol::UDP => udp::dissect(frame, &carried, out),
            number => {
                let ttl = carried.time_to_live;
                out.what = format!("IPv4 protocol {} ttl {ttl}", protocol_name(number.into()));
                data(frame, carried.at, DATA, out);
            }
        }
    }
    if more || offset > 0 {
        let bytes = padding.start - rest.start;
        out.what = format!("fragment {offset}+{bytes}{} id {identification}", if more { "…" } else { "" });
    }
    let quoted = first > 0 && out.layers[..first].iter().any(|layer| layer.name == "IPv4");
    if !quoted {
        data(frame, padding, ("Padding", "fills a short frame up; nobody reads it"), out);
    }
}

/// What the rest of a packet is read by.
struct Header {
    total_length: usize,
    fragment: Fragment,
    time_to_live: u64,
    protocol: u64,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    broken: bool,
}

fn pseudo_header(header: &Header, at: Range<usize>) -> [u8; 12] {
    checksum::pseudo_header(header.source, header.destination, header.protocol as u8, at.len() as u16)
}

/// The name of a protocol, and its number where it has none.
fn protocol_name(number: u64) -> String {
    let name = u8::try_from(number).ok().and_then(|number| IpNumber(number).keyword_str());
    name.map_or_else(|| number.to_string(), str::to_owned)
}

/// The name of a way to be treated (RFC 2474, RFC 2597, RFC 3246).
fn dscp_name(number: u64) -> String {
    match (number / 8, number % 8) {
        (0, 0) => "default".to_owned(),
        (class, 0) => format!("CS{class}"),
        (class @ 1..=4, drop @ (2 | 4 | 6)) => format!("AF{class}{}", drop / 2),
        (5, 6) => "EF".to_owned(),
        _ => "no agreed meaning".to_owned(),
    }
}

fn read_header(reader: &mut Reader<'_>) -> Option<Header> {
    let note = "Which kind of IP this is.";
    let version =
        reader.bits(("version", "ip.version"), field::VERSION_AND_LENGTH, 0xf0, note, |n| n.to_string())?;
    let note = "Where the header ends: it has 20 bytes, or more with options.";
    let words = reader.bits(("header length", "ip.hdr_len"), field::VERSION_AND_LENGTH, 0x0f, note, |n| {
        format!("{} bytes ({n} words of 4)", 4 * n)
    })?;
    let header_length = 4 * words as usize;
    let mut broken = version != 4 || header_length < HEADER_LENGTH;
    if broken {
        reader.wrong();
    }
    let note = "How routers should treat the packet when there is a queue (Differentiated Services).";
    reader
        .bits(("DSCP", "ip.dsfield.dscp"), field::TOS, 0xfc, note, |n| format!("{n} ({})", dscp_name(n)))?;
    let note = "Lets a router tell of a queue without dropping (Explicit Congestion Notification).";
    reader.bits(("ECN", "ip.dsfield.ecn"), field::TOS, 0x03, note, |n| {
        let meaning = ["not used", "ECT(1)", "ECT(0)", "congestion was met"];
        format!("{n} ({})", meaning.get(n as usize).unwrap_or(&""))
    })?;
    let note = "The whole packet: header and what it carries. The Ethernet header does not count.";
    let total_length = reader
        .number(("total length", "ip.len"), field::TOTAL_LENGTH, note, |n| format!("{n} bytes"))?
        as usize;
    if total_length < header_length {
        reader.wrong();
        broken = true;
    }
    let note = "The same in all fragments of one packet, so that they can be put together.";
    let identification = reader
        .number(("identification", "ip.id"), field::IDENTIFICATION, note, |n| format!("{n:#06x} ({n})"))?;
    let set = |n| if n == 1 { "1 (set)" } else { "0 (not set)" }.to_owned();
    reader.bits(("reserved", "ip.flags.rb"), field::FLAGS, 0x80, "Without a use; zero.", set)?;
    let note = "Forbids routers to cut the packet: one that is too big is dropped, and its sender told.";
    reader.bits(("don't fragment", "ip.flags.df"), field::FLAGS, 0x40, note, set)?;
    let note = "Whether this is a fragment that others follow.";
    let more = reader.bits(("more fragments", "ip.flags.mf"), field::FLAGS, 0x20, note, set)? == 1;
    let note = "Where in the whole packet this fragment begins; counted in units of 8 bytes.";
    let offset =
        8 * reader.bits(("fragment offset", "ip.frag_offset"), field::FRAGMENT, 0x1fff, note, |n| {
            format!("{} bytes ({n} units of 8)", 8 * n)
        })?;
    let note = "How many routers it may still pass. Each takes one off; at zero it is dropped.";
    let time_to_live =
        reader.number(("time to live", "ip.ttl"), field::TIME_TO_LIVE, note, |n| format!("{n} hops"))?;
    let note = "What the packet carries, so that the receiver knows who is to read on.";
    let protocol = reader
        .number(("protocol", "ip.proto"), field::PROTOCOL, note, |n| format!("{n} ({})", protocol_name(n)))?;
    let note = "Shows whether the header was damaged on the way. Each router changes it, with the TTL.";
    let expected = match reader.all().get(..header_length) {
        Some(header) if header_length >= HEADER_LENGTH => {
            let mut header = header.to_vec();
            header[field::CHECKSUM].fill(0);
            Ok(internet_checksum(&header))
        }
        _ => Err("cannot be checked: the header is not all here"),
    };
    reader.checksum(("header checksum", "ip.checksum"), field::CHECKSUM, note, expected);
    let note = "Who made the packet; an answer goes there.";
    let source = reader.text(("source", "ip.src"), field::SOURCE, note, address)?;
    let note = "Who is to receive it in the end. Routers look at this.";
    let destination = reader.text(("destination", "ip.dst"), field::DESTINATION, note, address)?;
    if !broken {
        options(reader, HEADER_LENGTH, header_length)?;
    }
    let fragment = Fragment { identification, more, offset };
    let (source, destination) = (octets(source), octets(destination));
    Some(Header { total_length, fragment, time_to_live, protocol, source, destination, broken })
}

fn octets(bytes: &[u8]) -> Ipv4Addr {
    bytes.try_into().map_or(Ipv4Addr::UNSPECIFIED, |bytes: [u8; 4]| Ipv4Addr::from(bytes))
}

/// The options (RFC 791 section 3.1), up to the end of the header.
fn options(reader: &mut Reader<'_>, mut at: usize, end: usize) -> Option<()> {
    const NOTE: &str = "An extra that is seldom used: many routers drop packets with options.";
    while at < end {
        let (kind, length) = reader.option(at, end)?;
        let name = match kind {
            0 => "end of options",
            1 => "nothing, fills up",
            7 => "record route",
            68 => "timestamps",
            131 => "loose source route",
            137 => "strict source route",
            148 => "router alert",
            _ => "not known here",
        };
        reader.text(("option", ""), at..at + length, NOTE, |_| format!("{kind} ({name})"))?;
        at += length;
    }
    Some(())
}
