# The own prefix is too short, but by it somebody is reached: a route alone mends it, a longer prefix would cut off 10.44.5.2.
# cause: wrong-prefix-length
# namespace: host
# try: ip route add 10.44.7.7 via 10.44.0.2
# then: works
ip netns add mid
ip netns add end
ip link add w0 type veth peer name m0 netns mid
ip link add m1 netns mid type veth peer name e0 netns end
ip addr add 10.44.0.1/16 dev w0
ip link set w0 up
ip -n mid addr add 10.44.0.2/24 dev m0
ip -n mid addr add 10.44.5.2/32 dev m0
ip -n mid addr add 10.44.7.1/24 dev m1
ip -n mid link set m0 up
ip -n mid link set m1 up
ip netns exec mid sysctl -w net.ipv4.ip_forward=1
ip -n end addr add 10.44.7.7/24 dev e0
ip -n end link set e0 up
ip -n end route add default via 10.44.7.1
ping -c 1 -W 1 10.44.5.2
ping -c 1 -W 4 10.44.7.7
