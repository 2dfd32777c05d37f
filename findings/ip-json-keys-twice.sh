#!/usr/bin/env bash
# Debian's iproute2 6.1.0-3.
#
# One would expect: an object that `ip -j` prints has each key once, as RFC 8259, section 4, asks, so that any JSON
# reader gives the same answer as the text output.
# Seen: a route with a lightweight tunnel puts the tunnel's keys into the route's own object. `dst` stands there twice:
# first the route's prefix, then the tunnel's remote end. Readers that keep the last of two keys (Python, JavaScript,
# jq) answer that the route goes to 10.0.0.2 or fd00::2; the prefix is lost. The data of an ioam schema comes as
# several keys that are all empty.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iproute2=6.1.0-3 libbpf1 libmnl0

cat >"$work/look" <<'END'
ip link add v0 type veth peer name v1
ip link set v0 up; ip link set v1 up
ip addr add 10.0.0.1/24 dev v0; ip addr add fd00::1/64 dev v0 nodad
ip route add 10.5.0.0/16 encap ip id 5 src 10.0.0.9 dst 10.0.0.2 dev v0
ip -6 route add fd05::/64 encap ip6 id 5 src fd00::9 dst fd00::2 dev v0
ip -j route show root 10.5.0.0/16
ip -j -6 route show root fd05::/64
END
seen=$(private bash "$work/look")
expect 'keys and values in order' \
    "10.5.0.0/16 10.0.0.2
fd05::/64 fd00::2" \
    "$(python3 -c '
import json, sys
def values_of_dst(pairs): return [v for k, v in pairs if k == "dst"]
for line in sys.stdin:
    print(*json.loads(line, object_pairs_hook=values_of_dst)[0])' <<<"$seen")"
expect 'the destination as a plain reader sees it' \
    "10.0.0.2
fd00::2" \
    "$(python3 -c '
import json, sys
for line in sys.stdin:
    print(json.loads(line)[0]["dst"])' <<<"$seen")"

seen=$(private sh -c 'ip ioam schema add 1 abc; ip -j ioam schema show')
expect 'an ioam schema that holds "abc"' '[{"schema":1,"data":null,"":97,"":98,"":99,"":0}]' "$seen"
verdict
