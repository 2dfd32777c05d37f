iptables -A INPUT -p tcp --dport 22 -j ACCEPT
nft add rule ip filter INPUT ip saddr 10.0.0.0/8 counter drop
nft insert rule ip filter INPUT iifname lo counter accept
nft 'add rule filter INPUT ip saddr 10.0.0.1 counter accept comment "from nft"'
iptables -S
iptables -L -n -v
nft list ruleset
nft add rule filter INPUT ct state established,related counter accept
nft add rule filter INPUT meta mark set 7
iptables -S INPUT
nft flush chain filter INPUT
iptables -S
nft delete table filter
iptables -S
