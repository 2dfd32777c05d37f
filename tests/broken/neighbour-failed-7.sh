# Two ways out, and the command names the second one: only a second default route leads by it.
# cause: neighbour-failed
# namespace: host
# try: ip route add default via 10.72.0.1 dev u1 metric 100
# then: works
ip netns add near
ip netns add other
ip netns add end
ip link add u0 type veth peer name n0 netns near
ip link add u1 type veth peer name o0 netns other
ip link add n1 netns near type veth peer name e0 netns end
ip link add o1 netns other type veth peer name e1 netns end
ip addr add 10.71.0.5/24 dev u0
ip addr add 10.72.0.5/24 dev u1
ip link set u0 up
ip link set u1 up
ip -n near addr add 10.71.0.1/24 dev n0
ip -n near addr add 10.73.0.1/30 dev n1
ip -n near link set n0 up
ip -n near link set n1 up
ip -n other addr add 10.72.0.1/24 dev o0
ip -n other addr add 10.74.0.1/30 dev o1
ip -n other link set o0 up
ip -n other link set o1 up
ip -n end addr add 10.73.0.2/30 dev e0
ip -n end addr add 10.74.0.2/30 dev e1
ip -n end addr add 10.75.0.9/32 dev lo
ip -n end link set lo up
ip -n end link set e0 up
ip -n end link set e1 up
ip netns exec near sysctl -w net.ipv4.ip_forward=1
ip netns exec other sysctl -w net.ipv4.ip_forward=1
ip -n near route add 10.75.0.9 via 10.73.0.2
ip -n other route add 10.75.0.9 via 10.74.0.2
ip -n end route add 10.71.0.0/24 via 10.73.0.1
ip -n end route add 10.72.0.0/24 via 10.74.0.1
ip route add default via 10.71.0.1
ping -c 1 -W 4 -I u1 10.75.0.9
