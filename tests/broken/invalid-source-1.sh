# To send from an address that one does not have.
# cause: invalid-source
# namespace: host
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ping -c 1 -I 10.0.0.77 10.0.0.2
