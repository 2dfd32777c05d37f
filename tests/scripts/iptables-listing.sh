iptables -A INPUT -s 10.0.0.0/8 -d 192.168.100.200/255.255.0.255 -p tcp --dport 22 -j ACCEPT
iptables -A INPUT ! -s 10.0.0.0/8 -i eth0 ! -p udp -c 99999 100000 -j DROP
iptables -A INPUT -i veth+ -f -c 12345678 9999499 -j LOG --log-prefix 'seen: '
iptables -A INPUT ! -i lo ! -f -c 9999500 12345678901234
iptables -A INPUT -p 47 -j REJECT
iptables -A INPUT -p 254 -j RETURN
iptables -A FORWARD ! -o + -i + -p all
iptables -L
iptables -L -n
iptables -L INPUT -n -v
iptables -L INPUT -n -v -x
iptables -L INPUT -n --line-numbers
iptables -nvL INPUT 2
iptables -nL INPUT 2 --line-numbers
iptables -L INPUT 99
iptables -L FORWARD -n -v -x --line-numbers
iptables --list OUTPUT --numeric --exact
iptables -S
iptables -v -S
iptables -S INPUT 3
iptables -S -n
iptables -L -s 10.0.0.1
iptables -L missing
iptables -S missing
