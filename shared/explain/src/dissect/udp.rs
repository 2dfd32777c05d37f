//! UDP (RFC 768).

use super::Dissection;
use super::ethernet::{DATA, data};
use super::ipv4::Carried;
use super::reader::Reader;
use vethlab_shared::wire::internet_checksum;
use vethlab_shared::wire::udp::{HEADER_LENGTH, field};

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
    let source =
        reader.number(("source port", "udp.srcport"), field::SOURCE, SOURCE_PORT, |n| n.to_string())?;
    let destination =
        reader.number(("destination port", "udp.dstport"), field::DESTINATION, DESTINATION_PORT, |n| {
            n.to_string()
        })?;
    let note = "Header and data together.";
    let length = reader.number(("length", "udp.length"), field::LENGTH, note, |n| format!("{n} bytes"))?;
    let here = carried.at.len() as u64;
    if length < HEADER_LENGTH as u64 || (carried.pseudo_header.is_ok() && length > here) {
        reader.wrong();
    }
    let there = reader.bytes(&field::CHECKSUM).map_or(0, |bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
    let note = "Shows whether ports, data or addresses were damaged on the way; 0 where it is not used.";
    let expected = match there {
        0 => Err("not used"),
        _ if length != here => Err("cannot be checked: the length does not fit"),
        // A sum of zero is sent as all ones: zero stands for "not used" (RFC 768).
        _ => carried.checksum(frame, field::CHECKSUM, true).map(|sum| if sum == 0 { 0xffff } else { sum }),
    };
    let expected = offloaded(carried, there).map_or(expected, Err);
    reader.checksum(("checksum", "udp.checksum"), field::CHECKSUM, note, expected);
    Some((source, destination))
}

/// Whether a checksum is only begun: the sum over the pseudo-header, which the link's hardware is to complete
/// (`CHECKSUM_PARTIAL` in `linux/skbuff.h`). A veth link never does, and the far end believes it.
pub(super) fn offloaded(carried: &Carried, there: u16) -> Option<&'static str> {
    let header = carried.pseudo_header.ok()?;
    let begun = !internet_checksum(&header);
    (begun == there).then_some("only begun: left to the link's hardware")
}
