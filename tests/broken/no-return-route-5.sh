# The address has brought no route.
# cause: no-return-route
# namespace: red
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip -n red route del 10.0.0.0/24
ping -c 1 -W 1 10.0.0.2
