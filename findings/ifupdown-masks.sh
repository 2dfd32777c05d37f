#!/usr/bin/env bash
# Debian's ifupdown 0.8.41.
#
# One would expect of an /etc/network/interfaces stanza with an address and no mask: an error, or a /32 as with
# `ip addr add`. Of `address 10.0.0.1/24` with another `netmask`: an error, or the prefix that stands at the address.
# Of two `address` lines in one stanza: both, as two stanzas for one link give both, or an error.
# Seen: without a mask the class of before 1993 decides, so 10.0.0.1 becomes a /8 with the broadcast address
# 10.255.255.255. The `netmask` line wins over the prefix. Of two `address` lines the second is dropped in silence.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian ifupdown=0.8.41

mkdir "$work/state"
cat >"$work/interfaces" <<'END'
iface a inet static
    address 10.0.0.1
iface b inet static
    address 172.16.0.1
iface c inet static
    address 192.168.0.1
iface d inet static
    address 10.0.0.1/24
    netmask 255.255.0.0
iface e inet static
    address 10.0.0.1/24
    address 10.0.0.2/24
iface f inet6 static
    address fd00::1
END
for link in a b c d e f; do
    ifup --no-act --force --interfaces "$work/interfaces" --state-dir "$work/state" "$link" 2>&1 |
        sed -n 's/[[:space:]]*dev \(.\).*$/ (\1)/; /^ip \(-6 \)\?addr add\|[Dd]uplicate/p'
done >"$work/seen"
expect 'commands that ifup would run' 'ip addr add 10.0.0.1/255.0.0.0 broadcast 10.255.255.255 (a)
ip addr add 172.16.0.1/255.255.0.0 broadcast 172.16.255.255 (b)
ip addr add 192.168.0.1/255.255.255.0 broadcast 192.168.0.255 (c)
ip addr add 10.0.0.1/255.255.0.0 broadcast 10.0.255.255 (d)
ip addr add 10.0.0.1/255.255.255.0 broadcast 10.0.0.255 (e)
ip -6 addr add fd00::1 (f)' "$(cat "$work/seen")"
verdict
