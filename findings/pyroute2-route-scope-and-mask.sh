#!/usr/bin/env bash
# PyPI's pyroute2 0.9.7.
#
# One would expect: `IPRoute().route("add", dst="10.21.0.0/16", oif=index)` makes the route of
# `ip route add 10.21.0.0/16 dev v0`; a gateway inside the prefix can be used then. And `mask=16`, which
# `addr("add", …)` takes for the length of a prefix, means the same to `route`; what isn't known is an error.
# Seen: `ip` gives an on-link route the scope "link", pyroute2 leaves it at "global". A next hop may only be reached by
# a route of narrower scope, so the kernel refuses the gateway: "Network is unreachable" to the library, "Nexthop has
# invalid gateway" to `ip`. After the same route was made with `ip`, the gateway is accepted. `mask` and any made-up
# keyword are dropped by `route`: a host route comes out.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages pyroute2==0.9.7

cat >"$work/look.py" <<'END'
import subprocess
from pyroute2 import IPRoute, NetlinkError

def run(command):
    done = subprocess.run(command.split(), capture_output=True, text=True)
    return (done.stdout + done.stderr).strip()

ipr = IPRoute()
ipr.link('add', ifname='v0', kind='veth', peer='v1')
index = ipr.link_lookup(ifname='v0')[0]
ipr.link('set', index=index, state='up')
ipr.link('set', index=ipr.link_lookup(ifname='v1')[0], state='up')

ipr.route('add', dst='10.21.0.0/16', oif=index)
print(run('ip -N -d route show 10.21.0.0/16'))
try:
    ipr.route('add', dst='10.30.0.0/16', gateway='10.21.0.5')
except NetlinkError as error:
    print('gateway refused:', error)
run('ip route del 10.21.0.0/16')
run('ip route add 10.21.0.0/16 dev v0')
print(run('ip -N -d route show 10.21.0.0/16'))
ipr.route('add', dst='10.30.0.0/16', gateway='10.21.0.5')
print('gateway accepted')

ipr.addr('add', index=index, address='10.0.4.1', mask=24)
print(run('ip -o -4 addr show dev v0').split()[3])
ipr.route('add', dst='10.44.0.0', mask=16, oif=index)
ipr.route('add', dst='10.45.0.0', made_up=16, oif=index)
print(run('ip route show root 10.44.0.0/15').split(' dev')[0])
print(run('ip route show root 10.45.0.0/16').split(' dev')[0])
END
expect 'routes' "1 10.21.0.0/16 dev v0 proto 4 scope 0
gateway refused: (101, 'Network is unreachable')
1 10.21.0.0/16 dev v0 proto 3 scope 253
gateway accepted
10.0.4.1/24
10.44.0.0
10.45.0.0" "$(private "$python" -W ignore "$work/look.py" | sed 's/ *$//')"
verdict
