iptables -F
iptables -Z
iptables -F INPUT
iptables -S
iptables -A INPUT -c 1 2 -j ACCEPT
iptables -A INPUT -c 3 4 -j ACCEPT
iptables -A FORWARD -c 5 6 -j ACCEPT
iptables -N mine
iptables -A mine -c 7 8
iptables -Z INPUT 2
iptables -Z INPUT 9
iptables -Z missing
iptables -Z missing 1
iptables -S -v
iptables -L -Z -n -v
iptables -S -v
iptables -A mine -c 7 8
iptables -S -Z -v
iptables -L mine -n -v
iptables -v -F INPUT
iptables -F missing
iptables -v -F
iptables -v -Z
iptables -S
iptables -t nat -v -F
iptables -t nat -S
