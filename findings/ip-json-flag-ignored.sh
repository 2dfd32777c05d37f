#!/usr/bin/env bash
# Debian's iproute2 6.1.0-3.
#
# One would expect: what accepts `-j` prints JSON, or says that it can't.
# Seen: these take the option and print the plain text (or nothing where the list is empty), with status 0. The same
# command with one word more or less does print JSON: `ip -j netconf show dev L` is an array, `ip -j -6 netconf show
# dev L` is text; `tc -j qdisc` is an array, `tc -j class` is text.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iproute2=6.1.0-3 libbpf1 libmnl0

cat >"$work/look" <<'END'
ip link add v0 type veth peer name v1
tc qdisc add dev v0 root handle 1: htb
tc class add dev v0 parent 1: classid 1:10 htb rate 1mbit
while read -r command; do
    first=$($command 2>&1 | head -c 1); $command >/dev/null 2>&1; status=$?
    case $first in '[' | '{') kind=JSON ;; '') kind=nothing ;; *) kind=text ;; esac
    echo "$kind, status $status: $command"
done <<LIST
ip -j netconf show dev v0
ip -j -6 netconf show dev v0
ip -j -4 netconf show dev v0
tc -j qdisc show dev v0
tc -j class show dev v0
ip -j mptcp endpoint
ip -j mptcp limits
ip -j neigh
ip -j xfrm state
LIST
END
expect 'what is printed' \
    'JSON, status 0: ip -j netconf show dev v0
text, status 0: ip -j -6 netconf show dev v0
text, status 0: ip -j -4 netconf show dev v0
JSON, status 0: tc -j qdisc show dev v0
text, status 0: tc -j class show dev v0
JSON, status 0: ip -j mptcp endpoint
text, status 0: ip -j mptcp limits
JSON, status 0: ip -j neigh
nothing, status 0: ip -j xfrm state' "$(private bash "$work/look")"
verdict
