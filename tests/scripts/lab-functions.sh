# Functions with words of their own, as scripts that build a network have them.
add_host() {
  local name=$1 address=$2
  ip netns add "$name"
  ip link add "v-$name" type veth peer name eth0 netns "$name"
  ip link set "v-$name" up
  ip -n "$name" addr add "$address" dev eth0
  ip -n "$name" link set lo up
  ip -n "$name" link set eth0 up
}
run() { ip netns exec "$@"; }
add_host red 10.0.1.2/24
add_host blue 10.0.2.2/24
ip addr add 10.0.1.1/24 dev v-red
ip addr add 10.0.2.1/24 dev v-blue
run red ip route add default via 10.0.1.1
run blue ip route add default via 10.0.2.1
echo 1 > /proc/sys/net/ipv4/ip_forward
cat /proc/sys/net/ipv4/ip_forward
check() {
  if run "$1" ping -q -c 1 -W 1 "$2" >/dev/null 2>&1; then
    echo "$1 reaches $2"
  else
    echo "$1 does not reach $2" >&2
    return 1
  fi
}
check red 10.0.2.2
echo 0 > /proc/sys/net/ipv4/ip_forward
check red 10.0.2.2 || echo "as was to be expected"
check red 10.0.2.2; echo "status $?"
