#!/usr/bin/env bash
# Linux 6.1.0-57 and 6.12.117 of Debian 12 (under qemu), and 6.18.44; with the machine's own iproute2.
#
# One would expect: a command that the kernel refuses changes nothing, so that the corrected command succeeds.
# Seen: `ip neigh add ADDRESS dev LINK` without a hardware address is refused as invalid, and leaves an entry without a
# state, which `ip neigh` doesn't show. The corrected `add` is refused too: "File exists". `replace` works; `show nud
# all` shows the entry.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"

cat >"$work/look" <<'END'
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip addr add 10.0.0.1/24 dev v0
try() { if message=$("$@" 2>&1); then echo "$*: done"; else echo "$*: refused$(grep -o ', File exists' <<<", ${message##*: }")"; fi; }
try ip neigh add 10.0.0.9 dev v0
echo "shown: $(ip neigh show 10.0.0.9) shown with nud all: $(ip neigh show nud all | grep '^10.0.0.9 ')"
try ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0
try ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0
END
expect 'one after the other' 'ip neigh add 10.0.0.9 dev v0: refused
shown:  shown with nud all: 10.0.0.9 dev v0
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0: refused, File exists
ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0: done' "$(private bash "$work/look" | sed 's/ *$//')"
verdict
