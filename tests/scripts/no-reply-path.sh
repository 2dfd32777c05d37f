# The request arrives, but there is no way back.
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.0.0.1/24 dev a0
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip -n red addr add 10.7.0.1/32 dev b0
ip route add 10.7.0.1 dev a0
ping -c 1 -W 1 10.7.0.1
ip neigh
ip -n red neigh
ip -n red route add 10.0.0.1 dev b0
ping -c 1 10.7.0.1
ip -n red route get 10.0.0.1
ip -n red neigh
