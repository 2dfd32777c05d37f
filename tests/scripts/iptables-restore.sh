iptables -A INPUT -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT -c 3 4
iptables -N mine
iptables -A INPUT -j mine
iptables -A mine -m comment --comment 'a "word"' -j LOG --log-prefix "it's"
iptables -P FORWARD DROP
iptables -t nat -A POSTROUTING -o eth+ -j MASQUERADE
iptables-save -f rules
iptables-save -c -f counted
iptables -F
iptables -X
iptables -P FORWARD ACCEPT
iptables -N other
iptables -t nat -F
iptables-restore rules
iptables -S -v
iptables -t nat -S
iptables-restore -c counted
iptables -S -v
nft list ruleset
iptables-restore rules
iptables -S -v
