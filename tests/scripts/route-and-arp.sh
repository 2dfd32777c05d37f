route -n
arp -n
ip netns add red
ip link add a0 address 02:00:00:00:00:0a type veth peer name b0 address 02:00:00:00:00:0b netns red
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip link set a0 up
ip -n red link set b0 up
route -n
ip route add default via 10.0.0.2
ip route add 10.9.0.0/16 via 10.0.0.2 metric 50
ip route add 10.8.0.1 dev a0
ip route add unreachable 10.7.0.0/24
ip route add blackhole 10.6.0.0/24
ip route add prohibit 10.5.0.0/24
ip route add 10.4.0.0/24 dev a0 mtu 1400
route -n
ping -c 1 10.0.0.2
arp -n
arp -n 10.0.0.2
arp -n 10.0.0.3
ip netns exec red arp -n
ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:0b dev a0 nud permanent
arp -n
ip netns exec red route -n
