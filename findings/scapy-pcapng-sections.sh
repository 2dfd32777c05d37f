#!/usr/bin/env bash
# PyPI's scapy 2.8.0.
#
# One would expect: interfaces are counted from 0 in each section of a pcapng file (two captures put together with cat
# have two sections), and a simple packet block has a packet without a time.
# Seen: `rdpcap` keeps the interfaces of the first section. The packets of the second are read with the first one's
# link type (an IPv4 packet is taken for Ethernet) and time resolution (a thousand times too late). A simple packet
# gets the time at which it is read. If its interface has snap length 0, that is no limit, its data is dropped: what
# comes back is an Ethernet header that nobody sent, of 14 octets.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages scapy==2.8.0

PYTHONPATH=$(dirname "$0") "$python" - >"$work/seen" 2>/dev/null <<'END'
import io, time
from scapy.all import rdpcap
from pcapng_blocks import *

def read(name, *blocks):
    for packet in rdpcap(io.BytesIO(b''.join(blocks))):
        age = time.time() - float(packet.time)
        print(name, '/'.join(layer.__name__ for layer in packet.layers()), len(packet), 'octets,',
              'now' if 0 <= age < 60 else packet.time)

T = 1700000000
micro, nano = interface(), interface(link_type=101, resolution=9)
read('first alone:', section(), micro, packet(T * 10**6))
read('second alone:', section(), nano, packet(T * 10**9, data=FRAME[14:]))
read('both:', section(), micro, packet(T * 10**6), section(), nano, packet(T * 10**9, data=FRAME[14:]))
read('simple, snap length 65535:', section(), interface(snap_length=65535), simple_packet())
read('simple, snap length 0:', section(), interface(snap_length=0), simple_packet())
END
expect 'packets' 'first alone: Ether/IP/UDP/Raw 46 octets, 1700000000
second alone: IP/UDP/Raw 32 octets, 1700000000
both: Ether/IP/UDP/Raw 46 octets, 1700000000
both: Ether/Raw 32 octets, 1700000000000
simple, snap length 65535: Ether/IP/UDP/Raw 46 octets, now
simple, snap length 0: Ether 14 octets, now' "$(cat "$work/seen")"
verdict
