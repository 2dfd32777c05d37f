nft list ruleset
nft list tables
nft list chains
iptables -A INPUT -p tcp --dport 22 -j ACCEPT
iptables -N mine
iptables -A INPUT -j mine
iptables -P FORWARD DROP
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
nft list ruleset
nft list ruleset ip
nft list ruleset ip6
nft list tables
nft list tables ip
nft list tables inet
nft list chains
nft list chains ip
nft list table filter
nft list table ip nat
nft list chain filter INPUT
nft list chain ip filter mine
nft 'list chain ip filter mine'
