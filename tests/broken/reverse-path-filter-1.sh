# Strict: the answer would leave by another link.
# cause: reverse-path-filter
# namespace: red
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip netns add blue
ip -n red link add u0 type veth peer name v0 netns blue
ip -n red link set u0 up
ip -n blue link set v0 up
ip -n red addr add 10.5.0.1/24 dev u0
ip addr add 10.6.0.1/24 dev lo
ip -n red route add 10.6.0.0/24 dev u0
ip netns exec red sysctl -w net.ipv4.conf.b0.rp_filter=1
ping -c 1 -W 1 10.0.0.2
ping -c 1 -W 1 -I 10.6.0.1 10.0.0.2
