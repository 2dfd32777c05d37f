#!/usr/bin/env bash
# Debian's tshark 4.0.17-0+deb12u3 and tcpdump 4.99.3-1 with libpcap 1.10.3-1; PyPI's dpkt 1.9.8 and scapy 2.8.0.
#
# One would expect: a pcapng interface whose times count in picoseconds or in 2^-40 s (if_tsresol 12 and 0x80 + 40, both
# allowed) is read with its last digits cut off, as these readers keep nanoseconds.
# Seen: half a second becomes 1.9 ms in tshark with picoseconds: where it makes nanoseconds of the fraction it overflows
# 64 bits. With 2^-40 s libpcap overflows too and both say 13.5 ms. Whole seconds stay right and nothing warns. The two
# Python libraries, which read fractions as such, are right.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian tshark=4.0.17-0+deb12u3 wireshark-common=4.0.17-0+deb12u3 libwireshark16=4.0.17-0+deb12u3 \
    libwireshark-data=4.0.17-0+deb12u3 libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 \
    tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 libc-ares2 liblua5.2-0 libmaxminddb0 libsmi2ldbl libsnappy1v5 libssh-gcrypt-4 \
    libsbc1 libspandsp2 libspeexdsp1 libbcg729-0 libnl-3-200 libnl-genl-3-200 libnl-route-3-200
python_packages dpkt==1.9.8 scapy==2.8.0

PYTHONPATH=$(dirname "$0") "$python" - "$work" <<'END'
import sys
from pcapng_blocks import *
for name, resolution, half in (('nano', 9, 10**9 // 2), ('pico', 12, 10**12 // 2), ('binary40', 0x80 + 40, 1 << 39)):
    write(f'{sys.argv[1]}/{name}.pcapng', section(), interface(resolution=resolution), packet(half))
END
for name in nano pico binary40; do
    file=$work/$name.pcapng
    echo "$name tshark $(tshark -r "$file" -T fields -e frame.time_epoch 2>/dev/null)"
    echo "$name tcpdump $(tcpdump -nn -tt --nano -r "$file" 2>/dev/null | cut -d ' ' -f 1)"
    "$python" -c "
import sys, dpkt
from scapy.utils import PcapNgReader
print('$name dpkt', next(iter(dpkt.pcapng.Reader(open(sys.argv[1], 'rb'))))[0])
print('$name scapy', next(iter(PcapNgReader(sys.argv[1]))).time)" "$file" 2>/dev/null
done >"$work/seen"
expect 'half a second' 'nano tshark 0.500000000
nano tcpdump 0.500000000
nano dpkt 0.5
nano scapy 0.5
pico tshark 0.001937910
pico tcpdump 0.500000000
pico dpkt 0.5
pico scapy 0.5
binary40 tshark 0.013460736
binary40 tcpdump 0.013460736
binary40 dpkt 0.5
binary40 scapy 0.5' "$(cat "$work/seen")"
verdict
