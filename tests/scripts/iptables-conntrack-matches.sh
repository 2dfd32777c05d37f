iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -m conntrack ! --ctstate NEW,INVALID
iptables -A INPUT -m conntrack --ctstate new,dnat,snat,untracked
iptables -A INPUT -m conntrack --ctstate SNAT
iptables -A INPUT -m conntrack --ctproto tcp --ctorigsrc 10.0.0.0/8 ! --ctorigdst 10.0.0.1 --ctreplsrc 10.1.0.0/16 --ctrepldst 127.0.0.1
iptables -A INPUT -m conntrack --ctorigsrcport 80 --ctorigdstport 80:90 ! --ctreplsrcport 1 --ctrepldstport 2:3
iptables -A INPUT -m conntrack --ctstatus ASSURED,SEEN_REPLY ! --ctexpire 10:20 --ctdir REPLY
iptables -A INPUT -m conntrack --ctstatus NONE --ctexpire 5 --ctdir ORIGINAL
iptables -A INPUT -m state --state NEW
iptables -A INPUT -m state ! --state RELATED,ESTABLISHED -j DROP
iptables -S
iptables -L -n
nft -s list ruleset
iptables -A INPUT -m conntrack
iptables -A INPUT -m conntrack --ctstate FOO
iptables -A INPUT -m conntrack --ctstate NEW,FOO
iptables -A INPUT -m conntrack --ctstatus FOO
iptables -A INPUT -m conntrack --ctdir FOO
iptables -A INPUT -m conntrack --ctstate NEW --ctstate NEW
iptables -A INPUT -m state
iptables -A INPUT -m state --state FOO
iptables -A INPUT -m state --state NEW,
iptables -D INPUT -m state --state NEW
iptables -D INPUT -m conntrack --ctstate NEW,INVALID
iptables -S
