#!/usr/bin/env bash
# Debian's conntrack 1:1.4.7-1+b2 with libnetfilter-conntrack3 1.0.9-3, iptables 1.8.9-2.
#
# One would expect: `conntrack -D` with a condition deletes the entries that `conntrack -L` with that condition lists.
# Seen: `-D -u UNREPLIED` deletes every entry, answered or not, since only a listing hands this condition to the kernel. `-D -t 1`
# (a time-out that no entry has) deletes every entry as well, as a time-out alone is not compared; beside `-p icmp` the same
# condition deletes none.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian conntrack=1:1.4.7-1+b2 libnetfilter-conntrack3=1.0.9-3 libnfnetlink0 libmnl0 iptables=1.8.9-2 libxtables12 libnftnl11 iputils-ping

cat >"$work/look" <<'END'
ip link set lo up
iptables -A INPUT -m conntrack --ctstate INVALID -j DROP
track() {
    conntrack -F 2>/dev/null
    ping -q -c 1 127.0.0.1 >/dev/null
    ping -q -c 1 127.0.0.2 >/dev/null
    python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.3", 53))'
}
lines() { "$@" 2>/dev/null | wc -l; }
track
echo "-L: $(lines conntrack -L), -L -u UNREPLIED: $(lines conntrack -L -u UNREPLIED)"
echo "-D -u UNREPLIED: $(lines conntrack -D -u UNREPLIED), left: $(conntrack -C)"
track
echo "-D -t 1: $(lines conntrack -D -t 1), left: $(conntrack -C)"
track
echo "-D -t 1 -p icmp: $(lines conntrack -D -t 1 -p icmp), left: $(conntrack -C)"
END
expect 'entries of two pings and of a datagram that nobody answered' "-L: 3, -L -u UNREPLIED: 1
-D -u UNREPLIED: 3, left: 0
-D -t 1: 3, left: 0
-D -t 1 -p icmp: 0, left: 3" "$(private bash "$work/look" 2>&1)"
verdict
