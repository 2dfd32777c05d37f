# The answer comes by another link than the program listens at.
# cause: answer-not-taken
# namespace: host
# then: nothing
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip link add c0 type veth peer name d0 netns red
ip link set c0 up
ip -n red link set d0 up
ip addr add 10.8.0.1/24 dev c0
ip -n red addr add 10.8.0.2/24 dev d0
ip -n red route add 10.0.0.1 dev d0
ping -c 1 -W 1 -I a0 10.0.0.2
