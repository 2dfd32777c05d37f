iptables -A INPUT -p tcp --dport 80
iptables -A INPUT -p tcp --dport http
iptables -A INPUT -p tcp --sport 80 --dport 81
iptables -A INPUT -p tcp ! --sport 80 ! --dport 81
iptables -A INPUT -p tcp --sport 80:90 ! --dport 1000:2000
iptables -A INPUT -p tcp --sport :90 --dport 90:
iptables -A INPUT -p tcp ! --sport :90
iptables -A INPUT -p tcp --syn
iptables -A INPUT -p tcp ! --syn
iptables -A INPUT -p tcp --tcp-flags ALL NONE
iptables -A INPUT -p tcp ! --tcp-flags syn,fin SYN
iptables -A INPUT -p tcp --tcp-option 4
iptables -A INPUT -p tcp -m tcp
iptables -A INPUT -p udp -m udp
iptables -A INPUT -p udp --dport domain
iptables -A INPUT -p udp --sport 53 --dport 53
iptables -A INPUT -p udp ! --sport 1:53
iptables -A INPUT -p tcp --destination-port 443 --source-port 1
iptables -S
iptables -L
iptables -L -n
nft list ruleset
iptables -A INPUT -p tcp --dport 99999
iptables -A INPUT -p tcp --dport 90:80
iptables -A INPUT -p tcp --dport nosuch
iptables -A INPUT -p tcp --dport
iptables -A INPUT -p tcp --dport 1 --dport 2
iptables -A INPUT -p tcp --tcp-flags SYN
iptables -A INPUT -p tcp --tcp-flags SYN FOO
iptables -A INPUT -p tcp --tcp-option 0
iptables -A INPUT -p tcp --syn --tcp-flags SYN SYN
iptables -A INPUT -p udp --dport nosuch
iptables -A INPUT -p udp --dport 1:2:3
iptables -A INPUT -p udp --dport 1 --dport 2
iptables -A INPUT --dport 80
iptables -A INPUT -m tcp --dport 80
iptables -A INPUT -m udp --dport 80
iptables -A INPUT -p tcp -m udp --dport 80
iptables -D INPUT -p tcp --sport 80 --dport 81
iptables -D INPUT -p udp -m udp
iptables -S INPUT
