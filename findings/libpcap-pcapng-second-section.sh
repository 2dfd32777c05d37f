#!/usr/bin/env bash
# Debian's tcpdump 4.99.3-1 with libpcap 1.10.3-1; PyPI's cypcap 0.6.3 with a libpcap of its own.
#
# One would expect: captures of two machines put together with cat are one valid pcapng file of two sections, and each
# section says its own byte order; libpcap, which reads both orders and several sections, reads it.
# Seen: a second section of the same order is read. One of the other order ends the reading with "pcapng block size
# 469762048 > maximum 16777216": that is the length 28 of the section header read in the first section's order, before
# the magic number in it is looked at. tcpdump has printed the first section by then.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian tcpdump=4.99.3-1 libpcap0.8=1.10.3-1
python_packages cypcap==0.6.3

PYTHONPATH=$(dirname "$0") "$python" - "$work" >"$work/libraries" <<'END'
import sys, cypcap
from pcapng_blocks import *

def one(order, second):
    return section(order), interface(order=order), packet((1700000000 + second) * 10**6, order=order)

for first in '<', '>':
    for then in '<', '>':
        path = f'{sys.argv[1]}/{ {"<": "little", ">": "big"}[first]}-{ {"<": "little", ">": "big"}[then]}.pcapng'
        write(path, *one(first, 0), *one(then, 1))
        count = 0
        try:
            with cypcap.open_offline(path) as capture:
                for _, data in capture:
                    count += data is not None
            print(first + then, count)
        except cypcap.Error as error:
            print(first + then, count, error)
END
for file in little-little little-big big-little big-big; do
    status=0
    tcpdump -nn -r "$work/$file.pcapng" >"$work/out" 2>"$work/err" || status=$?
    echo "$file: $(wc -l <"$work/out") packets, status $status$(grep -o ' pcapng block.*' "$work/err" || true)"
done >"$work/seen"
expect 'tcpdump' 'little-little: 2 packets, status 0
little-big: 1 packets, status 1 pcapng block size 469762048 > maximum 16777216
big-little: 1 packets, status 1 pcapng block size 469762048 > maximum 16777216
big-big: 2 packets, status 0' "$(cat "$work/seen")"
expect 'cypcap' "<< 2
<> 1 (<ErrorCode.ERROR: -1>, 'pcapng block size 469762048 > maximum 16777216')
>< 1 (<ErrorCode.ERROR: -1>, 'pcapng block size 469762048 > maximum 16777216')
>> 2" "$(cat "$work/libraries")"
verdict
