# What a router told of smaller packets is forgotten with the cache.
ip netns add mid
ip netns add far
ip link add a0 type veth peer name b0 netns mid
ip -n mid link add c0 type veth peer name d0 netns far
ip addr add 10.0.0.1/24 dev a0
ip -n mid addr add 10.0.0.2/24 dev b0
ip -n mid addr add 10.0.1.2/24 dev c0
ip -n far addr add 10.0.1.1/24 dev d0
ip link set a0 up
ip -n mid link set b0 up
ip -n mid link set c0 mtu 1000
ip -n mid link set c0 up
ip -n far link set d0 up
ip netns exec mid sysctl -w net.ipv4.ip_forward=1
ip route add 10.0.1.0/24 via 10.0.0.2
ip -n far route add default via 10.0.1.2
ping -c 1 -s 1200 -M do 10.0.1.1
ping -c 1 -s 1200 -M do 10.0.1.1
ip route flush cache
ip route get 10.0.1.1
ping -c 1 -s 1200 -M do 10.0.1.1
