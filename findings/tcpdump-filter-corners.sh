#!/usr/bin/env bash
# Debian's tcpdump 4.99.3-1 with libpcap 1.10.3-1.
#
# One would expect: `portrange 90-80` is refused, as `net 10.0.0.1/8` is. `ip multicast` means 224.0.0.0/4. `tcp`
# finds TCP over IPv6 where the header follows the IPv6 header, and extension headers hide it; a later fragment,
# which has no TCP header, is not found, least of all when a port is asked for.
# Seen: a range may be given backwards. `ip multicast` compares only whether the first octet is at least 224, so that
# class E and the broadcast address 255.255.255.255 are multicast. `tcp` looks behind one fragment header, and there finds
# later fragments too; behind any other extension header it finds nothing. `tcp port 80` finds none of these.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian tcpdump=4.99.3-1 libpcap0.8=1.10.3-1

python3 - "$work/file" <<'END'
import struct, sys

def v4(destination):
    return bytes.fromhex('020000000002020000000001' '0800' '4500001c00010000' '4011') + bytes(2) + bytes(
        [10, 0, 0, 1, *destination]) + struct.pack('>HHHH', 1000, 2000, 8, 0)

def v6(next_header, payload):
    return bytes.fromhex('020000000002020000000001' '86dd') + struct.pack(
        '>IHBB', 6 << 28, len(payload), next_header, 64) + bytes([0xFD, *bytes(14), 1, 0xFD, *bytes(14), 2]) + payload

tcp = struct.pack('>HHIIHHHH', 1000, 80, 1, 0, 0x5002, 9, 0, 0)
packets = [
    v4([239, 1, 1, 1]), v4([255, 255, 255, 255]), v4([240, 0, 0, 1]),
    v6(6, tcp),
    v6(44, struct.pack('>BBHI', 6, 0, 1, 9) + tcp),
    v6(44, struct.pack('>BBHI', 6, 0, 8, 9) + bytes(20)),
    v6(60, bytes([6, 0, 1, 4, 0, 0, 0, 0]) + tcp),
]
with open(sys.argv[1], 'wb') as file:
    file.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, packet in enumerate(packets):
        file.write(struct.pack('<IIII', number, 0, len(packet), len(packet)) + packet)
END
names=('to 239.1.1.1' 'to 255.255.255.255' 'to 240.0.0.1' 'plain' 'first fragment' 'later fragment' 'destination options')
found() {
    local time
    tcpdump -nn -tt -q -r "$work/file" "$1" 2>/dev/null | sed -n 's/^\([0-9]\)\..*/\1/p' |
        while read -r time; do printf '%s, ' "${names[$time]}"; done
}
code=$(tcpdump -y EN10MB -d portrange 80-90 2>/dev/null)
if [ -n "$code" ] && [ "$code" = "$(tcpdump -y EN10MB -d portrange 90-80 2>/dev/null)" ]
then backwards='the same filter'; else backwards='another filter or none'; fi
expect 'portrange 90-80 and portrange 80-90' 'the same filter' "$backwards"
expect 'net 10.0.0.1/8' 'tcpdump: non-network bits set in "10.0.0.1/8"' "$(tcpdump -y EN10MB -d net 10.0.0.1/8 2>&1 | grep -v '^Warn')"
expect 'ip multicast' 'to 239.1.1.1, to 255.255.255.255, to 240.0.0.1, ' "$(found 'ip multicast')"
expect 'tcp' 'plain, first fragment, later fragment, ' "$(found tcp)"
expect 'tcp port 80' 'plain, ' "$(found 'tcp port 80')"
verdict
