# A network that nobody outside knows the way back to: what leaves takes the router's address.
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
ip netns exec inside ping -c 1 -W 0.2 10.0.1.2
iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o o0 -j MASQUERADE
ip netns exec inside ping -c 2 -i 0.2 10.0.1.2
iptables -t nat -nvL POSTROUTING
iptables -t nat -S
ip netns exec outside ping -c 1 -W 0.2 10.0.0.2
ip netns exec inside ping -c 1 10.0.0.1
iptables -t nat -nvL
ip netns exec inside ping -c 1 -t 1 10.0.1.2
ip netns exec inside ping -c 1 -W 0.2 10.0.1.9
iptables -t nat -F
ip netns exec inside ping -c 1 -W 0.2 10.0.1.2
iptables -t nat -A POSTROUTING -o o0 -j MASQUERADE
ip netns exec inside ping -c 1 10.0.1.2
ip link set o0 down
ip link set o0 up
ip addr del 10.0.1.1/24 dev o0
ip addr add 10.0.1.7/24 dev o0
ip netns exec inside ping -c 1 10.0.1.2
iptables -t nat -nvL POSTROUTING
