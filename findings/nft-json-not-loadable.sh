#!/usr/bin/env bash
# Debian's nftables 1.0.6-2+deb12u2.
#
# One would expect: what `nft -j list ruleset` prints can be loaded with `nft -j -f`, as `nft list ruleset` can with
# `nft -f`; a backup in JSON can be restored.
# Seen: for these rulesets, all made with nft itself, the text is accepted again and the JSON is refused.
#  * netdev: the listing of a base chain leaves out the device, which the reader demands.
#  * verdict map: a map whose elements jump is listed before the chain that it names, and the reader wants the chain
#    first. (The text reader does not care.)
#  * concatenated data: a map to "address . port" is listed with its data type as one string, and read as a type's name.
#  * typeof: a set of VLAN ids is listed as one of `integer`, which the reader refuses for want of a size.
#  * synproxy: a named synproxy object is listed under a key that the reader does not know.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11 libmnl0 libjansson4 libedit2 libxtables12

cat >"$work/look" <<'END'
try() {
    nft flush ruleset
    nft -f - <<<"$2" || { echo "$1: could not be made"; return; }
    text=$(nft list ruleset) json=$(nft -j list ruleset)
    nft flush ruleset
    if nft -f - <<<"$text" 2>/dev/null; then echo "$1: text accepted"; else echo "$1: text refused"; fi
    nft flush ruleset
    if message=$(nft -j -f - <<<"$json" 2>&1); then echo "$1: JSON accepted"; else
        echo "$1: JSON refused, $(sed -n '1s/^internal:0:0-0: Error: //p' <<<"$message")"; fi
}
try plain 'table inet t { chain c { type filter hook input priority 0; tcp dport 22 accept; }; }'
try netdev 'table netdev t { chain c { type filter hook ingress device "lo" priority 0; }; }'
try 'verdict map' 'table inet t { chain c { }; map m { type inet_service : verdict; elements = { 22 : jump c }; }; }'
try 'concatenated data' 'table ip t { map m { type ipv4_addr : ipv4_addr . inet_service; }; }'
try typeof 'table inet t { set s { typeof vlan id; }; }'
try synproxy 'table inet t { synproxy s { mss 1460; wscale 7; timestamp sack-perm; }; }'
END
expect 'loaded again' \
    "plain: text accepted
plain: JSON accepted
netdev: text accepted
netdev: JSON refused, Missing \`device' in this chain definition
verdict map: text accepted
verdict map: JSON refused, Could not process rule: No such file or directory
concatenated data: text accepted
concatenated data: JSON refused, Invalid map type 'ipv4_addr . inet_service'.
typeof: text accepted
typeof: JSON refused, unqualified type integer specified in set definition. Try \"typeof expression\" instead of \"type datatype\".
synproxy: text accepted
synproxy: JSON refused, Unknown object passed to add command." "$(private bash "$work/look" 2>&1)"
verdict
