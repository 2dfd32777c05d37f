# Two routers on the way: who answers, in which order, and what is said where there is no way on.
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
# Else who is asked too often says nothing for a while.
ip netns exec r1 sysctl -w net.ipv4.icmp_ratelimit=0
ip netns exec r2 sysctl -w net.ipv4.icmp_ratelimit=0
ip netns exec far sysctl -w net.ipv4.icmp_ratelimit=0
traceroute -n 10.0.3.2
traceroute -n -I 10.0.3.2
traceroute -n -q 1 10.0.3.2 1400
traceroute -n -q 1 -m 2 10.0.3.2
traceroute -n -q 1 -f 2 10.0.3.2
traceroute -n -q 1 -N 1 10.0.3.2
traceroute -n -q 2 -z 0.2 10.0.3.2
traceroute 10.0.3.2
# Nobody has this address: the last router says so, once it has waited for an answer to ARP.
traceroute -n -q 1 10.0.3.77
# No route at the first router.
traceroute -n -q 1 10.9.0.1
ip -n r2 route add prohibit 10.8.0.0/16
ip -n r1 route add 10.8.0.0/16 via 10.0.2.2
sleep 2
traceroute -n -q 1 -f 2 -N 1 10.8.0.1
ip -n r2 route add unreachable 10.7.0.0/16
ip -n r1 route add 10.7.0.0/16 via 10.0.2.2
sleep 2
traceroute -n -q 1 -f 2 -N 1 10.7.0.1
# A narrow link, and a packet that may not be cut.
ip -n r1 link set veth-3 mtu 1000
ip -n r2 link set veth-4 mtu 1000
traceroute -n -q 1 -F 10.0.3.2 1400
traceroute -n -q 1 --mtu 10.0.3.2
traceroute -n -q 1 -F 10.0.3.2 1600
traceroute -n -q 1 10.0.3.2 1400
# Without the way back there is no answer.
ip -n r2 route del 10.0.1.0/24
traceroute -n -q 1 -m 3 -w 0.2 10.0.3.2
traceroute -n -N 3 -m 4 -w 0.2,0,0 10.0.3.2
# From a router itself, and to oneself.
ip netns exec r1 traceroute -n -q 1 10.0.3.2
ip netns exec far traceroute -n 10.0.3.2
traceroute -n 127.0.0.1
traceroute -n -s 10.0.1.1 10.0.1.2
traceroute -n -i veth-1 10.0.1.2
traceroute -n -U 10.0.1.2
traceroute -n -p 7 -q 4 10.0.1.2
