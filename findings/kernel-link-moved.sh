#!/usr/bin/env bash
# Linux 6.1.0-57 and 6.12.117 of Debian 12 (under qemu), and 6.18.44; with the machine's own iproute2.
#
# One would expect: a veth end that moves to another namespace loses what belongs to the stack there (addresses, routes,
# neighbours, qdisc) and keeps what belongs to the link, among it its settings in /proc/sys/net/ipv4/conf/LINK and the
# mode by which it makes IPv6 addresses.
# Seen: the MTU, queue length, group, alias, alternative names, hardware address, promiscuity and counters move along.
# All sysctls of the link are the new namespace's defaults again, and so is addrgenmode: a link that was set to make no
# IPv6 address makes one. Multicast addresses set by hand are gone. An alternative name that is taken in the target is
# an obstacle like a taken name, for a link that bears it as its only name.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"

cat >"$work/look" <<'END'
ip netns add q
ip netns exec q sysctl -qw net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.default.proxy_arp=0 net.ipv6.conf.default.accept_ra=1
ip link add v0 type veth peer name v1
ip link property add dev v0 altname second-name
ip link set v0 alias text txqueuelen 77 mtu 1400 group 5 promisc on address 02:00:00:00:00:aa addrgenmode none
sysctl -qw net.ipv4.conf.v0.rp_filter=2 net.ipv4.conf.v0.proxy_arp=1 net.ipv6.conf.v0.accept_ra=0
ip maddr add 33:33:00:00:00:05 dev v0
show() {
    ip $* -d link show v0 | grep -o 'PROMISC\|mtu 1400\|group [0-9]*\|qlen [0-9]*\|ether [0-9a-f:]*\|alias .*\|altname .*\|addrgenmode [a-z0-9]*' | paste -sd ,
    for key in ipv4/conf/v0/rp_filter ipv4/conf/v0/proxy_arp ipv6/conf/v0/accept_ra; do
        echo "$key $($enter cat /proc/sys/net/$key)"
    done
    echo "static multicast addresses: $(ip $* maddr show dev v0 | grep -c static)"
}
enter='' show
ip link set v0 netns q
enter='ip netns exec q' show -n q
ip link add second-name type veth peer name v3
ip link set second-name netns q 2>&1 | grep -o 'File exists\|same name exists' | sed 's/.*/second-name is taken/'
END
expect 'before and after' 'PROMISC,mtu 1400,group 5,qlen 77,ether 02:00:00:00:00:aa,addrgenmode none,alias text,altname second-name
ipv4/conf/v0/rp_filter 2
ipv4/conf/v0/proxy_arp 1
ipv6/conf/v0/accept_ra 0
static multicast addresses: 1
PROMISC,mtu 1400,group 5,qlen 77,ether 02:00:00:00:00:aa,addrgenmode eui64,alias text,altname second-name
ipv4/conf/v0/rp_filter 0
ipv4/conf/v0/proxy_arp 0
ipv6/conf/v0/accept_ra 1
static multicast addresses: 0
second-name is taken' "$(private bash "$work/look" | sed 's/ *$//')"
verdict
