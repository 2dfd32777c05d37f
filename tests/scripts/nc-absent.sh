# Nobody has the address: the kernel asks three times, and tells.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
ip netns exec red nc -zv 10.0.0.9 5000
ip netns exec red nc -v -w 1 10.0.0.9 5000
