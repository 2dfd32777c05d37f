#!/usr/bin/env bash
# PyPI's dpkt 1.9.8.
#
# One would expect: `dpkt.pcapng.Reader` gives every packet of a valid file, with its time, or raises an error.
# Seen: the time of every packet is computed with the first interface's resolution; with microseconds first, the packets
# of a nanosecond interface land a thousand times too late, in the year 55840. Simple packet blocks are skipped without
# a word. A second section in the other byte order (two captures of different machines, put together with cat) ends the
# reading as if the file ended there.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages dpkt==1.9.8

PYTHONPATH=$(dirname "$0") "$python" - >"$work/seen" <<'END'
import io, dpkt
from pcapng_blocks import *

def read(name, *blocks):
    print(name, [time for time, _ in dpkt.pcapng.Reader(io.BytesIO(b''.join(blocks)))])

T = 1700000000
read('one resolution:', section(), interface(), interface(), packet(T * 10**6), packet((T + 1) * 10**6, 1))
read('two resolutions:', section(), interface(), interface(resolution=9), packet(T * 10**6), packet((T + 1) * 10**9, 1))
read('with a simple packet:', section(), interface(), packet(T * 10**6), simple_packet(), packet((T + 1) * 10**6))
first = (section(), interface(), packet(T * 10**6))
read('two sections:', *first, section(), interface(), packet((T + 1) * 10**6))
read('two byte orders:', *first, section('>'), interface(order='>'), packet((T + 1) * 10**6, order='>'))
END
expect 'times of the packets' 'one resolution: [1700000000.0, 1700000001.0]
two resolutions: [1700000000.0, 1700000001000.0]
with a simple packet: [1700000000.0, 1700000001.0]
two sections: [1700000000.0, 1700000001.0]
two byte orders: [1700000000.0]' "$(cat "$work/seen")"
verdict
