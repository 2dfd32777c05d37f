iptables -A INPUT -m limit
iptables -A INPUT -m limit --limit 5/min --limit-burst 7 -j ACCEPT
iptables -A INPUT -m limit --limit 10
iptables -A INPUT -m limit --limit 3/h
iptables -A INPUT -m limit --limit 1/day
iptables -A INPUT -m limit --limit 7/second --limit-burst 1
iptables -A INPUT -m statistic --mode nth --every 3
iptables -A INPUT -m statistic --mode nth --every 3 --packet 2
iptables -A INPUT -m statistic --mode nth ! --every 3 --packet 0
iptables -A INPUT -m statistic --mode random --probability 0.5
iptables -A INPUT -m statistic --mode random ! --probability 0.33333333
iptables -S
iptables -L -n
nft list ruleset
iptables -A INPUT -m limit --limit 0
iptables -A INPUT -m limit --limit 5/foo
iptables -A INPUT -m limit --limit 20000
iptables -A INPUT -m limit --limit-burst 10001
iptables -A INPUT -m statistic
iptables -A INPUT -m statistic --mode foo
iptables -A INPUT -m statistic --mode random
iptables -A INPUT -m statistic --mode random --probability 2
iptables -A INPUT -m statistic --mode nth --every 0 --packet 0
iptables -A INPUT -m statistic --mode nth --every 2 --packet 2
iptables -D INPUT -m statistic --mode nth --every 3 --packet 2
iptables -D INPUT -m limit --limit 10
iptables -S
