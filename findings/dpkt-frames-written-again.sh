#!/usr/bin/env bash
# PyPI's dpkt 1.9.8.
#
# One would expect: `bytes(dpkt.ethernet.Ethernet(frame))` of a valid frame whose fields nobody touched is the frame; for
# VLAN tags, IP options and extension headers it is.
# Seen: the padding of short frames is gone. In PPPoE the two octets of the PPP protocol become one, while the length
# of PPPoE stays: the frame is one octet too short for its own header. Of an ICMP error with extensions (RFC 4884) all
# that stands behind the quoted packet is lost, although the IP header still counts it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages dpkt==1.9.8

"$python" - >"$work/seen" <<'END'
import struct
import dpkt

def checksum(data):
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack('>H', ~total & 0xFFFF)

def ip(protocol, payload):
    head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0) + bytes([10, 0, 0, 1, 10, 0, 0, 2])
    return head[:10] + checksum(head) + head[12:] + payload

def ethernet(kind, payload):
    return bytes.fromhex('020000000002020000000001') + struct.pack('>H', kind) + payload

udp = ip(17, struct.pack('>HHHH', 1000, 2000, 12, 0) + b'data')
extension = bytes([0x20, 0]) + checksum(bytes([0x20, 0, 0, 0, 0, 8, 1, 1, 0, 1, 0x01, 0x40])) + bytes([0, 8, 1, 1, 0, 1, 0x01, 0x40])
error = bytes([11, 0, 0, 0, 0, 32, 0, 0]) + udp.ljust(128, b'\0') + extension
error = error[:2] + checksum(error) + error[4:]
for name, frame in (
        ('VLAN', ethernet(0x8100, struct.pack('>HH', 5, 0x800) + udp)),
        ('padding', ethernet(0x800, udp).ljust(60, b'\0')),
        ('PPPoE', ethernet(0x8864, struct.pack('>BBHHH', 0x11, 0, 1, 2 + len(udp), 0x21) + udp)),
        ('ICMP extension', ethernet(0x800, ip(1, error)))):
    written = bytes(dpkt.ethernet.Ethernet(frame))
    print(f'{name}: {len(frame)} octets, written {len(written)}, {"the same" if frame == written else "not the same"}')
END
expect 'frames' 'VLAN: 50 octets, written 50, the same
padding: 60 octets, written 46, not the same
PPPoE: 54 octets, written 53, not the same
ICMP extension: 182 octets, written 74, not the same' "$(cat "$work/seen")"
verdict
