# Rules for what a machine sends and takes in itself.
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
ip netns exec outside iptables -A INPUT -p icmp -j DROP
ping -c 1 -W 0.2 10.0.1.2
ip netns exec outside iptables -nvL INPUT
ip netns exec outside iptables -R INPUT 1 -p icmp -j REJECT
ping -c 1 10.0.1.2
ip netns exec outside iptables -nvL INPUT
ip netns exec outside iptables -F INPUT
iptables -A OUTPUT -d 10.0.1.2 -j DROP
ping -c 2 -i 0.2 -W 0.2 10.0.1.2
iptables -nvL OUTPUT
iptables -F OUTPUT
iptables -A OUTPUT -p icmp -m icmp --icmp-type 8 -j REJECT
ping -c 1 -W 0.2 10.0.1.2
iptables -nvL OUTPUT
iptables -F OUTPUT
iptables -N LOGGED
iptables -A LOGGED -j LOG --log-prefix "seen: "
iptables -A LOGGED -m limit --limit 1/min --limit-burst 2 -j RETURN
iptables -A LOGGED -j DROP
iptables -A OUTPUT -p icmp -j LOGGED
ping -c 3 -i 0.2 -W 0.2 10.0.1.2
iptables -nvL
iptables -t mangle -A POSTROUTING -o o0 -j TTL --ttl-set 3
iptables -F
ip netns exec outside iptables -A INPUT -m ttl --ttl-eq 3 -j ACCEPT
ping -c 1 10.0.1.2
ip netns exec outside iptables -nvL INPUT
iptables -X LOGGED
iptables -X LOGGED
