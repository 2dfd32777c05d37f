# One route is missing: the filter complains first, and without it the answer would go astray too.
# cause: reverse-path-filter
# namespace: host
# try: ip route add 10.96.0.4 dev p0
# then: works
ip netns add cell
ip netns add old
ip link add p0 type veth peer name c0 netns cell
ip link add q0 type veth peer name o0 netns old
ip addr add 10.96.0.1/32 dev p0
ip link set p0 up
ip addr add 10.96.0.1/24 dev q0
ip link set q0 up
ip -n cell addr add 10.96.0.4/24 dev c0
ip -n cell link set lo up
ip -n cell link set c0 up
ip -n old link set o0 up
sysctl -w net.ipv4.conf.p0.rp_filter=1
ip netns exec cell ping -c 1 -W 4 10.96.0.1
