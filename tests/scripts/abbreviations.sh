ip l
ip li sh
ip a
ip a s lo
ip a s dev lo
ip ad sh lo
ip addre show lo
ip r
ip ro sh
ip route list
ip route ls
ip n
ip ne sh
ip neighbor
ip neighbour show
ip link list
ip link ls
ip link lst
ip l add a0 type veth peer b0
ip l s a0 up
ip l s b0 up
ip l sh a0
ip link set dev a0 down
ip link set dev a0 up
ip a a 10.0.0.1/24 dev a0
ip a s a0
ip r a 10.1.0.0/24 via 10.0.0.2
ip ro add 10.2.0.0/24 dev a0
ip r g 10.1.0.1
ip r d 10.1.0.0/24
ip route delete 10.2.0.0/24
ip a d 10.0.0.1/24 dev a0
ip l d a0
ip l delete b0
ip netn
ip netns l
ip netns a red
ip netns d red
ip netns ls
ip frobnicate
ip -4 a
ip -4 addr show lo
ip -4 route
ip -br l
ip -br link
ip -br a
ip -br -4 a
ip -brief addr
