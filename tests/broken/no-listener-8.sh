# In a public network nobody listens, and there is no way back to the private address.
# cause: no-listener
# namespace: far
# then: nat-missing
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
ip -n r addr add 203.0.113.1/24 dev rb
ip -n far addr add 203.0.113.5/24 dev b0
ip route add default via 10.0.0.2
ip netns exec r sysctl -w net.ipv4.ip_forward=1
nc -w 2 -zv 203.0.113.5 80
