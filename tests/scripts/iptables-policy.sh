iptables -P INPUT DROP
iptables -P INPUT FOO
iptables -P missing DROP
iptables -N mine
iptables -P mine DROP
iptables -P INPUT
iptables -P
iptables -t nat -P POSTROUTING DROP
iptables -t nat -A POSTROUTING -j DROP
iptables -S
iptables -S -v
iptables -L -n -v
iptables -X INPUT
iptables -P INPUT ACCEPT
iptables -X INPUT
iptables -P FORWARD DROP -c 3 4
iptables -S FORWARD -v
iptables -P FORWARD ACCEPT -v
iptables -L FORWARD -n -v -x
