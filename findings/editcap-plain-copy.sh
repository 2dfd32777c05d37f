#!/usr/bin/env bash
# Debian's tshark and wireshark-common 4.0.17-0+deb12u3 (editcap).
#
# One would expect: `editcap IN OUT` of a pcapng file, without any option, copies it; what it doesn't know it leaves out.
# Seen: a block of a type that it doesn't know makes it refuse the whole file, "can't be written as a pcapng file", although
# Wireshark itself opens it. Name resolution and interface statistics blocks are left out in silence. A simple packet
# block, which has no time, becomes a packet of 1970. An interface's if_tsoffset is folded into the times: with
# picoseconds these no longer fit in 64 bits, and a packet of 2023 is one of 1970 in the copy.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian tshark=4.0.17-0+deb12u3 wireshark-common=4.0.17-0+deb12u3 libwireshark16=4.0.17-0+deb12u3 \
    libwireshark-data=4.0.17-0+deb12u3 libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 \
    libpcap0.8=1.10.3-1 libc-ares2 liblua5.2-0 libmaxminddb0 libsmi2ldbl libsnappy1v5 libssh-gcrypt-4 \
    libsbc1 libspandsp2 libspeexdsp1 libbcg729-0 libnl-3-200 libnl-genl-3-200 libnl-route-3-200

PYTHONPATH=$(dirname "$0") python3 - "$work" <<'END'
import sys
from pcapng_blocks import *

T = 1700000000
name_record = struct.pack('<HH', 1, 9) + bytes([10, 0, 0, 2]) + b'host\0' + bytes(3) + bytes(4)
statistics = struct.pack('<III', 0, T * 10**6 >> 32, T * 10**6 & 0xFFFFFFFF) + option(4, struct.pack('<Q', 1)) + bytes(4)
for name, *blocks in (
        ('plain', interface(), packet(T * 10**6)),
        ('unknown', block(0x7777, b'text'), interface(), packet(T * 10**6)),
        ('names', interface(), block(4, name_record), packet(T * 10**6)),
        ('statistics', interface(), packet(T * 10**6), block(5, statistics)),
        ('simple', interface(), simple_packet()),
        ('offset', interface(resolution=12, offset=T), packet(10**9))):
    write(f'{sys.argv[1]}/{name}.pcapng', section(), *blocks)
END
cat >"$work/types.py" <<'END'
import struct, sys
data = open(sys.argv[1], 'rb').read()
while data:
    kind, length = struct.unpack('<II', data[:8])
    print(end=f' {kind:x}')
    data = data[length:]
END
for name in plain unknown names statistics simple offset; do
    if message=$(editcap "$work/$name.pcapng" "$work/copy.pcapng" 2>&1); then
        echo "$name: blocks$(python3 "$work/types.py" "$work/$name.pcapng"), copied$(python3 "$work/types.py" "$work/copy.pcapng")"
        echo "$name: time $(tshark -r "$work/$name.pcapng" -T fields -e frame.time_epoch 2>/dev/null), copied $(
            tshark -r "$work/copy.pcapng" -T fields -e frame.time_epoch 2>/dev/null)"
    else
        echo "$name: ${message##*$'\n'}"
    fi
done >"$work/seen"
expect 'copies' 'plain: blocks a0d0d0a 1 6, copied a0d0d0a 1 6
plain: time 1700000000.000000000, copied 1700000000.000000000
unknown: editcap: The capture file being read can'"'"'t be written as a "pcapng" file.
names: blocks a0d0d0a 1 4 6, copied a0d0d0a 1 6
names: time 1700000000.000000000, copied 1700000000.000000000
statistics: blocks a0d0d0a 1 6 5, copied a0d0d0a 1 6
statistics: time 1700000000.000000000, copied 1700000000.000000000
simple: blocks a0d0d0a 1 3, copied a0d0d0a 1 6
simple: time , copied 0.000000000
offset: blocks a0d0d0a 1 6, copied a0d0d0a 1 6
offset: time 1700000000.001000000, copied 2899545.016807066' "$(cat "$work/seen")"
verdict
