ip netns
ip netns list
ip netns show
ip netns add red
ip netns add blue
ip netns add green
ip netns list
ip netns add red
ip netns add red/blue
ip netns add ..
ip netns add
ip netns del nosuch
ip netns del
ip netns exec nosuch ip link
ip netns exec red
ip -n nosuch link
ip netns exec red ip addr
ip netns exec red ip route
ip netns exec red ip neigh
ip netns exec red sysctl net.ipv4.ip_forward
ip netns exec red ip netns list
ip netns exec red ip netns exec blue ip link
ip netns frobnicate
ip link add a0 type veth peer name b0 netns red
ip netns list
ip link add a1 type veth peer name b1 netns blue
ip netns list
ip -n red link show b0
ip netns del blue
ip netns list
ip link show
ip netns delete red
ip link show
ip netns list
