iptables -t raw -A PREROUTING -j NOTRACK
iptables -t raw -A OUTPUT -p udp --dport 53 -j CT --notrack
iptables -t mangle -A PREROUTING -j TTL --ttl-set 9
iptables -t mangle -A POSTROUTING -j TTL --ttl-inc 1
iptables -t mangle -A FORWARD -j TTL --ttl-dec 1
iptables -t security -A INPUT -j ACCEPT
iptables -t raw -S
iptables -t mangle -S
iptables -t security -S
iptables -t raw -L -n
iptables -t mangle -L -n
nft list ruleset
nft list chains
iptables -t raw -A INPUT -j NOTRACK
iptables -t raw -A PREROUTING -j NOTRACK --foo
iptables -A INPUT -j NOTRACK
iptables -A INPUT -j CT --notrack
iptables -A INPUT -j TTL --ttl-set 3
iptables -t mangle -A INPUT -j TTL
iptables -t mangle -A INPUT -j TTL --ttl-dec 0
iptables -t mangle -A INPUT -j TTL --ttl-set 1 --ttl-inc 2
iptables -t foo -S
