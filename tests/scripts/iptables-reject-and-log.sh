iptables -A INPUT -j REJECT
iptables -A INPUT -j REJECT --reject-with icmp-net-unreachable
iptables -A INPUT -j REJECT --reject-with host-unreach
iptables -A INPUT -j REJECT --reject-with icmp-proto
iptables -A INPUT -j REJECT --reject-with icmp-net-prohibited
iptables -A INPUT -j REJECT --reject-with icmp-host-prohibited
iptables -A INPUT -j REJECT --reject-with icmp-admin-prohibited
iptables -A INPUT -p tcp -j REJECT --reject-with tcp-reset
iptables -A INPUT -j LOG
iptables -A INPUT -j LOG --log-prefix 'dropped: ' --log-level info
iptables -A INPUT -j LOG --log-level 3 --log-tcp-options --log-tcp-sequence --log-ip-options
iptables -A INPUT -j LOG --log-uid --log-macdecode --log-prefix aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
iptables -S
iptables -L
iptables -L -n
nft list ruleset
iptables -A INPUT -j REJECT --reject-with foo
iptables -A INPUT -j REJECT --reject-with tcp-reset
iptables -A INPUT -p udp -j REJECT --reject-with tcp-reset
iptables -A INPUT ! -p tcp -j REJECT --reject-with tcp-reset
iptables -t nat -A OUTPUT -j REJECT
iptables -A INPUT -j LOG --log-level foo
iptables -A INPUT -j LOG --log-prefix ''
iptables -A INPUT -j LOG --log-prefix
