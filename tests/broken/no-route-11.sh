# The default route went with the virtual address that it had as its source.
# cause: no-route
# namespace: host
# then: works
# try: ip route add default via 10.36.0.1 dev eth0
ip netns add gw
ip netns add far
ip link add eth0 type veth peer name g0 netns gw
ip link add g1 netns gw type veth peer name f0 netns far
ip addr add 10.36.0.10/24 dev eth0
ip link set eth0 up
ip -n gw addr add 10.36.0.1/24 dev g0
ip -n gw addr add 192.0.2.1/24 dev g1
ip -n gw link set g0 up
ip -n gw link set g1 up
ip -n far addr add 192.0.2.9/24 dev f0
ip -n far link set f0 up
ip -n far route add default via 192.0.2.1
ip netns exec gw sysctl -w net.ipv4.ip_forward=1
ip addr add 10.36.0.200/24 dev eth0
ip route add default via 10.36.0.1 src 10.36.0.200
ip addr del 10.36.0.200/24 dev eth0
ping -c 1 -W 1 192.0.2.9
