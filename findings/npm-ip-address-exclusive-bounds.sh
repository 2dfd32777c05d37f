#!/usr/bin/env bash
# npm's ip-address 10.7.6.
#
# One would expect: `startAddressExclusive()` and `endAddressExclusive()`, the bounds without the network's and the
# broadcast address, bound the hosts of a prefix; of a /31 and a /32, which have no such addresses, they are the
# addresses themselves, or there are none.
# Seen: of a /31 the bounds change places (.5 to .4 for 10.0.0.4/31), and those of a /32 lie outside of it: a loop from
# one to the other runs over nothing, or far away.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
node_packages ip-address@10.7.6

cat >"$work/node/look.js" <<'END'
const { Address4 } = require('ip-address')
for (const text of ['10.0.0.4/30', '10.0.0.4/31', '10.0.0.4/32']) {
  const prefix = new Address4(text)
  console.log(text, prefix.startAddressExclusive().address, prefix.endAddressExclusive().address)
}
END
expect 'bounds' '10.0.0.4/30 10.0.0.5 10.0.0.6
10.0.0.4/31 10.0.0.5 10.0.0.4
10.0.0.4/32 10.0.0.5 10.0.0.3' "$(cd "$work/node" && node look.js)"
verdict
