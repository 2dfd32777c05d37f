#!/usr/bin/env bash
# PyPI's jc 1.26.1, with the output of Debian's iproute2 6.1.0-3 and iputils-ping 3:20221126-1+deb12u1.
#
# One would expect: jc turns `ip route` into one object for each route, with its prefix, and `ping` into one object for
# each answer; what it can't read it says.
# Seen: the prefix of a blackhole, unreachable or prohibit route is lost: its `ip` is the word "blackhole". A route with
# several next hops becomes a route without a gateway and, as further routes, next hops whose `ip` is "nexthop"; the
# weights are lost. No error, status 0. The answers to a ping of less than 16 octets, which have no time, are
# "unparsable_line", beside a summary that counts them.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iproute2=6.1.0-3 libbpf1 libmnl0 iputils-ping=3:20221126-1+deb12u1
python_packages jc==1.26.1

cat >"$work/look" <<'END'
jc=$1
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
ip addr add 10.0.0.1/24 dev v0
ip route add blackhole 10.3.0.0/16
ip route add unreachable 10.5.0.0/16 metric 7
ip route add 10.4.0.0/16 nexthop via 10.0.0.2 weight 5 nexthop via 10.0.0.3 weight 1
ip route | "$jc" --ip-route | python3 -c 'import json, sys
for route in json.load(sys.stdin): print(*(f"{k}={v}" for k, v in route.items()))'
for size in 16 8; do
    ping -c 1 -s $size 127.0.0.1 | "$jc" --ping | python3 -c 'import json, sys
answer = json.load(sys.stdin)
print(answer["packets_received"], "received,", *(r["type"] for r in answer["responses"]))'
done
END
expect 'routes and answers' 'ip=10.0.0.0/24 dev=v0 proto=kernel scope=link src=10.0.0.1
ip=blackhole
ip=10.4.0.0/16
ip=nexthop via=10.0.0.2 dev=v0
ip=nexthop via=10.0.0.3 dev=v0
ip=unreachable metric=7
1 received, reply
1 received, unparsable_line' "$(private bash "$work/look" "$work/python/bin/jc")"
verdict
