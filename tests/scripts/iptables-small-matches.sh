iptables -A INPUT -m comment --comment 'two words' -j ACCEPT
iptables -A INPUT -m comment --comment word -m comment --comment "it's \"so\""
iptables -A INPUT -m addrtype --dst-type LOCAL
iptables -A INPUT -m addrtype ! --src-type LOCAL,MULTICAST --dst-type BROADCAST
iptables -A INPUT -m addrtype --src-type UNICAST --limit-iface-in
iptables -A INPUT -m mac --mac-source 02:00:00:00:00:01
iptables -A INPUT -m mac ! --mac-source 2:0:0:0:0:1
iptables -A INPUT -m pkttype --pkt-type multicast
iptables -A INPUT -m pkttype ! --pkt-type host
iptables -A INPUT -m iprange --src-range 10.0.0.1-10.0.0.9
iptables -A INPUT -m iprange ! --src-range 10.0.0.1 --dst-range 10.0.0.9-10.0.0.1
iptables -A INPUT -m ttl --ttl-eq 3
iptables -A INPUT -m ttl ! --ttl-eq 3
iptables -A INPUT -m ttl --ttl-lt 3 -m ttl --ttl-gt 1
iptables -A INPUT -m length --length 100
iptables -A INPUT -m length ! --length 100:
iptables -S
iptables -L -n
nft list ruleset
iptables -A INPUT -m comment
iptables -A INPUT -m addrtype
iptables -A INPUT -m addrtype --dst-type FOO
iptables -A INPUT -m addrtype --dst-type LOCAL --limit-iface-in --limit-iface-out
iptables -A INPUT -m mac --mac-source foo
iptables -A INPUT -m mac --mac-source 02:00:00:00:00
iptables -A INPUT -m pkttype --pkt-type foo
iptables -A INPUT -m iprange
iptables -A INPUT -m iprange --src-range 10.0.0.1-x
iptables -A INPUT -m ttl
iptables -A INPUT -m ttl --ttl 256
iptables -A INPUT -m ttl --ttl-eq 1 --ttl-lt 2
iptables -A INPUT -m ttl ! --ttl-lt 2
iptables -A INPUT -m length
iptables -A INPUT -m length --length 5:a
iptables -A INPUT -m length --length 1:2:3
iptables -A INPUT -m foo
