# Secondary addresses, broadcast, scope, peers, labels, and what each brings along.
ip link add a0 type veth peer name b0
ip link set a0 up
ip link set b0 up
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.0.0.2/24 dev a0
ip addr add 10.0.0.3/25 dev a0
ip addr add 10.1.0.1/16 brd + dev a0
ip addr add 10.2.0.1/16 brd 10.2.0.7 dev a0
ip addr add 10.3.0.1/24 scope link dev a0
ip addr add 10.4.0.1/24 scope host dev a0
ip addr add 10.5.0.1 peer 10.5.0.2 dev a0
ip addr add 10.6.0.1 peer 10.6.0.2/24 dev a0
ip addr add 10.7.0.1/24 dev a0 label a0:seven
ip addr add 10.8.0.1/24 dev a0 noprefixroute
ip addr add 10.9.0.1/31 dev a0
ip addr add 10.9.1.1/30 dev a0
ip addr add 10.9.2.1/32 dev a0
ip addr show a0
ip -br addr show
ip route
ip route show table local
ip addr del 10.0.0.1/24 dev a0
ip addr show a0
ip route show table local
ip addr show scope link
ip addr show scope host
ip addr show label a0:seven
ip addr show to 10.9.0.0/16
ip addr flush dev a0
ip addr show a0
ip route show table local
