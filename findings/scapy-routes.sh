#!/usr/bin/env bash
# PyPI's scapy 2.8.0, beside the kernel's own answer by `ip route get`.
#
# One would expect: `conf.route.route(ADDRESS)`, which reads the kernel's main table by netlink, names the link, the
# source and the gateway that the kernel would take; policy rules aside.
# Seen: an IPv4 route with several next hops counts as one without a link. An IPv6 one isn't there at all, nor is an
# unreachable one: the default route answers. A route for one type of service is taken for every packet. A route
# without a preferred source has the source 0.0.0.0, so that is what a packet built for it carries; the kernel takes the
# link's address. With a blackhole route in the table, printing `conf.route` raises ValueError.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages scapy==2.8.0

cat >"$work/look.py" <<'END'
import logging, subprocess
logging.disable(logging.CRITICAL)
from scapy.all import conf

for line in '''
    link add v0 type veth peer name v1
    link add v2 type veth peer name v3
    link set v0 up
    link set v1 up
    link set v2 up
    link set v3 up
    addr add 10.0.0.1/24 dev v0
    addr add 10.0.9.1/24 dev v2
    addr add fd00::1/64 dev v0 nodad
    route add default via 10.0.9.254
    route add 10.4.0.0/16 nexthop via 10.0.9.2 nexthop via 10.0.9.3
    route add 10.70.0.0/16 via 10.0.0.7 tos 0x10
    route add 10.100.0.0/16 dev v0
    -6 route add default via fd00::fe
    -6 route add fd02::/64 nexthop via fd00::2 nexthop via fd00::3
    -6 route add unreachable fd01::/64
    '''.strip().splitlines():
    subprocess.run(['ip', *line.split()], check=True)
conf.ifaces.reload()
conf.route.resync()
conf.route6.resync()


def kernel(address):
    words = subprocess.run(['ip', 'route', 'get', address], capture_output=True, text=True).stdout.split()
    after = lambda word: words[words.index(word) + 1] if word in words else '-'
    return after('dev'), after('src'), after('via')


for address in '8.8.8.8', '10.4.0.5', '10.70.0.5', '10.100.0.5', 'fd02::5', 'fd01::5':
    route = (conf.route6 if ':' in address else conf.route).route(address)
    print(address, 'scapy', *(part or '-' for part in route), '| kernel', *kernel(address))
subprocess.run(['ip', 'route', 'add', 'blackhole', '10.1.0.0/16'])
conf.route.resync()
try:
    print(len(repr(conf.route)) > 0)
except ValueError as error:
    print('ValueError:', error)
END
expect 'link, source, gateway' "8.8.8.8 scapy v2 10.0.9.1 10.0.9.254 | kernel v2 10.0.9.1 10.0.9.254
10.4.0.5 scapy - 0.0.0.0 0.0.0.0 | kernel v2 10.0.9.1 HOP
10.70.0.5 scapy v0 10.0.0.1 10.0.0.7 | kernel v2 10.0.9.1 10.0.9.254
10.100.0.5 scapy v0 0.0.0.0 0.0.0.0 | kernel v0 10.0.0.1 -
fd02::5 scapy v0 fd00::1 fd00::fe | kernel v0 fd00::1 HOP
fd01::5 scapy v0 fd00::1 fd00::fe | kernel - - -
ValueError: Interface '' not found !" "$(private "$python" "$work/look.py" 2>&1 | sed 's/10\.0\.9\.[23]$/HOP/; s/fd00::[23]$/HOP/')"
verdict
