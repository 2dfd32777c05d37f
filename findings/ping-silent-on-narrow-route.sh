#!/usr/bin/env bash
# Debian's iputils-ping 3:20221126-1+deb12u1 and iproute2 6.1.0-3, on Linux 6.18.44.
#
# One would expect: a route with an MTU under 68, the least that IPv4 works with, is refused; or what goes by it is cut
# into small fragments; or ping says that sending failed, and does not count what was not sent.
# Seen: the route is taken and shown. Each send by it fails with ENETUNREACH (ip_setup_cork asks inetdev_valid_mtu), yet
# ping prints no error and counts the packet as transmitted: it looks like a packet that was lost on the way, though no
# request left.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iputils-ping=3:20221126-1+deb12u1 iproute2=6.1.0-3 libbpf1 libmnl0

cat >"$work/look" <<'END'
ip netns add red
ip link add v0 type veth peer name v1 netns red
ip link set v0 up; ip -n red link set v1 up
ip addr add 10.0.0.1/24 dev v0; ip -n red addr add 10.0.0.2/24 dev v1
ping -c 1 10.0.0.2 >/dev/null && echo "before: answered"
status=0; ip route change 10.0.0.0/24 dev v0 mtu 67 || status=$?
echo "route with MTU 67: status $status, $(ip route get 10.0.0.2 | grep -o 'mtu 67')"
arrived() { ip netns exec red nstat -saz IcmpInEchos | awk '/IcmpInEchos/ { print $2 }'; }
before=$(arrived); status=0
ping -c 1 -W 1 10.0.0.2 >"$1" 2>"$2" || status=$?
echo "ping: status $status, $(wc -l <"$2") lines of errors, $(grep -o '1 packets transmitted, 0 received' "$1")"
echo "requests that arrived: $(($(arrived) - before))"
END
expect 'a ping by a narrow route' 'before: answered
route with MTU 67: status 0, mtu 67
ping: status 1, 0 lines of errors, 1 packets transmitted, 0 received
requests that arrived: 0' "$(private bash "$work/look" "$work/out" "$work/err" 2>&1)"
verdict
