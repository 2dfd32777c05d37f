iptables -A INPUT -p tcp --syn -c 3 4 -j ACCEPT
iptables -A INPUT -p icmp -m mark ! --mark 3/4
iptables -A INPUT -p 47 -j DROP
iptables -t mangle -A PREROUTING -j MARK --set-mark 1
nft -a list ruleset
nft -s list ruleset
nft -n list table filter
nft -y list chains
nft -a -s list chain ip filter INPUT
nft -as list chain ip filter INPUT
nft -a list tables
nft --handle --stateless list table mangle
nft -v
nft
