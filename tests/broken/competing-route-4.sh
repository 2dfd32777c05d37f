# A host route names the wrong link.
# cause: competing-route
# namespace: host
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip netns add blue
ip link add u0 type veth peer name v0 netns blue
ip link set u0 up
ip -n blue link set v0 up
ip -n blue addr add 10.9.0.1/24 dev v0
ip addr add 10.9.0.2/24 dev u0
ip route add 10.0.0.2 dev u0
ping -c 1 -W 1 10.0.0.2
