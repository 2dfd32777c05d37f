"""Blocks of a pcapng file, as draft-ietf-opsawg-pcapng lays them out, for the findings about its readers."""
import struct

# A UDP datagram of 4 octets from 10.0.0.1 to 10.0.0.2 in Ethernet: 46 octets.
FRAME = bytes.fromhex(
    '020000000002020000000001080045000020000100004011'
    '66ca0a0000010a00000203e807d0000c000061626364')


def block(kind, body, order='<'):
    body += bytes(-len(body) % 4)
    return struct.pack(order + 'II', kind, 12 + len(body)) + body + struct.pack(order + 'I', 12 + len(body))


def option(code, value, order='<'):
    return struct.pack(order + 'HH', code, len(value)) + value + bytes(-len(value) % 4)


def section(order='<'):
    return block(0x0A0D0D0A, struct.pack(order + 'IHHq', 0x1A2B3C4D, 1, 0, -1), order)


def interface(link_type=1, snap_length=0, resolution=None, offset=None, order='<'):
    """`resolution` is the octet of if_tsresol, `offset` the seconds of if_tsoffset."""
    options = b''
    if resolution is not None:
        options += option(9, bytes([resolution]), order)
    if offset is not None:
        options += option(14, struct.pack(order + 'q', offset), order)
    if options:
        options += bytes(4)
    return block(1, struct.pack(order + 'HHI', link_type, 0, snap_length) + options, order)


def packet(time, interface=0, data=FRAME, order='<'):
    """An enhanced packet block; `time` is in the interface's unit."""
    head = struct.pack(order + 'IIIII', interface, time >> 32, time & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data + bytes(-len(data) % 4), order)


def simple_packet(data=FRAME, order='<'):
    return block(3, struct.pack(order + 'I', len(data)) + data, order)


def write(path, *blocks):
    with open(path, 'wb') as file:
        file.write(b''.join(blocks))
