# Translated connections, as `conntrack` shows them. A router between a network of its own and another one.
ip netns add inside
ip netns add router
ip netns add outside
ip link add i0 netns inside type veth peer name r0 netns router
ip link add o0 netns outside type veth peer name r1 netns router
ip -n inside addr add 192.168.0.2/24 dev i0
ip -n router addr add 192.168.0.1/24 dev r0
ip -n router addr add 10.0.0.1/24 dev r1
ip -n outside addr add 10.0.0.2/24 dev o0
ip -n inside link set i0 up
ip -n router link set r0 up
ip -n router link set r1 up
ip -n outside link set o0 up
ip -n inside route add default via 192.168.0.1
ip netns exec router sysctl -w net.ipv4.ip_forward=1
ip netns exec router iptables -t nat -A POSTROUTING -o r1 -j MASQUERADE
ip netns exec router iptables -t nat -A PREROUTING -i r1 -p tcp --dport 8080 -j DNAT --to-destination 192.168.0.2:80
ip netns exec router iptables -t mangle -A PREROUTING -p tcp -j CONNMARK --set-mark 5
ip netns exec inside ping -c 1 -q 10.0.0.2
ip netns exec outside nc -n -lk 5000 &
ip netns exec inside nc -n -lk 80 &
echo hi | ip netns exec inside nc -n -N -p 40000 -w 1 10.0.0.2 5000
echo hi | ip netns exec outside nc -n -N -p 40001 -w 1 10.0.0.1 8080
ip netns exec router ping -c 1 -q 10.0.0.2
ip netns exec router conntrack -L
ip netns exec router conntrack -L -o save
ip netns exec router conntrack -L -n
ip netns exec router conntrack -L -g
ip netns exec router conntrack -L -j
ip netns exec router conntrack -L -n -g
ip netns exec router conntrack -L -n 10.0.0.1
ip netns exec router conntrack -L -n 10.0.0.2
ip netns exec router conntrack -L -n 10.0.0.1:40000
ip netns exec router conntrack -L -g 192.168.0.2
ip netns exec router conntrack -L -g 192.168.0.2:80
ip netns exec router conntrack -L -g 192.168.0.2:81
ip netns exec router conntrack -L -j 192.168.0.2
ip netns exec router conntrack -L -j 10.0.0.1 -p tcp
ip netns exec router conntrack -L -p tcp --src-nat 10.0.0.1
ip netns exec router conntrack -L -m 5
ip netns exec router conntrack -L -m 4/6
ip netns exec router conntrack -L -m 4/4
ip netns exec router conntrack -L -m 0x5
ip netns exec router cat /proc/net/nf_conntrack
ip netns exec router conntrack -D -g
ip netns exec router conntrack -D -n 10.0.0.1
ip netns exec router conntrack -L
