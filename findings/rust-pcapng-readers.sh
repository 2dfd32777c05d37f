#!/usr/bin/env bash
# crates.io's pcap-file 2.0.0 and pcap-parser 0.17.0.
#
# One would expect: the time that a reader gives a packet takes if_tsresol and if_tsoffset of its interface into account
# (pcap-file's is a `Duration`), the data of a packet has the captured length, and what the specification allows is read.
# Seen in pcap-file: every time is taken for nanoseconds, so that the default, microseconds, gives a thousandth; the
# offset is ignored. The data of a simple packet block has its padding at its end: 48 octets for a frame of 46. In the
# older packet block the two halves of the time are swapped. Options that end without opt_endofopt, which readers must
# accept, are an error. pcap-parser leaves times to the caller and offers `ts_resolution()`; that knows powers of ten,
# and gives None for powers of two.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
rust_program 'pcap-file = "=2.0.0"' 'pcap-parser = "=0.17.0"' <<'END'
use pcap_file::pcapng::{Block, PcapNgReader};
use pcap_parser::{Block as Ng, PcapBlockOwned, PcapError, PcapNGReader, traits::PcapReaderIterator};
use std::fs::{read, File};

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    for name in ["micro", "offset", "simple", "older", "no-end"] {
        let bytes = read(format!("{folder}/{name}.pcapng")).unwrap();
        let mut reader = PcapNgReader::new(&bytes[..]).unwrap();
        while let Some(block) = reader.next_block() {
            match block {
                Ok(Block::EnhancedPacket(p)) => println!("{name}: {:?}, {} octets", p.timestamp, p.data.len()),
                Ok(Block::SimplePacket(p)) => println!("{name}: {} octets", p.data.len()),
                Ok(Block::Packet(p)) => println!("{name}: {}, {} octets", p.timestamp, p.data.len()),
                Ok(_) => {}
                Err(error) => { println!("{name}: {error}"); break; }
            }
        }
    }
    for name in ["micro", "binary10"] {
        let mut reader = PcapNGReader::new(65536, File::open(format!("{folder}/{name}.pcapng")).unwrap()).unwrap();
        loop {
            match reader.next() {
                Ok((length, block)) => {
                    if let PcapBlockOwned::NG(Ng::InterfaceDescription(i)) = block {
                        println!("pcap-parser {name}: {:?} a second", i.ts_resolution());
                    }
                    reader.consume(length);
                }
                Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
                Err(_) => break,
            }
        }
    }
}
END
PYTHONPATH=$(dirname "$0") python3 - "$work" <<'END'
import sys
from pcapng_blocks import *

T = 1700000000
older = struct.pack('<HHIIII', 0, 0, 0, 5, len(FRAME), len(FRAME)) + FRAME
no_end = block(1, struct.pack('<HHI', 1, 0, 0) + option(9, b'\x09'))
for name, *blocks in (
        ('micro', interface(), packet(T * 10**6)),
        ('offset', interface(resolution=9, offset=T), packet(5 * 10**8)),
        ('simple', interface(), simple_packet()),
        ('older', interface(), block(2, older)),
        ('no-end', no_end, packet(T * 10**9)),
        ('binary10', interface(resolution=0x80 + 10), packet(T * 1024))):
    write(f'{sys.argv[1]}/{name}.pcapng', section(), *blocks)
END
expect 'pcap-file, then pcap-parser' 'micro: 1700000s, 46 octets
offset: 500ms, 46 octets
simple: 48 octets
older: 21474836480, 46 octets
no-end: Invalid field value: Invalid option
pcap-parser micro: Some(1000000) a second
pcap-parser binary10: None a second' "$("$program" "$work")"
verdict
