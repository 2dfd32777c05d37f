ip netns add red
ip link add a0 index 40 type veth peer name b0 netns red index 41
ip link add c0 index 40 type veth peer name d0
ip link add c0 index 42 type veth peer name d0 index 42
ip link add c0 index 42 type veth peer name d0 index 40
ip link add c0 index 42 type veth peer name d0 netns red index 41
ip link add c0 index 41 type veth peer name d0
ip link set c0 netns red index 41
ip link set c0 netns red
ip -n red link show c0
ip link set d0 netns red index 50
ip -n red link show d0
ip link set a0 index 60
ip -n red link set d0 netns red index 41
ip -n red link set d0 netns red index 70
ip -n red link show d0
