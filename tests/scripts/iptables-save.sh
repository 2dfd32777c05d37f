iptables-save
iptables-save -t filter
iptables-save -t foo
iptables-save -Q
iptables-save extra
iptables-save -V
iptables -A INPUT -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT -c 3 4
iptables -N zebra
iptables -N mine
iptables -A mine -m comment --comment 'a "word"' -j LOG --log-prefix "it's"
iptables -P FORWARD DROP
iptables-save
iptables-save -c
