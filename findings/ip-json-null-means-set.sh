#!/usr/bin/env bash
# Debian's iproute2 6.1.0-3.
#
# One would expect: a flag in the JSON of `ip -j` is true where it is set, as `nodad` of an address and `root` of a qdisc
# are; a program that asks `rule.get("not")` sees that a rule is inverted.
# Seen: the inversion of a rule, the router flag and the proxy flag of a neighbour, and the blackhole flag of a next hop
# are null where they are set, and absent where not. A test for truth says "not set" both times: the rule "not to
# 10.0.0.9" reads like "to 10.0.0.9".
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iproute2=6.1.0-3 libbpf1 libmnl0

cat >"$work/look" <<'END'
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
ip rule add not to 10.0.0.9 lookup 100 pref 5
ip -6 neigh add fd00::7 lladdr 02:00:00:00:00:07 dev v0 router
ip neigh add proxy 10.0.0.8 dev v0
ip nexthop add id 4 blackhole
ip -6 addr add fd00::1/64 dev v0 nodad
show() { "$@" | python3 -c 'import json, sys
def find(value):
    if isinstance(value, list): return next((f for v in value if (f := find(v)) is not None), None)
    if isinstance(value, dict): return value if sys.argv[1] in value else find(list(value.values()))
print(sys.argv[1], json.dumps(find(json.load(sys.stdin))[sys.argv[1]]))' "$flag"; }
flag=not show ip -j rule
flag=router show ip -j neigh
flag=proxy show ip -j neigh show proxy
flag=blackhole show ip -j nexthop
flag=nodad show ip -j addr show dev v0
tc qdisc add dev v0 root handle 1: htb
flag=root show tc -j qdisc show dev v0
END
expect 'flags that are set' 'not null
router null
proxy null
blackhole null
nodad true
root true' "$(private bash "$work/look")"
verdict
