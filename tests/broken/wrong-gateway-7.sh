# A box behind a host, whose network the next router does not know: its default route leads to another router, and stays.
# cause: wrong-gateway
# namespace: edge
# try: ip netns exec edge ip route add 10.76.0.0/24 via 10.77.0.20
# then: works
ip netns add box
ip netns add edge
ip netns add far
ip link add h0 type veth peer name b0 netns box
ip link add h1 type veth peer name e0 netns edge
ip link add e1 netns edge type veth peer name f0 netns far
ip addr add 10.76.0.5/24 dev h0
ip addr add 10.77.0.20/24 dev h1
ip link set h0 up
ip link set h1 up
ip -n box addr add 10.76.0.1/24 dev b0
ip -n box link set b0 up
ip -n box route add default via 10.76.0.5
ip -n edge addr add 10.77.0.1/24 dev e0
ip -n edge addr add 10.78.0.1/24 dev e1
ip -n edge link set e0 up
ip -n edge link set e1 up
ip -n edge route add default via 10.78.0.9
ip -n far addr add 10.78.0.9/24 dev f0
ip -n far link set f0 up
ip -n far route add 10.77.0.0/24 via 10.78.0.1
ip route add default via 10.77.0.1
sysctl -w net.ipv4.ip_forward=1
ip netns exec edge sysctl -w net.ipv4.ip_forward=1
ip netns exec far sysctl -w net.ipv4.ip_forward=1
ip netns exec box ping -c 1 -W 1 10.77.0.1
