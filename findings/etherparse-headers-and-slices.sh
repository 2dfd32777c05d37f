#!/usr/bin/env bash
# crates.io's etherparse 0.21.0.
#
# One would expect: `PacketHeaders` and `SlicedPacket` differ in whether they copy the headers; both find the same
# transport header and the same payload.
# Seen: of a UDP datagram whose length ends before the IP packet does (RFC 9868 puts options there), `SlicedPacket`
# gives the 2 octets of data, `PacketHeaders` gives these and the 2 octets behind them. Of two IPv6 destination options
# headers in a row (RFC 8200, section 4.1, has nodes accept extension headers in any order and number) `PacketHeaders`
# keeps one and ends there, with the second header and the UDP header as payload; `SlicedPacket` walks over both.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
rust_program 'etherparse = "=0.21.0"' <<'END'
use etherparse::{Ethernet2Header, EtherType, PacketHeaders, SlicedPacket, TransportSlice};

fn compare(name: &str, ether_type: EtherType, packet: &[u8]) {
    let mut frame = Ethernet2Header { source: [2; 6], destination: [4; 6], ether_type }.to_bytes().to_vec();
    frame.extend_from_slice(packet);
    let headers = PacketHeaders::from_ethernet_slice(&frame).unwrap();
    let udp = headers.transport.is_some();
    println!("{name} PacketHeaders: UDP {udp}, payload of {} octets", headers.payload.slice().len());
    let slices = SlicedPacket::from_ethernet(&frame).unwrap();
    match slices.transport {
        Some(TransportSlice::Udp(udp)) => println!("{name} SlicedPacket: UDP true, payload of {} octets", udp.payload().len()),
        _ => println!("{name} SlicedPacket: UDP false"),
    }
}

fn main() {
    let udp = |length: u8| [3, 232, 7, 208, 0, length, 0, 0, b'd', b'a', b't', b'a'];
    let mut v4 = vec![0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0x66, 0xca, 10, 0, 0, 1, 10, 0, 0, 2];
    for length in [12, 10] {
        v4.truncate(20);
        v4.extend_from_slice(&udp(length));
        compare(&format!("IPv4, UDP length {length},"), EtherType::IPV4, &v4);
    }
    for count in 1..3 {
        let mut v6 = vec![0x60, 0, 0, 0, 0, 12 + 8 * count, 60, 64];
        v6.extend_from_slice(&[0xfd; 32]);
        for left in (0..count).rev() {
            v6.extend_from_slice(&[if left == 0 { 17 } else { 60 }, 0, 1, 4, 0, 0, 0, 0]);
        }
        v6.extend_from_slice(&udp(12));
        compare(&format!("IPv6, {count} destination options,"), EtherType::IPV6, &v6);
    }
}
END
expect 'what each finds' 'IPv4, UDP length 12, PacketHeaders: UDP true, payload of 4 octets
IPv4, UDP length 12, SlicedPacket: UDP true, payload of 4 octets
IPv4, UDP length 10, PacketHeaders: UDP true, payload of 4 octets
IPv4, UDP length 10, SlicedPacket: UDP true, payload of 2 octets
IPv6, 1 destination options, PacketHeaders: UDP true, payload of 4 octets
IPv6, 1 destination options, SlicedPacket: UDP true, payload of 4 octets
IPv6, 2 destination options, PacketHeaders: UDP false, payload of 20 octets
IPv6, 2 destination options, SlicedPacket: UDP true, payload of 4 octets' "$("$program")"
verdict
