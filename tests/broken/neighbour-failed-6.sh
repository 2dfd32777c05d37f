# Two cables, one subnet on the first: who is at the other end of the second needs a route alone.
# cause: neighbour-failed
# namespace: host
# try: ip route add 10.95.0.4 dev p0
# then: works
ip netns add cell
ip netns add old
ip link add p0 type veth peer name c0 netns cell
ip link add q0 type veth peer name o0 netns old
ip link set p0 up
ip addr add 10.95.0.1/24 dev q0
ip link set q0 up
ip -n cell addr add 10.95.0.4/32 dev c0
ip -n cell link set c0 up
ip -n cell route add 10.95.0.1 dev c0
ip -n old link set o0 up
ping -c 1 -W 4 10.95.0.4
