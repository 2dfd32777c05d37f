#!/usr/bin/env bash
# Debian's containernetworking-plugins 1.1.1+ds1-3+b5.
#
# One would expect: `host-local`, asked for an address, gives the lowest free one; after the only container has gone,
# the next gets the same address. A /31 has two usable addresses (RFC 3021): one for the gateway, one for the container.
# Seen: the address after the last one given is taken, and low ones come again only after the end of the range. A /31
# is "too small to allocate from", although the kernel and the plugins that use the result take a /31.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian containernetworking-plugins=1.1.1+ds1-3+b5

cat >"$work/look" <<'END'
mount -t tmpfs tmpfs /var/lib
ask() {
    CNI_COMMAND=$1 CNI_CONTAINERID=c CNI_NETNS=/run/netns/c CNI_IFNAME=eth0 CNI_PATH=$dir "$dir/host-local" <<JSON |
{"cniVersion": "1.0.0", "name": "net$3", "type": "ptp", "ipam": {"type": "host-local", "subnet": "$2"}}
JSON
        python3 -c 'import json, sys
text = sys.stdin.read()
answer = json.loads(text) if text else {}
if answer: print(answer["ips"][0]["address"] if "ips" in answer else answer["msg"])'
}
dir=$1
for _ in 1 2 3 4; do ask ADD 10.1.0.0/29 a; ask DEL 10.1.0.0/29 a; done
for _ in 1 2; do ask ADD 10.1.0.0/29 a; ask DEL 10.1.0.0/29 a; done
ask ADD 10.2.0.0/30 b
ask ADD 10.3.0.0/31 c
END
expect 'addresses given one after the other' '10.1.0.2/29
10.1.0.3/29
10.1.0.4/29
10.1.0.5/29
10.1.0.6/29
10.1.0.2/29
10.2.0.2/30
invalid range set 0: Network 10.3.0.0/31 too small to allocate from' "$(private bash "$work/look" "$work/debian/usr/lib/cni" 2>&1)"
verdict
