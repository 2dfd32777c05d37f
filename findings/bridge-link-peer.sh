#!/usr/bin/env bash
# Debian's iproute2 6.1.0-3, on Linux 6.18.44.
#
# One would expect: what `bridge link` prints behind the `@` of a port is what `ip link` prints there; for a veth whose
# peer is in another namespace that is `@ifN` with the peer's index.
# Seen: `bridge link` looks up the peer's index among the links of its own namespace, although the index belongs to the
# other, and prints the name of a link that has nothing to do with the port; it also prints that link's M-DOWN. The
# same holds for `bridge -j link`, where `link` names it. Ports of a container bridge seem to be joined to each other.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iproute2=6.1.0-3 libbpf1 libmnl0

cat >"$work/look" <<'END'
ip netns add q
ip link add br0 type bridge
ip -n q link add index 20 name e0 type veth peer name p0 netns /proc/$$/ns/net
ip link set p0 master br0
ip link add index 20 name stranger type veth peer name other
ip -n q link set e0 up; ip link set p0 up
echo "ip: $(ip -o link show p0 | cut -d ' ' -f 2)"
echo "bridge: $(bridge link show dev p0 | cut -d ' ' -f 2,3)"
echo "ip JSON: $(ip -j link show p0 | python3 -c 'import json, sys; print({k: v for k, v in json.load(sys.stdin)[0].items() if k.startswith("link") and k != "link_type"})')"
echo "bridge JSON: $(bridge -j link show dev p0 | python3 -c 'import json, sys; print({k: v for k, v in json.load(sys.stdin)[0].items() if k.startswith("link")})')"
END
expect 'the port p0, whose peer is index 20 in another namespace' "ip: p0@if20:
bridge: p0@stranger: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN>
ip JSON: {'link_index': 20, 'linkmode': 'DEFAULT', 'link_netnsid': 0}
bridge JSON: {'link': 'stranger'}" "$(private bash "$work/look" 2>&1)"
verdict
