iptables -A INPUT -s 10.0.0.0/24 -p tcp --dport 80:90 -i eth0 -j ACCEPT
iptables -A INPUT -p udp --sport 53 --dport 53 -j DROP
iptables -A INPUT -m limit --limit 5/min -j RETURN
iptables -A INPUT -m mark --mark 1 -g mine
iptables -N mine
iptables -A INPUT -m mark --mark 1 -g mine
nft list ruleset
iptables -A mine -j LOG
nft list chain ip filter INPUT
nft list chain ip filter mine
nft list ruleset
iptables -F mine
nft list ruleset
