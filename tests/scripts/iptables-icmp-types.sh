iptables -A INPUT -p icmp --icmp-type 8
iptables -A INPUT -p icmp --icmp-type echo-request -j ACCEPT
iptables -A INPUT -p icmp --icmp-type ping
iptables -A INPUT -p icmp ! --icmp-type 3
iptables -A INPUT -p icmp --icmp-type 3/4
iptables -A INPUT -p icmp --icmp-type port-unreachable
iptables -A INPUT -p icmp --icmp-type any
iptables -A INPUT -p icmp --icmp-type 200
iptables -A INPUT -p icmp --icmp-type time-exceeded -j DROP
iptables -S
iptables -L
iptables -L -n
nft list ruleset
iptables -A INPUT -p icmp --icmp-type foo
iptables -A INPUT -p icmp --icmp-type echo
iptables -A INPUT -p icmp --icmp-type 300
iptables -A INPUT -p icmp --icmp-type 3/x
iptables -A INPUT -p icmp --icmp-type 3x
iptables -A INPUT -p icmp -m icmp
iptables -A INPUT -p tcp -m icmp --icmp-type 8
iptables -A INPUT -m icmp --icmp-type 8
