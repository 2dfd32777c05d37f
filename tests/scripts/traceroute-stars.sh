# Errors to one address are few: six at once, then one in a second (icmp_ratelimit). What is asked for more often
# than that shows as stars.
ip netns add r1
ip netns add r2
ip netns add far
ip link add veth-1 type veth peer name veth-2 netns r1
ip -n r1 link add veth-3 type veth peer name veth-4 netns r2
ip -n r2 link add veth-5 type veth peer name veth-6 netns far
ip addr add 10.0.1.1/24 dev veth-1
ip -n r1 addr add 10.0.1.2/24 dev veth-2
ip -n r1 addr add 10.0.2.1/24 dev veth-3
ip -n r2 addr add 10.0.2.2/24 dev veth-4
ip -n r2 addr add 10.0.3.1/24 dev veth-5
ip -n far addr add 10.0.3.2/24 dev veth-6
ip link set veth-1 up
ip -n r1 link set veth-2 up
ip -n r1 link set veth-3 up
ip -n r2 link set veth-4 up
ip -n r2 link set veth-5 up
ip -n far link set veth-6 up
ip -n far link set lo up
ip route add default via 10.0.1.2
ip -n r1 route add 10.0.3.0/24 via 10.0.2.2
ip -n r2 route add 10.0.1.0/24 via 10.0.2.1
ip -n far route add default via 10.0.3.1
ip netns exec r1 sysctl -w net.ipv4.ip_forward=1
ip netns exec r2 sysctl -w net.ipv4.ip_forward=1
traceroute -n 10.0.3.2
traceroute -n -I 10.0.3.2
traceroute -n -q 1 -N 1 -w 1.5 10.0.3.2
traceroute -n -w 1.5 10.0.1.2
sleep 7
traceroute -n -q 10 -w 1.5 10.0.1.2
sleep 7
traceroute -n -q 3 -m 4 10.0.3.77
