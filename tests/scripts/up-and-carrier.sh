ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip link show a0
ip route
ip route show table local
ip link set a0 up
ip link show a0
ip route
ip route show table local
ip -n red link show b0
ip -n red link set b0 up
ip link show a0
ip -n red link show b0
ip route
ip -n red route
ping -c 1 10.0.0.2
ip -n red link set b0 down
ip link show a0
ip -n red link show b0
ip route
ip -n red route
ping -c 1 -W 1 10.0.0.2
ip link set a0 down
ip link show a0
ip route
ip route show table local
ip -n red link set b0 up
ip -n red link show b0
ip -n red route
ip link set a0 up
ip route
ping -c 1 10.0.0.2
