#!/usr/bin/env bash
# Debian's containernetworking-plugins 1.1.1+ds1-3+b5.
#
# One would expect: an address 10.1.0.2/24 on a container's link means that 10.1.0.0/24 is on that link, and that the
# host's end has 10.1.0.1/24.
# Seen with the `ptp` plugin, whose result says "10.1.0.2/24": in the container only the gateway is on the link, the
# rest of 10.1.0.0/24 goes through it; neighbours in the same prefix need a forwarding host. The host's end has the
# gateway's address as a /32, and reaches the container by a route whose scope is "host", the scope of own addresses.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian containernetworking-plugins=1.1.1+ds1-3+b5

cat >"$work/look" <<'END'
mount -t tmpfs tmpfs /var/lib
ip netns add c
export CNI_COMMAND=ADD CNI_CONTAINERID=c CNI_NETNS=/run/netns/c CNI_IFNAME=eth0 CNI_PATH=$1
"$1/ptp" <<JSON | python3 -c 'import json, sys; print("result:", json.load(sys.stdin)["ips"][0]["address"])'
{"cniVersion": "1.0.0", "name": "net", "type": "ptp", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}
JSON
echo 'container:'; ip -n c -o -4 addr show eth0 | awk '{print $4}'; ip -n c -N route
echo 'host:'; ip -o -4 addr show | awk '$2 != "lo" {print $4}'; ip -N route | sed 's/veth[0-9a-f]*/veth/'
END
expect 'addresses and routes' 'result: 10.1.0.2/24
container:
10.1.0.2/24
10.1.0.0/24 via 10.1.0.1 dev eth0 src 10.1.0.2
10.1.0.1 dev eth0 scope 253 src 10.1.0.2
host:
10.1.0.1/32
10.1.0.2 dev veth scope 254' "$(private bash "$work/look" "$work/debian/usr/lib/cni" 2>&1 | sed 's/ *$//')"
verdict
