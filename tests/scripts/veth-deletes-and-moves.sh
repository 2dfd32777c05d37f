ip netns add red
ip netns add blue
ip link add a0 type veth peer name b0
ip link set b0 netns red
ip link show
ip -n red link show
ip -n red link set b0 netns blue
ip link show a0
ip -n red link show
ip -n blue link show
ip -n blue link set b0 name b1
ip -n blue link show b1
ip -n blue link set b1 up
ip link set a0 up
ip addr add 10.0.0.1/24 dev a0
ip -n blue addr add 10.0.0.2/24 dev b1
ip route
ip link set a0 netns red
ip route
ip -n red addr
ip -n red link set a0 up
ip -n red link show a0
ip -n blue link show b1
ip -n red link del a0
ip -n blue link show
ip link add a0 type veth peer name a1
ip link add a2 type veth peer name a3
ip link show
ip link del a1
ip link show
ip link add a4 type veth peer name a5 netns red
ip link add a6 netns red type veth peer name a7 netns blue
ip -n red link show a6
ip -n blue link show a7
ip link set a4 netns blue
ip -n blue -br link
ip -n red -br link
ip netns del red
ip -n blue -br link
ip link show
