#!/usr/bin/env bash
# PyPI's python-pcapng 2.1.1.
#
# One would expect: to pick out the packets one can ask each block of the scanner `hasattr(block, "packet_data")`, as
# for every Python object; and a packet's `timestamp` is its time.
# Seen: a block whose type the library doesn't know (a custom block, a decryption secrets block) answers the question
# with RecursionError. Wireshark writes such blocks. Of packets the interface's if_tsoffset is left out
# of the time, which libpcap, Wireshark and dpkt add.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages python-pcapng==2.1.1

PYTHONPATH=$(dirname "$0") "$python" - >"$work/seen" <<'END'
import io, pcapng, struct
from pcapng_blocks import *

def read(name, *blocks):
    for found in pcapng.FileScanner(io.BytesIO(b''.join(blocks))):
        try:
            if hasattr(found, 'packet_data'):
                print(name, found.timestamp)
        except RecursionError:
            print(name, type(found).__name__, 'RecursionError')

T = 1700000000
custom = block(0xBAD, struct.pack('<I', 32473) + b'text')
secrets = block(10, struct.pack('<II', 0x544C534B, 4) + b'text')
read('plain:', section(), interface(), packet(T * 10**6))
read('custom block:', section(), interface(), custom, packet(T * 10**6))
read('secrets block:', section(), interface(), secrets, packet(T * 10**6))
read('with offset:', section(), interface(offset=T), packet(500000))
END
expect 'packets' 'plain: 1700000000.0
custom block: UnknownBlock RecursionError
custom block: 1700000000.0
secrets block: UnknownBlock RecursionError
secrets block: 1700000000.0
with offset: 0.5' "$(cat "$work/seen")"
verdict
