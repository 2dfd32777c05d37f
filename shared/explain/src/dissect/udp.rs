//! UDP (RFC 768).

use super::Dissection;
use super::ethernet::{DATA, data};
use super::ipv4::Carried;
use super::reader::Reader;

pub(super) const SOURCE_PORT: &str = "Which socket of the sender it came from; an answer goes there.";
pub(super) const DESTINATION_PORT: &str = "Which socket of the receiver it is for.";

pub(super) fn dissect(frame: &[u8], carried: &Carried, out: &mut Dissection) {
    out.what = "UDP, cut short".to_owned();
    let about = "takes data from one socket to another, without a promise";
    let mut reader = Reader::new("UDP", about, frame, carried.at.clone());
    if let Some((source, destination)) = read(&mut reader, frame, carried) {
        out.what = format!("UDP {source} > {destination} ttl {}", carried.time_to_live);
    }
    let (layer, rest) = reader.finish();
    out.layers.push(layer);
    data(frame, rest, DATA, out);
}

fn read(reader: &mut Reader<'_>, frame: &[u8], carried: &Carried) -> Option<(u64, u64)> {
    let source = reader.number(("source port", "udp.srcport"), 0..2, SOURCE_PORT, |n| n.to_string())?;
    let destination =
        reader.number(("destination port", "udp.dstport"), 2..4, DESTINATION_PORT, |n| n.to_string())?;
    let note = "Header and data together.";
    let length = reader.number(("length", "udp.length"), 4..6, note, |n| format!("{n} bytes"))?;
    let here = carried.at.len() as u64;
    if length < 8 || (carried.pseudo_header.is_ok() && length > here) {
        reader.wrong();
    }
    let there = reader.bytes(&(6..8)).map_or(0, |bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
    let note = "Shows whether ports, data or addresses were damaged on the way; 0 where it is not used.";
    let expected = match there {
        0 => Err("not used"),
        _ if length != here => Err("cannot be checked: the length does not fit"),
        // A sum of zero is sent as all ones: zero stands for "not used" (RFC 768).
        _ => carried.checksum(frame, 6, true).map(|sum| if sum == 0 { 0xffff } else { sum }),
    };
    let expected = offloaded(carried, there).map_or(expected, Err);
    reader.checksum(("checksum", "udp.checksum"), 6..8, note, expected);
    Some((source, destination))
}

/// Whether a checksum is only begun: the sum over the pseudo-header, which the link's hardware is to complete
/// (`CHECKSUM_PARTIAL` in `linux/skbuff.h`). A veth link never does, and the far end believes it.
pub(super) fn offloaded(carried: &Carried, there: u16) -> Option<&'static str> {
    let header = carried.pseudo_header.ok()?;
    let begun = !vethlab_shared::frame::internet_checksum(&header);
    (begun == there).then_some("only begun: left to the link's hardware")
}
