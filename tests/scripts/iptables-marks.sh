iptables -A INPUT -m mark --mark 1
iptables -A INPUT -m mark ! --mark 0x10/0xff -j ACCEPT
iptables -A INPUT -m connmark --mark 4
iptables -A INPUT -m connmark ! --mark 4/0xf
iptables -t mangle -A PREROUTING -j MARK --set-mark 5
iptables -t mangle -A PREROUTING -j MARK --set-mark 5/7
iptables -t mangle -A PREROUTING -j MARK --set-xmark 5/8
iptables -t mangle -A PREROUTING -j MARK --and-mark 5
iptables -t mangle -A PREROUTING -j MARK --or-mark 5
iptables -t mangle -A PREROUTING -j MARK --xor-mark 5
iptables -t mangle -A PREROUTING -j CONNMARK --set-mark 5
iptables -t mangle -A PREROUTING -j CONNMARK --set-xmark 5/8
iptables -t mangle -A PREROUTING -j CONNMARK --and-mark 5
iptables -t mangle -A PREROUTING -j CONNMARK --save-mark
iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark --mask 0xff
iptables -t mangle -A PREROUTING -j CONNMARK --save-mark --nfmask 1 --ctmask 2
iptables -S
iptables -t mangle -S
iptables -L -n
iptables -t mangle -L -n
nft list ruleset
iptables -A INPUT -m mark
iptables -A INPUT -m mark --mark x
iptables -A INPUT -m mark --mark 1x
iptables -A INPUT -m mark --mark 1/x
iptables -A INPUT -j MARK
iptables -A INPUT -j MARK --set-mark 1 --or-mark 2
iptables -A INPUT -j MARK --or-mark x
iptables -A INPUT -j CONNMARK
iptables -A INPUT -j CONNMARK --save-mark --mask 1 --ctmask 1
