iptables -A INPUT -s 127.0.0.1 -d 127.0.0.0/8
iptables -A INPUT -s localhost -d loopback/8
iptables -A INPUT -s 169.254.0.0/16 -d 0.0.0.0/1
iptables -A INPUT -s 10.1 -d 10/8
iptables -A INPUT -s 0/0 -d 1.2.3.4/0
iptables -A INPUT -s 10.1.2.3/255.255.255.0 -d 10.1.2.3/0x18
iptables -A INPUT -s 10.1.2.3/12 ! -d 10.1.2.3/255.0.255.0
iptables -A INPUT ! -s 10.1.2.3
iptables -A INPUT ! -s 10.1.2.3/16
iptables -A INPUT -s 10.1.2.3/33
iptables -A INPUT -s 10.1.2.3/255.255
iptables -A INPUT -s 10.1.2.300
iptables -A INPUT -s nosuch
iptables -A INPUT -s 10.0.0.1,nosuch
iptables -A INPUT ! -s 10.0.0.1,10.0.0.2
iptables -A INPUT -s 10.0.0.1 -s 10.0.0.2
iptables -A INPUT ! ! -s 10.0.0.1
iptables -S
iptables -L -n
iptables -L
nft -s list ruleset
