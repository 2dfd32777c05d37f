# An MTU below net.ipv4.route.min_pmtu is locked: packets may then be cut on the way, and a router keeps to it too.
ip netns add near
ip netns add far
ip netns add red
ip link add a0 type veth peer name a1 netns near
ip -n near link add b0 type veth peer name b1 netns far
ip -n far link add c0 mtu 500 type veth peer name c1 mtu 500 netns red
ip addr add 10.0.0.1/24 dev a0
ip -n near addr add 10.0.0.2/24 dev a1
ip -n near addr add 10.0.1.1/24 dev b0
ip -n far addr add 10.0.1.2/24 dev b1
ip -n far addr add 10.0.2.1/24 dev c0
ip -n red addr add 10.0.2.2/24 dev c1
ip link set a0 up
ip -n near link set a1 up
ip -n near link set b0 up
ip -n far link set b1 up
ip -n far link set c0 up
ip -n red link set c1 up
ip netns exec near sysctl -w net.ipv4.ip_forward=1
ip netns exec far sysctl -w net.ipv4.ip_forward=1
ip route add default via 10.0.0.2
ip -n near route add 10.0.2.0/24 via 10.0.1.2
ip -n far route add 10.0.0.0/24 via 10.0.1.1
ip -n red route add default via 10.0.2.1
ping -c 1 -s 900 10.0.2.2
ping -c 1 10.0.2.2
ping -c 1 -s 500 10.0.2.2
ping -c 1 -s 900 10.0.2.2
ping -c 1 -M do -s 400 10.0.2.2
ping -c 1 -M do -s 510 10.0.2.2
ping -c 1 -M do -s 900 10.0.2.2
ip route flush cache
ip netns exec near ping -c 1 -s 900 10.0.2.2
ping -c 1 -s 700 10.0.2.2
ping -c 1 -s 540 10.0.2.2
