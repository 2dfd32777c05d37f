iptables -L
iptables -L -n
iptables -S
iptables -L INPUT
iptables -L FORWARD -n
iptables -S INPUT
iptables -t nat -L
iptables -t nat -S
iptables -t mangle -L
iptables -t raw -S
iptables -t filter -L -n
iptables -L NOSUCH
ip netns add red
ip netns exec red iptables -L
ip netns exec red iptables -S
