#!/usr/bin/env bash
# Linux 6.1.0-57 and 6.12.117 of Debian 12 (under qemu), and 6.18.44; with the machine's own iproute2.
#
# One would expect: an MTU below IPv6's 1280 is refused, or IPv6 pauses on the link; with 1500 again all is as before, or
# at least the link's settings in /proc/sys/net/ipv6/conf/LINK are, which nobody has altered.
# Seen: it succeeds. The link's addresses and routes go, and so does its folder of settings; with 1500 again it is a new
# one with the namespace's defaults. So a link on which IPv6 was turned off (disable_ipv6=1) has it again, and a
# link-local address, because its MTU was small for a moment (addrconf_notify, NETDEV_CHANGEMTU).
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"

cat >"$work/look" <<'END'
ip link add v0 type veth peer name v1
sysctl -qw net.ipv6.conf.v0.accept_ra=0 net.ipv6.conf.v0.hop_limit=7 net.ipv6.conf.v1.disable_ipv6=1
ip link set v0 up; ip link set v1 up
ip addr add 2001:db8::1/64 dev v0 nodad
ip -6 route add 2001:db8:9::/48 via 2001:db8::2
setting() { cat "/proc/sys/net/ipv6/conf/$1" 2>/dev/null || echo gone; }
show() {
    echo "$1: v0 has $(ip -6 -o addr show dev v0 scope global | wc -l) address, $(ip -6 route show 2001:db8:9::/48 | wc -l) route," \
        "hop_limit $(setting v0/hop_limit); v1 disable_ipv6 $(setting v1/disable_ipv6), $(ip -6 -o addr show dev v1 | wc -l) address"
}
show 'at first'
ip link set v0 mtu 1279 && ip link set v1 mtu 1279 && show 'MTU 1279'
ip link set v0 mtu 1500 && ip link set v1 mtu 1500 && show 'MTU 1500'
END
expect 'one MTU after the other' 'at first: v0 has 1 address, 1 route, hop_limit 7; v1 disable_ipv6 1, 0 address
MTU 1279: v0 has 0 address, 0 route, hop_limit gone; v1 disable_ipv6 gone, 0 address
MTU 1500: v0 has 0 address, 0 route, hop_limit 64; v1 disable_ipv6 0, 1 address' "$(private bash "$work/look" 2>&1)"
verdict
