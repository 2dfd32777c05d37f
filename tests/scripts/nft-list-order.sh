iptables -t raw -A PREROUTING -j ACCEPT
iptables -t nat -A OUTPUT -j ACCEPT
iptables -A OUTPUT -j ACCEPT
iptables -A INPUT -j ACCEPT
iptables -t nat -A PREROUTING -j ACCEPT
iptables -N b
iptables -N a
nft list tables
nft list ruleset
nft -a list ruleset
iptables -D OUTPUT 1
iptables -X OUTPUT
iptables -A OUTPUT -j DROP
nft -a list ruleset
