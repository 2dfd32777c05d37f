iptables -A INPUT -s 10.0.0.1 -j ACCEPT
iptables -A INPUT -p tcp --dport 80 -j DROP
iptables -A INPUT -p tcp --dport 80 -j ACCEPT
iptables -A INPUT -m conntrack --ctstate NEW -j ACCEPT -c 3 4
iptables -C INPUT -p tcp --dport 80 -j ACCEPT
iptables -C INPUT -p tcp --dport 81 -j ACCEPT
iptables -C INPUT -p tcp --dport 80
iptables -C nochain -j ACCEPT
iptables -v -C INPUT -m conntrack --ctstate NEW -j ACCEPT
iptables -D INPUT -p tcp --dport 80 -j ACCEPT
iptables -D INPUT -p tcp --dport 80 -j ACCEPT
iptables -S INPUT
iptables -D INPUT 9
iptables -D INPUT 2
iptables -D nochain 1
iptables -D nochain -j ACCEPT
iptables -v -D INPUT -m conntrack --ctstate NEW -j ACCEPT
iptables -S INPUT
iptables -R INPUT 1 -s 10.0.0.7 -j RETURN
iptables -R INPUT 2 -s 10.0.0.7 -j RETURN
iptables -R INPUT 1 -s 10.0.0.7,10.0.0.8 -j RETURN
iptables -R INPUT -j RETURN
iptables -R nochain 1 -j RETURN
iptables -S INPUT
iptables -D INPUT -s 10.0.0.7 -j RETURN
iptables -S INPUT
