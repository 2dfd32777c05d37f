# By a route with an MTU under 68 the kernel sends nothing of its own: no request, no answer, no ICMP error.
ip netns add red
ip netns add mid
ip link add va netns red type veth peer name vb netns mid
ip -n red link set va up
ip -n mid link set vb up
ip -n red addr add 10.0.0.1/24 dev va
ip -n mid addr add 10.0.0.2/24 dev vb
ip netns exec mid sysctl -w net.ipv4.ip_forward=1
ip -n red route add default via 10.0.0.2
ip netns exec red ping -c 1 -W 1 10.0.0.2
# At the least that IPv4 works with it answers, in pieces.
ip -n mid route change 10.0.0.0/24 dev vb mtu 68
ip netns exec red ping -c 1 -W 1 10.0.0.2
ip netns exec red ping -c 1 -s 8 -W 1 10.9.0.2
# One byte less, and neither the answer nor the error comes.
ip -n mid route change 10.0.0.0/24 dev vb mtu 67
ip netns exec red ping -c 1 -W 1 10.0.0.2
ip netns exec red ping -c 1 -s 8 -W 1 10.9.0.2
ip -n mid route get 10.0.0.1
# The sender's own way.
ip -n red route change 10.0.0.0/24 dev va mtu 67
ip netns exec red ping -c 1 -W 1 10.0.0.2
ip netns exec red ping -c 1 -W 1 -M do 10.0.0.2
ip netns exec red ping -c 1 -W 1 -M want 10.0.0.2
ip netns exec red traceroute -n -q 1 -m 2 10.0.0.2
# Others' packets are passed on by it.
ip netns add blue
ip link add vc netns mid type veth peer name vd netns blue
ip -n mid link set vc up
ip -n blue link set vd up
ip -n mid addr add 10.0.1.2/24 dev vc
ip -n blue addr add 10.0.1.3/24 dev vd
ip -n blue route add default via 10.0.1.2
ip -n red route change 10.0.0.0/24 dev va
ip netns exec red ping -c 1 -W 1 10.0.1.3
