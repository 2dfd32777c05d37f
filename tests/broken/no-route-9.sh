# A route by a gateway has taken the place of the connected one: there is no way to the gateway itself any more.
# cause: no-route
# namespace: host
# try: ip route replace 10.91.0.0/24 dev w0, ip route add 10.92.0.0/24 via 10.91.0.1
# then: works
ip netns add mid
ip netns add end
ip link add w0 type veth peer name m0 netns mid
ip link add m1 netns mid type veth peer name e0 netns end
ip addr add 10.91.0.2/24 dev w0
ip link set w0 up
ip -n mid addr add 10.91.0.1/24 dev m0
ip -n mid addr add 10.92.0.1/24 dev m1
ip -n mid link set m0 up
ip -n mid link set m1 up
ip netns exec mid sysctl -w net.ipv4.ip_forward=1
ip -n end addr add 10.92.0.5/24 dev e0
ip -n end link set e0 up
ip -n end route add default via 10.92.0.1
ip route replace 10.91.0.0/24 via 10.91.0.1
ping -c 1 -W 1 10.92.0.5
