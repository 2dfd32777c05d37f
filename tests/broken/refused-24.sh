# Network is unreachable: the way to an address is asked for, and no route is for it.
# cause: refused
# namespace: host
# then: nothing
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.31.0.1/24 dev a0
ip -n red addr add 10.31.0.2/24 dev b0
ip link set a0 up
ip -n red link set b0 up
ip route get 10.32.0.5
