iptables -A INPUT -i eth0
iptables -A INPUT ! -i eth0
iptables -A INPUT -i e+
iptables -A INPUT ! -i +
iptables -A INPUT -i +
iptables -A INPUT -i ''
iptables -A INPUT -i a-name-that-is-too-long
iptables -A INPUT -i 'a b'
iptables -A INPUT -o eth0
iptables -A OUTPUT -i eth0
iptables -t nat -A POSTROUTING -i eth0 -j ACCEPT
iptables -A INPUT -p tcp
iptables -A INPUT -p TCP
iptables -A INPUT -p 6
iptables -A INPUT ! -p icmp
iptables -A INPUT -p 0
iptables -A INPUT ! -p all
iptables -A INPUT -p gre
iptables -A INPUT -p 253
iptables -A INPUT -p nosuch
iptables -A INPUT -p 256
iptables -A INPUT -p ! tcp
iptables -A FORWARD -f
iptables -A FORWARD ! -f
iptables -A FORWARD -f -f
iptables -S
iptables -L -n -v
nft list ruleset
