#!/usr/bin/env bash
# PyPI's pytricia 1.3.0.
#
# One would expect of a table of prefixes: IPv4 and IPv6 are kept apart, or the table refuses the family that it wasn't
# made for; a prefix that it accepted is found.
# Seen: `PyTricia()`, made for 32 bits, accepts IPv6 prefixes and counts them, but finds none that is longer than 32
# bits: of the three here each lookup, even that of a stored prefix, gives the value of fd00::/16. `PyTricia(128)`
# takes both families and keeps them in one tree by their first bits: 10.0.0.0/8 and a00::/8 are one entry, which keeps
# the first one's name and the second one's value, and ::/0 is the default route of IPv4. Host bits of a prefix stay in
# its name.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
python_packages pytricia==1.3.0

"$python" - >"$work/seen" <<'END'
import pytricia

table = pytricia.PyTricia()
table['fd00::/16'] = 'all'
table['fd00:0:0:1::/64'] = 'one'
table['fd00:0:0:2::/64'] = 'two'
print(len(table), table['fd00:0:0:1::/64'], table.get('fd00:0:0:1::5'), table.get('fd00:0:0:2::5'))

table = pytricia.PyTricia(128)
table['10.0.0.0/8'] = 'IPv4'
table['a00::/8'] = 'IPv6'
table['::/0'] = 'default of IPv6'
print(list(table), table.get('10.0.0.1'), table.get('a00::1'), table.get('192.0.2.1'), sep=', ')

table = pytricia.PyTricia()
table['10.0.0.5/24'] = 'prefix'
print(table.get_key('10.0.0.77'))
END
expect 'lookups' "3 all all all
['::/0', '10.0.0.0/8'], IPv6, IPv6, default of IPv6
10.0.0.5/24" "$(cat "$work/seen")"
verdict
