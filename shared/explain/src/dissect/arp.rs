//! ARP for IPv4 over Ethernet (RFC 826).

use super::Dissection;
use super::ethernet::{data, mac, type_name};
use super::reader::Reader;
use std::net::Ipv4Addr;
use std::ops::Range;
use vethlab_shared::wire::arp::{self, field};
use vethlab_shared::wire::ethernet::ethertype;

/// The hardware type and the protocol type that are taken apart.
const ETHERNET: u64 = arp::ETHERNET as u64;
const IPV4: u64 = ethertype::IPV4 as u64;

pub(super) fn address(bytes: &[u8]) -> String {
    <[u8; 4]>::try_from(bytes).map_or_else(|_| String::new(), |bytes| Ipv4Addr::from(bytes).to_string())
}

pub(super) fn dissect(frame: &[u8], at: Range<usize>, out: &mut Dissection) {
    let about = "finds the Ethernet address of the station that has an IPv4 address";
    let mut reader = Reader::new("ARP", about, frame, at);
    let note = "What kind of link the addresses below are for.";
    let hardware = reader.number(("hardware type", "arp.hw.type"), field::HARDWARE_TYPE, note, |number| {
        let name = if number == ETHERNET { "Ethernet" } else { "not known here" };
        format!("{number} ({name})")
    });
    let note = "What kind of address is looked for.";
    let protocol = reader.number(("protocol type", "arp.proto.type"), field::PROTOCOL_TYPE, note, |number| {
        format!("{number:#06x} ({})", type_name(number))
    });
    let note = "How many bytes an address of the link has.";
    let long =
        reader.number(("hardware length", "arp.hw.size"), field::HARDWARE_LENGTH, note, |n| n.to_string());
    let note = "How many bytes an address of the protocol has.";
    let short =
        reader.number(("protocol length", "arp.proto.size"), field::PROTOCOL_LENGTH, note, |n| n.to_string());
    let note = "Whether this asks or answers.";
    let operation = reader.number(("operation", "arp.opcode"), field::OPERATION, note, |number| {
        let name = match number {
            1 => "request: who has the target address?",
            2 => "reply: the sender has its address",
            _ => "not known here",
        };
        format!("{number} ({name})")
    });
    if (hardware, protocol, long, short) == (Some(ETHERNET), Some(IPV4), Some(6), Some(4)) {
        addresses(&mut reader, operation.unwrap_or_default(), out);
    } else {
        out.what = "ARP, not for IPv4 over Ethernet".to_owned();
    }
    let (layer, rest) = reader.finish();
    if layer.problem.is_some() {
        out.what = "ARP, cut short".to_owned();
        out.whom.clear();
    }
    out.layers.push(layer);
    data(frame, rest, ("Padding", "fills a short frame up; nobody reads it"), out);
}

fn addresses(reader: &mut Reader<'_>, operation: u64, out: &mut Dissection) {
    let note = "Where the sender can be reached on this link: receivers may remember it.";
    let sender_mac = reader.text(("sender's Ethernet", "arp.src.hw_mac"), field::SENDER_MAC, note, mac);
    let note = "Who says this.";
    let sender = reader.text(("sender's IPv4", "arp.src.proto_ipv4"), field::SENDER, note, address);
    let note = "In a reply, whom it is for. In a request it is not known yet, and is zero.";
    reader.text(("target's Ethernet", "arp.dst.hw_mac"), field::TARGET_MAC, note, mac);
    let note = "In a request, the address that is looked for.";
    let target = reader.text(("target's IPv4", "arp.dst.proto_ipv4"), field::TARGET, note, address);
    let (Some(sender_mac), Some(sender), Some(target)) = (sender_mac, sender, target) else { return };
    let (sender, target) = (address(sender), address(target));
    (out.what, out.whom) = match operation {
        1 => (format!("ARP who-has {target}"), format!("tell {sender}")),
        2 => (format!("ARP reply {sender}"), format!("is-at {}", mac(sender_mac))),
        _ => (format!("ARP operation {operation}"), format!("{sender} > {target}")),
    };
}
