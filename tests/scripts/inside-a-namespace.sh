ip netns add red
ip netns exec red bash
ip link
ip link set lo up
ip addr
ping -c 1 127.0.0.1
ip netns add blue
ip netns list
ip netns exec blue bash
ip link
ip link set lo up
exit
ip link
ip link add a0 type veth peer name b0 netns blue
ip link
exit 5
ip link
ip netns exec nosuch bash
ip link
ip -n blue link
