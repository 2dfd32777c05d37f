# Cannot assign requested address: the prefix length is another one.
# cause: refused
# namespace: host
# try: ip addr del 10.31.0.1/24 dev a0
# then: works
ip netns add red
ip netns add end
ip link add a0 type veth peer name b0 netns red
ip link add b1 netns red type veth peer name e0 netns end
ip addr add 10.31.0.1/24 dev a0
ip -n red addr add 10.31.0.2/24 dev b0
ip -n red addr add 10.32.0.1/24 dev b1
ip -n end addr add 10.32.0.5/24 dev e0
ip link set a0 up
ip -n red link set b0 up
ip -n red link set b1 up
ip -n end link set e0 up
ip addr del 10.31.0.1/32 dev a0
