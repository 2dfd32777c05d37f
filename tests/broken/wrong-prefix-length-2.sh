# The other end takes too little for its own wire.
# cause: wrong-prefix-length
# namespace: red
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip addr add 192.168.1.1/24 dev a0
ip -n red addr add 192.168.1.130/25 dev b0
ping -c 1 -W 1 192.168.1.130
