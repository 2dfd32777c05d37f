# One end of a wire knows its peer, the other one does not.
# cause: no-return-route
# namespace: red
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip addr add 10.0.6.1 peer 10.0.6.2/32 dev a0
ip -n red addr add 10.0.6.2/32 dev b0
ping -c 1 -W 1 10.0.6.2
