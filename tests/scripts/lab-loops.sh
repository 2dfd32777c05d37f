# Hosts at a bridge, built by loops over words and numbers.
HOSTS="h1 h2 h3"
ip link add br0 type bridge
ip link set br0 up
i=1
for h in $HOSTS; do
  ip netns add "$h"
  ip link add veth-$h type veth peer name eth0 netns $h
  ip link set veth-$h master br0 up
  ip -n $h addr add 10.0.0.$i/24 dev eth0
  ip -n $h link set eth0 up
  i=$((i + 1))
done
for n in $(seq 1 3); do echo "host $n of $i"; done
for ((n = 1; n < 4; n++)); do ip netns exec h1 ping -q -c 1 -W 1 10.0.0.$n >/dev/null && echo "10.0.0.$n answers"; done
ip -br link show type veth | wc -l
ip netns list | sort
n=0; while [ $n -lt 2 ]; do n=$((n + 1)); echo "round $n"; done
until ! ip netns del h$n 2>/dev/null; do n=$((n - 1)); done
ip netns list
