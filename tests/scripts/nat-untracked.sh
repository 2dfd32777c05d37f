# A rule of nat that translates nothing sees packets only where another rule has connections tracked.
ip link set lo up
iptables -t nat -A OUTPUT -p icmp -j ACCEPT
ping -c 2 -i 0.2 -W 0.5 127.0.0.1
iptables -t nat -nvL OUTPUT
iptables -A INPUT -m conntrack --ctstate INVALID -j DROP
ping -c 2 -i 0.2 -W 0.5 127.0.0.1
iptables -t nat -nvL OUTPUT
iptables -F INPUT
ping -c 2 -i 0.2 -W 0.5 127.0.0.1
iptables -t nat -nvL OUTPUT
iptables -t nat -A POSTROUTING -j MASQUERADE
ping -c 2 -i 0.2 -W 0.5 127.0.0.1
iptables -t nat -nvL
