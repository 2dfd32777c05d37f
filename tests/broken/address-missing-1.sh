# The other end was never given its address.
# cause: address-missing
# namespace: red
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip addr add 10.0.0.1/24 dev a0
ping -c 1 -W 1 10.0.0.2
