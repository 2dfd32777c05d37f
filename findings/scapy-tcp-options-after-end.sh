#!/usr/bin/env bash
# PyPI's scapy 2.8.0.
#
# One would expect: a TCP segment that scapy has read stays well formed when one other field is changed, here the window,
# as `dataofs` is written out as it was read.
# Seen: of options that end with "end of option list" and more than three octets of padding (RFC 9293, section 3.1,
# allows any number) only as many octets are written as the next multiple of four needs. The data offset still counts
# those that are gone, so it points into the data: 4 of the 8 octets of data are options now. Without a change the frame
# comes out as it was.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages scapy==2.8.0

"$python" - >"$work/seen" 2>/dev/null <<'END'
import struct
from scapy.all import Ether, TCP, raw

options = bytes([3, 3, 7, 0, 0, 0, 0, 0])
tcp = struct.pack('>HHIIHHHH', 1000, 80, 1, 0, 0x7010, 9, 0, 0) + options + b'datadata'
ip = bytes.fromhex('4500003800010000400666bd0a0000010a000002')
frame = bytes.fromhex('0200000000020200000000010800') + ip + tcp
print('read:', Ether(frame)[TCP].options, bytes(Ether(frame)[TCP].payload))
print('written unchanged:', raw(Ether(frame)) == frame)
packet = Ether(frame)
packet[TCP].window = 10
written = raw(packet)
print('written with another window:', len(frame), 'to', len(written), 'octets, data offset', written[46] >> 4)
print('read again:', Ether(written)[TCP].options, bytes(Ether(written)[TCP].payload))
END
expect 'the segment' "read: [('WScale', 7), ('EOL', None)] b'datadata'
written unchanged: True
written with another window: 70 to 66 octets, data offset 7
read again: [('WScale', 7), ('EOL', None)] b'data'" "$(cat "$work/seen")"
verdict
