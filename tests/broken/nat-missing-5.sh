# A pod asks for a connection over two routers, of which the far end knows one.
# cause: nat-missing
# namespace: host
# then: works
ip netns add pod
ip netns add office
ip netns add net
ip link add vp type veth peer name p0 netns pod
ip link add wan type veth peer name o0 netns office
ip link add o1 netns office type veth peer name n0 netns net
ip addr add 172.20.0.1/24 dev vp
ip addr add 192.168.7.20/24 dev wan
ip -n pod addr add 172.20.0.2/24 dev p0
ip -n office addr add 192.168.7.1/24 dev o0
ip -n office addr add 198.51.100.1/24 dev o1
ip -n net addr add 198.51.100.9/24 dev n0
ip link set vp up
ip link set wan up
ip -n pod link set p0 up
ip -n office link set o0 up
ip -n office link set o1 up
ip -n net link set n0 up
ip -n pod route add default via 172.20.0.1
ip route add default via 192.168.7.1
ip -n office route add default via 198.51.100.9
ip -n net route add 192.168.7.0/24 via 198.51.100.1
sysctl -w net.ipv4.ip_forward=1
ip netns exec office sysctl -w net.ipv4.ip_forward=1
ip netns exec net sysctl -w net.ipv4.ip_forward=1
ip netns exec net nc -l -k 80 &
ip netns exec pod nc -w 2 -zv 198.51.100.9 80
