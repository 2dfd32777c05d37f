# The first address of the link is taken as the source, and nobody beyond knows it; another one has a way back.
# cause: no-return-route
# namespace: far
# try: ip route replace default via 10.97.9.1 dev w0 onlink src 10.98.0.7
# then: works
ip netns add mid
ip netns add far
ip link add w0 type veth peer name m0 netns mid
ip link add m1 netns mid type veth peer name f0 netns far
ip addr add 10.97.0.5/24 dev w0
ip addr add 10.98.0.7/32 dev w0
ip link set w0 up
ip -n mid addr add 10.97.9.1/32 dev m0
ip -n mid link set m0 up
ip -n mid route add 10.98.0.7 dev m0
ip -n mid addr add 10.99.0.1/24 dev m1
ip -n mid link set m1 up
ip netns exec mid sysctl -w net.ipv4.ip_forward=1
ip -n far addr add 10.99.0.9/24 dev f0
ip -n far link set f0 up
ip -n far route add 10.98.0.7 via 10.99.0.1
ip route add default via 10.97.9.1 dev w0 onlink
ping -c 1 -W 1 10.99.0.9
