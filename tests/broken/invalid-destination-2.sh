# A connection is asked for with the broadcast address.
# cause: invalid-destination
# namespace: host
# then: nothing
ip netns add r
ip netns add far
ip link add a0 type veth peer name ra netns r
ip link add rb netns r type veth peer name b0 netns far
ip link set a0 up
ip link set lo up
ip -n far link set lo up
ip -n r link set ra up
ip -n r link set rb up
ip -n far link set b0 up
ip addr add 10.0.0.1/24 dev a0
ip -n r addr add 10.0.0.2/24 dev ra
ip -n r addr add 10.0.1.1/24 dev rb
ip -n far addr add 10.0.1.2/24 dev b0
ip route add default via 10.0.0.2
ip -n far route add default via 10.0.1.1
ip netns exec r sysctl -w net.ipv4.ip_forward=1
nc -w 2 -zv 10.0.0.255 80
