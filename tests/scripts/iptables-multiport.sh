iptables -A INPUT -p tcp -m multiport --dports 80
iptables -A INPUT -p tcp -m multiport --sports http,https,1000:2000 -j ACCEPT
iptables -A INPUT -p udp -m multiport ! --dports 53,67:68
iptables -A INPUT -p tcp -m multiport --ports 1,3:4
iptables -A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
iptables -S
iptables -L
iptables -L -n
nft list ruleset
iptables -A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
iptables -A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:16
iptables -A INPUT -p tcp -m multiport --dports 9:8
iptables -A INPUT -p tcp -m multiport --dports x
iptables -A INPUT -p tcp -m multiport
iptables -A INPUT -p tcp -m multiport --dports 1 --sports 2
iptables -A INPUT -p icmp -m multiport --dports 1
iptables -A INPUT ! -p tcp -m multiport --dports 1
iptables -A INPUT -m multiport --dports 1
