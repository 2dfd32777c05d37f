iptables -t nat -A POSTROUTING -j MASQUERADE
iptables -A INPUT -j ACCEPT
iptables -t raw -A OUTPUT -j NOTRACK
iptables -t security -N mine
iptables -t mangle -A FORWARD -j MARK --set-mark 1
iptables-save
iptables-save -t raw -c
nft list tables
