#!/usr/bin/env bash
# Debian's nftables 1.0.6-2+deb12u2.
#
# One would expect: a ruleset that goes through `nft -j list ruleset` and `nft -j -f` unrefused is the same ruleset.
# Seen: some settings vanish on that way without a word, most of them already in the listing. A dormant table comes back
# switched on. Comments of tables and chains are gone (those of rules stay), and so is `auto-merge` of a set: adding an
# overlapping range, accepted before, is then refused. The counters of a set's elements begin at 0 again, though
# the listing holds their values.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11 libmnl0 libjansson4 libedit2 libxtables12

cat >"$work/look" <<'END'
nft -f - <<RULES
table ip a { flags dormant; comment "of the table"; chain c { type filter hook input priority 0; comment "of the chain"; drop comment "of the rule"; }; }
table ip b { set s { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/24 }; }; set e { type ipv4_addr; counter; elements = { 10.0.0.1 counter packets 3 bytes 252 }; }; }
RULES
nft list ruleset >"$1/before"
nft -j list ruleset >"$1/json"
ping -c 1 -W 1 127.0.0.1 >/dev/null && echo 'before: ping is answered'
nft flush ruleset
nft -j -f "$1/json" && echo 'JSON accepted'
nft list ruleset >"$1/after"
ping -c 1 -W 1 127.0.0.1 >/dev/null || echo 'after: ping is lost'
nft add element ip b s '{ 10.0.0.0/16 }' 2>&1 | grep -o 'Error: .*'
END
expect 'what happens' 'before: ping is answered
JSON accepted
after: ping is lost
Error: interval overlaps with an existing one' "$(private bash "$work/look" "$work")"
expect 'difference of the two listings' '<	flags dormant
<	comment "of the table"
<		comment "of the chain"
<		auto-merge
<		elements = { 10.0.0.1 counter packets 3 bytes 252 }
>		elements = { 10.0.0.1 counter packets 0 bytes 0 }' \
    "$(diff "$work/before" "$work/after" | grep '^[<>] .' | sed 's/^\(.\) /\1/')"
verdict
