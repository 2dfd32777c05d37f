ip netns add red
ip netns add blue
ip link add a0 type veth peer name b0 netns red
ip link add c0 netns red type veth peer name d0 netns blue
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip link set a0 up
ip -n red link set b0 up
ping -c 1 10.0.0.2
ip netns del red
ip link
ip route
ip neigh
ip -n blue link
ip netns add red
ip -n red link
ip link add a0 type veth peer name b0 netns red
ip link
ip -n red link
