# A router tells of a better way for a destination, and of a narrow link on it: both are kept beside the table, and what is
# passed on goes by the better way too.
ip netns add near
ip netns add far
ip netns add end
ip link add h0 type veth peer name n0 netns near
ip link add n1 netns near type veth peer name f0 netns far
ip link add f1 netns far type veth peer name e0 netns end
ip -n far link set f0 address 02:00:00:00:00:0f
ip -n far link set f1 mtu 1400
ip addr add 10.0.1.2/24 dev h0
ip link set h0 up
ip -n near addr add 10.0.1.1/24 dev n0
ip -n near addr add 10.0.2.1/24 dev n1
ip -n near link set n0 up
ip -n near link set n1 up
ip -n near link set lo up
ip -n far addr add 10.0.2.2/24 dev f0
ip -n far addr add 10.0.3.1/24 dev f1
ip -n far link set f0 up
ip -n far link set f1 up
ip -n far link set lo up
ip -n end addr add 10.0.3.2/24 dev e0
ip -n end addr add 10.9.0.1/32 dev e0
ip -n end link set e0 up
ip route add default via 10.0.1.1
ip -n near route add 10.9.0.0/16 via 10.0.2.2
ip -n far route add 10.0.1.0/24 via 10.0.2.1
ip -n end route add default via 10.0.3.1
ip netns exec near sysctl -w net.ipv4.ip_forward=1
ip netns exec far sysctl -w net.ipv4.ip_forward=1
ip netns exec near sysctl -w net.ipv4.conf.all.accept_redirects=1
ip -n near neigh add 10.0.2.77 lladdr 02:00:00:00:00:0e dev n1
ip -n far neigh add 10.0.2.77 lladdr 02:00:00:00:00:0e dev f0

# told of 10.0.2.77, for this destination only
ip -n far route add 10.9.0.0/16 via 10.0.2.77
ip netns exec near ping -c 1 -W 1 10.9.0.1
ip -n near route get 10.9.0.1
ip -n near route get 10.9.0.2
ip -n near route get 10.9.0.1 from 10.0.1.2 iif n0

# and what is passed on goes there too
ping -c 1 -W 1 10.9.0.1
ping -c 1 -W 1 10.9.0.2
ip -n near neigh replace 10.0.2.77 lladdr 02:00:00:00:00:0f dev n1
ip -n far route replace 10.9.0.0/16 via 10.0.3.2
ping -c 1 -W 1 10.9.0.1

# the narrow link is learned beside the better way
ip netns exec near ping -c 2 -i 0.2 -W 1 -s 1450 10.9.0.1
ip netns exec near ping -c 1 -W 1 10.9.0.1
ping -c 1 -W 1 10.9.0.1
ip -n near route get 10.9.0.1
ip -n near route get 10.9.0.1 from 10.0.1.2 iif n0
