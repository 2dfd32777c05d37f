#!/usr/bin/env bash
# Debian's iproute2 6.1.0-3, on Linux 6.18.44.
#
# One would expect: `ip route save`, `ip route flush` and `ip route restore` give the table back, `ip rule` likewise.
# Seen: it works for simple routes, even for gateways that need another route first. With a multipath route in the table
# the restoring ends at once, "Nexthop has invalid gateway", and nothing at all is back, not even the connected network.
# With a route that has a nexthop id, flush itself fails, and so does restore: the saved message holds both the id and
# the gateway, which exclude each other. Of two routes with the same prefix the order turns round, so that
# another gateway is used. Temporary IPv6 routes come back permanent. Rule 0, which flush keeps, is there twice.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iproute2=6.1.0-3 libbpf1 libmnl0

cat >"$work/look" <<'END'
cd "$1"
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
ip addr add fd00::1/64 dev v0 nodad
once() {
    echo "$1:"
    ip addr add 10.0.0.1/24 dev v0
    ip nexthop replace id 1 via 10.0.0.7 dev v0
    while read -r route; do ip route $route; done
    ip -4 route save table main >saved; ip -4 route >before
    ip -4 route flush table main 2>&1 | cut -d : -f 1
    ip -4 route restore <saved 2>&1
    ip -4 route | diff before - | sed -n 's/^\([<>]\)  *\(.*\)/\1 \2/p'
    ip addr flush dev v0 scope global
    ip route del 10.6.0.0/16 2>/dev/null
    ip -4 route flush table main
}
once simple <<<'add 10.1.0.0/16 via 10.0.0.7'
once 'gateway behind a route' <<ROUTES
add 10.20.0.0/16 dev v0
add 10.21.0.0/16 via 10.20.0.5
ROUTES
once multipath <<<'add 10.2.0.0/16 nexthop via 10.0.0.7 nexthop via 10.0.0.8'
once 'nexthop id' <<<'add 10.6.0.0/16 nhid 1'
once 'same prefix' <<ROUTES
add 10.1.0.0/16 via 10.0.0.7
append 10.1.0.0/16 via 10.0.0.8
ROUTES
echo 'temporary IPv6 route:'
ip -6 route add fd08::/64 dev v0 expires 100
ip -6 route save table main >saved
ip -6 route | grep -o '^fd08.*metric 1024\( expires\)\?'
ip -6 route flush table main; ip -6 route restore <saved
ip -6 route | grep -o '^fd08.*metric 1024\( expires\)\?'
echo 'rules:'
ip rule save >saved; ip rule flush; ip rule restore <saved; ip rule
END
expect 'differences after restoring' 'simple:
gateway behind a route:
multipath:
Error: Nexthop has invalid gateway.
< 10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1
< 10.2.0.0/16
< nexthop via 10.0.0.7 dev v0 weight 1
< nexthop via 10.0.0.8 dev v0 weight 1
nexthop id:
Failed to send flush request
Error: Nexthop specification and nexthop id are mutually exclusive.
same prefix:
< 10.1.0.0/16 via 10.0.0.7 dev v0
> 10.1.0.0/16 via 10.0.0.7 dev v0
temporary IPv6 route:
fd08::/64 dev v0 metric 1024 expires
fd08::/64 dev v0 metric 1024
rules:
0:	from all lookup local
0:	from all lookup local
32766:	from all lookup main
32767:	from all lookup default' "$(private bash "$work/look" "$work" 2>/dev/null | sed 's/[[:space:]]*$//; /^[<>]/s/\t//')"
verdict
