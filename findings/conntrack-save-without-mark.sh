#!/usr/bin/env bash
# Debian's conntrack 1:1.4.7-1+b2 with libnetfilter-conntrack3 1.0.9-3.
#
# One would expect: `conntrack -L -o save`, emptying, and `conntrack -R` give the table back as it was.
# Seen: addresses, ports, NAT, state, status, zone and timeout come back; the mark doesn't. It is not written, although
# `conntrack -A` has an option for it, and every restored entry has mark 0: rules that route by connection mark then
# send the connection elsewhere.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian conntrack=1:1.4.7-1+b2 libnetfilter-conntrack3=1.0.9-3 libnfnetlink0 libmnl0

cat >"$work/look" <<'END'
conntrack -I -s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1 --dport 2 --state ESTABLISHED -t 1000 -u SEEN_REPLY,ASSURED -m 5 -w 3
conntrack -L | sed 's/ 9[0-9][0-9] / TIME /'
conntrack -L -o save >"$1"
conntrack -F; conntrack -R "$1"
conntrack -L | sed 's/ 9[0-9][0-9] / TIME /'
END
flow='tcp      6 TIME ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [ASSURED]'
expect 'before and after' "$flow mark=5 zone=3 use=1
$flow mark=0 zone=3 use=1" "$(private bash "$work/look" "$work/saved" 2>/dev/null)"
verdict
