iptables -A INPUT -s 10.0.0.1 -j ACCEPT
iptables -A INPUT -s 10.0.0.2 -j DROP
iptables -I INPUT -s 10.0.0.3 -j RETURN
iptables -I INPUT 2 -s 10.0.0.4
iptables -I INPUT 5 -s 10.0.0.5 -j ACCEPT
iptables -I INPUT 9 -s 10.0.0.6 -j ACCEPT
iptables -I INPUT 0 -s 10.0.0.6 -j ACCEPT
iptables -I INPUT x -s 10.0.0.6 -j ACCEPT
iptables -S
iptables -A FORWARD -s 10.0.1.1,10.0.1.2 -d 10.0.2.1,10.0.2.2 -j ACCEPT
iptables -I FORWARD 2 -s 10.0.3.1,10.0.3.2 -j DROP
iptables -S FORWARD
iptables -S FORWARD 3
iptables -S FORWARD 99
iptables -v -A OUTPUT -d 10.0.0.9 -p tcp --dport 80 -j REJECT
iptables -v -I OUTPUT ! -o eth+ -f -g nochain
iptables -v -I OUTPUT ! -o eth+ -f
iptables -A nochain -j ACCEPT
iptables -A INPUT -j nochain
iptables -A OUTPUT -c 5 6 -j ACCEPT
iptables -A OUTPUT -c 7,8 -j ACCEPT
iptables -A OUTPUT -c 7 -j ACCEPT
iptables -A OUTPUT -c x 7 -j ACCEPT
iptables -S OUTPUT -v
