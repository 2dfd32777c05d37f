# Translation of destinations: what is sent to the router reaches a machine behind it, and the answer comes back.
ip netns add inside
ip netns add outside
ip link add i0 type veth peer name e0 netns inside
ip link add o0 type veth peer name s0 netns outside
ip addr add 10.0.0.1/24 dev i0
ip addr add 10.0.1.1/24 dev o0
ip link set i0 up
ip link set o0 up
ip -n inside link set lo up
ip -n inside addr add 10.0.0.2/24 dev e0
ip -n inside link set e0 up
ip -n inside route add default via 10.0.0.1
ip -n outside link set lo up
ip -n outside addr add 10.0.1.2/24 dev s0
ip -n outside link set s0 up
sysctl -w net.ipv4.ip_forward=1
iptables -t nat -A PREROUTING -d 10.0.1.1 -p icmp -j DNAT --to-destination 10.0.0.2
ip netns exec outside ping -c 1 -W 0.5 10.0.1.1
iptables -t nat -nvL PREROUTING
ip -n inside route del default
ip netns exec outside ping -c 1 -W 0.2 10.0.1.1
ip -n inside route add default via 10.0.0.1
iptables -t nat -A OUTPUT -d 10.9.9.9 -j DNAT --to-destination 10.0.1.2
ping -c 1 -W 0.5 10.9.9.9
ip route add 10.9.9.0/24 via 10.0.0.2
ping -c 1 -W 0.5 10.9.9.9
iptables -t nat -nvL OUTPUT
iptables -t nat -A PREROUTING -i i0 -d 10.8.8.8 -j REDIRECT
ip netns exec inside ping -c 1 -W 0.5 10.8.8.8
iptables -t nat -A POSTROUTING -o o0 -s 10.0.0.2 -j SNAT --to-source 10.0.1.77
ip addr add 10.0.1.77/32 dev o0
ip netns exec inside ping -c 1 -W 0.5 10.0.1.2
iptables -t nat -nvL
iptables -t raw -A PREROUTING -i i0 -j NOTRACK
ip netns exec inside ping -c 1 -W 0.2 10.0.1.2
ip netns exec inside ping -c 1 -W 0.2 10.0.0.1
iptables -t raw -nvL PREROUTING
iptables -A FORWARD -m conntrack --ctstate UNTRACKED -j DROP
ip netns exec inside ping -c 1 -W 0.2 10.0.1.2
iptables -nvL FORWARD
