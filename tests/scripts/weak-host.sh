# An address belongs to the machine, not to the link: it answers on any.
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link add c0 type veth peer name d0 netns red
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.9.0.1/24 dev c0
ip addr add 10.8.0.1/32 dev lo
ip -n red addr add 10.0.0.2/24 dev b0
ip link set a0 up
ip -n red link set b0 up
ip -n red route add 10.9.0.0/24 dev b0
ip -n red route add 10.8.0.1 via 10.0.0.1
ip netns exec red ping -c 1 10.9.0.1
ip link set c0 up
ip -n red link set d0 up
ip netns exec red ping -c 1 10.9.0.1
ip netns exec red ping -c 1 10.8.0.1
ip netns exec red ip route get 10.9.0.1
ip addr del 10.9.0.1/24 dev c0
ip netns exec red ping -c 1 -W 1 10.9.0.1
