//! Ethernet (IEEE 802.3, with a type: RFC 894).

use super::reader::{Reader, hex};
use super::{Dissection, arp, ipv4};
use etherparse::EtherType;
use std::ops::Range;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::wire::ethernet::{ethertype, field};

/// Below this the field is a length and not a type (IEEE 802.3, clause 3.2.6).
const FIRST_TYPE: u64 = 0x0600;

pub(super) fn mac(bytes: &[u8]) -> String {
    bytes.try_into().map_or_else(|_| hex(bytes), |bytes| MacAddress(bytes).to_string())
}

/// An Ethernet address and whom it means, where that is not one station.
fn station(bytes: &[u8]) -> String {
    let address = mac(bytes);
    match <[u8; 6]>::try_from(bytes).map(MacAddress) {
        Ok(MacAddress::BROADCAST) => format!("{address} (broadcast: every station)"),
        Ok(MacAddress::ZERO) => format!("{address} (none: a loopback link)"),
        Ok(group) if group.is_multicast() => format!("{address} (a group)"),
        _ => address,
    }
}

/// What an `EtherType` stands for, in short.
pub(super) fn type_name(number: u64) -> &'static str {
    match u16::try_from(number).map(EtherType) {
        Ok(EtherType::IPV4) => "IPv4",
        Ok(EtherType::ARP) => "ARP",
        Ok(EtherType::IPV6) => "IPv6",
        Ok(EtherType::VLAN_TAGGED_FRAME) => "VLAN tag",
        Ok(EtherType::PROVIDER_BRIDGING) => "service VLAN tag",
        Ok(EtherType(0x88cc)) => "LLDP",
        _ => "not known here",
    }
}

pub(super) fn dissect(frame: &[u8], out: &mut Dissection) {
    let about = "takes the frame to the next station on this link";
    let mut reader = Reader::new("Ethernet", about, frame, 0..frame.len());
    reader.text(
        ("destination", "eth.dst"),
        field::DESTINATION,
        "The station that is to take the frame. All others on the link leave it alone.",
        station,
    );
    let note = "The station that sent it: the last hop, not always who made the packet.";
    reader.text(("source", "eth.src"), field::SOURCE, note, station);
    let note = "What the frame carries, so that the receiver knows who is to read on.";
    let kind = reader.number(("type", "eth.type"), field::ETHERTYPE, note, |number| {
        let name = if number < FIRST_TYPE { "a length, not a type" } else { type_name(number) };
        format!("{number:#06x} ({name})")
    });
    let (layer, carried) = reader.finish();
    out.layers.push(layer);
    match kind.map(|number| number as u16) {
        Some(ethertype::IPV4) => ipv4::dissect(frame, carried, out),
        Some(ethertype::ARP) => arp::dissect(frame, carried, out),
        Some(number) => {
            let name = type_name(number.into());
            out.what = match name {
                "not known here" => format!("ethertype {number:#06x}"),
                name => format!("{name}, {} bytes", carried.len()),
            };
            data(frame, carried, DATA, out);
        }
        None => {
            out.what = format!("{} bytes, cut short", frame.len());
            data(frame, carried, DATA, out);
        }
    }
}

/// What a layer of bytes is called that nothing here takes apart.
pub(super) const DATA: (&str, &str) = ("Data", "what is carried, as it is");

/// Adds what is left as a layer of plain bytes, where something is.
pub(super) fn data(
    frame: &[u8],
    at: Range<usize>,
    (name, about): (&'static str, &'static str),
    out: &mut Dissection,
) {
    if at.is_empty() {
        return;
    }
    let length = at.len();
    let mut reader = Reader::new(name, about, frame, at);
    reader.text(("bytes", ""), 0..length, "", |bytes| format!("{} bytes", bytes.len()));
    out.layers.push(reader.finish().0);
}
