# The gateway is a router, but not the right one.
# cause: wrong-gateway
# namespace: host
# then: works
ip netns add r1
ip netns add r2
ip netns add far
ip link add a0 type veth peer name e0 netns r1
ip link add c0 type veth peer name e0 netns r2
ip link add f0 netns r2 type veth peer name b0 netns far
ip link set a0 up
ip link set c0 up
ip -n r1 link set e0 up
ip -n r2 link set e0 up
ip -n r2 link set f0 up
ip -n far link set b0 up
ip addr add 10.0.1.2/24 dev a0
ip addr add 10.0.3.2/24 dev c0
ip -n r1 addr add 10.0.1.1/24 dev e0
ip -n r2 addr add 10.0.3.1/24 dev e0
ip -n r2 addr add 10.0.2.1/24 dev f0
ip -n far addr add 10.0.2.2/24 dev b0
ip -n far route add default via 10.0.2.1
ip netns exec r1 sysctl -w net.ipv4.ip_forward=1
ip netns exec r2 sysctl -w net.ipv4.ip_forward=1
ip route add 10.0.2.0/24 via 10.0.1.1
ping -c 1 -W 1 10.0.2.2
