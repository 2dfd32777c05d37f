nft add table ip foo
nft 'add chain ip foo c { type filter hook input priority 5; policy drop; }'
nft add chain ip foo other
nft add rule ip foo c ip saddr 10.0.0.0/24 tcp dport 80-90 iifname eth0 counter accept
nft 'add rule ip foo c ip saddr 10.0.0.0/22 comment "hello world"'
nft add rule foo c ip saddr 10.0.0.1-10.0.0.9 drop
nft 'add rule foo c ip daddr != 10.0.0.1-10.0.0.9 drop'
nft add rule foo c ip protocol tcp tcp dport 80
nft add rule foo c tcp dport 80 ip saddr 1.2.3.4 tcp sport 80-90
nft 'add rule foo c tcp dport != 80'
nft 'add rule foo c tcp dport > 80'
nft 'add rule foo c udp sport <= 80'
nft add rule foo c tcp dport ssh
nft add rule foo c icmp type echo-request accept
nft 'add rule foo c icmp type != 3'
nft add rule foo c ct state new
nft add rule foo c ct state established,related accept
nft 'add rule foo c ct state != new'
nft add rule foo c ct mark 5
nft add rule foo c ct direction reply
nft add rule foo c ct status dnat
nft add rule foo c meta mark 5
nft add rule foo c mark 0x10
nft add rule foo c meta mark set 7
nft add rule foo c ct mark set mark
nft add rule foo c meta mark set ct mark
nft add rule foo c iif lo
nft 'add rule foo c oif != lo'
nft add rule foo c oifname 'e*'
nft add rule foo c meta pkttype multicast
nft add rule foo c ip ttl 3
nft 'add rule foo c ip ttl < 5'
nft add rule foo c tcp flags syn
nft 'add rule foo c tcp flags != syn,ack'
nft add rule foo c limit rate 5/minute
nft add rule foo c limit rate over 5/second burst 10 packets
nft add rule foo c log
nft 'add rule foo c log prefix "x " level info'
nft add rule foo c log flags all
nft add rule foo c log group 3
nft add rule foo c reject
nft add rule foo c reject with icmp host-unreachable
nft add rule foo c ip protocol tcp reject with tcp reset
nft add rule foo c tcp dport 22 reject with tcp reset
nft add rule foo c counter packets 5 bytes 6
nft add rule foo c jump other
nft add rule foo c goto other
nft add rule foo c return
nft list ruleset
nft -a list ruleset
nft -n list table foo
