# A packet filter that lets a conversation through which began inside, and nothing else.
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
ip -n outside route add default via 10.0.1.1
iptables -P FORWARD DROP
iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A FORWARD -i i0 -o o0 -m conntrack --ctstate NEW -j ACCEPT
ip netns exec inside ping -c 2 -i 0.2 10.0.1.2
ip netns exec outside ping -c 1 -W 0.2 10.0.0.2
iptables -nvL FORWARD
iptables -A FORWARD -j REJECT --reject-with icmp-admin-prohibited
ip netns exec outside ping -c 1 10.0.0.2
iptables -nvL FORWARD
iptables -I FORWARD 1 -p icmp -m icmp --icmp-type echo-request -s 10.0.1.0/24 -j ACCEPT
ip netns exec outside ping -c 1 10.0.0.2
iptables -nvL FORWARD --line-numbers
iptables -D FORWARD 1
ip netns exec outside ping -c 1 -W 0.2 10.0.0.2
iptables -P FORWARD ACCEPT
iptables -F FORWARD
ip netns exec outside ping -c 1 10.0.0.2
iptables -S FORWARD -v
