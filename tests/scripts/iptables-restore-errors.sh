iptables-restore missing
iptables-restore one two
iptables-restore -Q
iptables-restore -V
iptables -A INPUT -j ACCEPT
iptables -N mine
iptables -A INPUT -j mine
iptables-save -f rules
iptables -X
iptables-restore -n rules
iptables-restore -n -T foo rules
iptables -S
