#!/usr/bin/env bash
# Debian's iproute2 6.1.0-3.
#
# One would expect: `ip -all netns exec COMMAND` fails when COMMAND fails in a namespace, as `ip netns exec NAME COMMAND`
# gives back the command's own status; a health check over all namespaces could then be one line.
# Seen: the status is 0 even when the command fails in every namespace. The names are also printed between the commands'
# outputs, on standard output, with an empty line before each.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iproute2=6.1.0-3 libbpf1 libmnl0

cat >"$work/look" <<'END'
ip netns add a; ip netns add b
status=0; ip netns exec a sh -c 'exit 3' || status=$?; echo "one namespace: $status"
status=0; ip -all netns exec sh -c 'exit 3' >"$1" || status=$?; echo "all namespaces: $status"
status=0; ip -all netns exec no-such-program >>"$1" 2>/dev/null || status=$?; echo "no such program: $status"
END
expect 'statuses' 'one namespace: 3
all namespaces: 0
no such program: 0' "$(private bash "$work/look" "$work/out")"
expect 'standard output of the second, sorted' "

netns: a
netns: b" "$(head -n 4 "$work/out" | sort)"
verdict
