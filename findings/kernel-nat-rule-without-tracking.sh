#!/usr/bin/env bash
# Debian's iptables 1.8.9-2 and iputils-ping, on Linux 6.18.44.
#
# One would expect: a rule in the table nat counts the first packet of each connection.
# Seen: a rule of nat that translates nothing (`-j ACCEPT`, `-j RETURN`, a user chain that returns) sees no packet at all as
# long as nothing else in the namespace asks for connections to be tracked: hooks of the kind nat look only at packets that
# have a connection, and such a rule does not turn tracking on. As soon as any chain holds a rule with `-m conntrack`, or one
# that translates, the very same rule counts.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iptables=1.8.9-2 iputils-ping libxtables12 libnftnl11 libmnl0

cat >"$work/look" <<'END'
ip link set lo up
count() { iptables -t nat -nvxL OUTPUT 1 | tr -s ' ' | cut -d ' ' -f 2; }
iptables -t nat -A OUTPUT -p icmp -j ACCEPT
ping -q -c 3 -i 0.2 127.0.0.1 >/dev/null
echo "alone: $(count)"
iptables -A INPUT -m conntrack --ctstate INVALID -j DROP
ping -q -c 3 -i 0.2 127.0.0.1 >/dev/null
echo "beside a rule that asks for a state: $(count)"
iptables -F INPUT
ping -q -c 3 -i 0.2 127.0.0.1 >/dev/null
echo "alone again: $(count)"
END
expect 'packets that a rule in nat has counted' "alone: 0
beside a rule that asks for a state: 1
alone again: 1" "$(private bash "$work/look" 2>&1)"
verdict
