#!/usr/bin/env bash
# PyPI's pyroute2 0.9.7.
#
# One would expect: `flush_addr`, `flush_routes` and `flush_rules` do what `ip addr flush dev`, `ip route flush` and
# `ip rule flush` do.
# Seen: all three differ. `flush_addr(index=…)` leaves every IPv4 address that has a peer. `flush_routes()` empties the
# local table too: afterwards the machine doesn't even know its own addresses (`ip route flush` asks for a table, and
# takes main where it has another filter). `flush_rules()` removes rule 0 as well, which `ip rule flush` keeps.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages pyroute2==0.9.7

cat >"$work/look.py" <<'END'
import subprocess
from pyroute2 import IPRoute

def lines(command):
    return subprocess.run(command.split(), capture_output=True, text=True).stdout.splitlines()

ipr = IPRoute()
ipr.link('add', ifname='v0', kind='veth', peer='v1')
index = ipr.link_lookup(ifname='v0')[0]

def addresses():
    ipr.addr('add', index=index, address='10.0.1.1', prefixlen=24)
    ipr.addr('add', index=index, address='10.0.7.2', local='10.0.7.1', prefixlen=32)

addresses()
ipr.flush_addr(index=index)
print('flush_addr leaves:', [' '.join(l.split()[3:6]) for l in lines('ip -o addr show dev v0')])
lines('ip addr flush dev v0')
addresses()
lines('ip addr flush dev v0')
print('ip addr flush leaves:', lines('ip -o addr show dev v0'))

lines('ip rule add from 10.0.0.0/8 table 100')
lines('ip rule flush')
print('ip rule flush leaves:', [l.split(':')[0] for l in lines('ip rule')])
ipr.flush_rules()
print('flush_rules leaves:', lines('ip rule'))

print('local table before:', len(lines('ip route show table 255')) > 0)
ipr.flush_routes()
print('local table after flush_routes():', lines('ip route show table 255'))
END
expect 'what is left' "flush_addr leaves: ['10.0.7.1 peer 10.0.7.2/32']
ip addr flush leaves: []
ip rule flush leaves: ['0']
flush_rules leaves: []
local table before: True
local table after flush_routes(): []" "$(private "$python" -W ignore "$work/look.py")"
verdict
