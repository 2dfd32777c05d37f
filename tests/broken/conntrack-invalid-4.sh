# The SYN-ACK comes back by a firewall that never saw the SYN, and who asked keeps out what comes in.
# cause: conntrack-invalid
# namespace: r2
# then: filtered
ip netns add c
ip netns add r1
ip netns add r2
ip netns add s
ip link add c1 netns c type veth peer name w netns r1
ip link add c2 netns c type veth peer name w netns r2
ip link add e netns r1 type veth peer name s1 netns s
ip link add e netns r2 type veth peer name s2 netns s
ip -n c addr add 10.1.1.2/24 dev c1
ip -n c addr add 10.1.2.2/24 dev c2
ip -n r1 addr add 10.1.1.1/24 dev w
ip -n r2 addr add 10.1.2.1/24 dev w
ip -n r1 addr add 10.2.1.1/24 dev e
ip -n r2 addr add 10.2.2.1/24 dev e
ip -n s addr add 10.2.1.2/24 dev s1
ip -n s addr add 10.2.2.2/24 dev s2
ip -n c link set c1 up
ip -n c link set c2 up
ip -n r1 link set w up
ip -n r1 link set e up
ip -n r2 link set w up
ip -n r2 link set e up
ip -n s link set s1 up
ip -n s link set s2 up
ip -n c route add default via 10.1.1.1
ip -n s route add default via 10.2.2.1
ip -n r2 route add 10.1.1.0/24 via 10.1.2.2
ip -n r1 route add 10.2.2.0/24 via 10.2.1.2
ip netns exec r1 sysctl -w net.ipv4.ip_forward=1
ip netns exec r2 sysctl -w net.ipv4.ip_forward=1
ip netns exec r2 iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP
ip netns exec c iptables -P INPUT DROP
ip netns exec s nc -l -k 80 &
ip netns exec c nc -w 2 -zv 10.2.1.2 80
