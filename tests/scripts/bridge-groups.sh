ip netns add red
ip link add br0 address 02:00:00:00:00:01 type bridge
ip link add p1 type veth peer name eth0 netns red
ip -n red link set eth0 up
ip link set p1 master br0 up
ip link set br0 up
sleep 1.5
ip -s link show br0
ip -s -n red link show eth0
