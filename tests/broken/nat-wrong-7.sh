# Who asks and who answers are on one wire, so that the answer goes past the router.
# cause: nat-wrong
# namespace: host
# then: works
# try: iptables -t nat -A POSTROUTING -s 192.168.1.0/24 -d 192.168.1.20 -p tcp --dport 80 -j MASQUERADE
ip netns add pc
ip netns add srv
ip link add br0 type bridge
ip link set br0 up
ip addr add 192.168.1.1/24 dev br0
ip link add p1 type veth peer name e0 netns pc
ip link add p2 type veth peer name e0 netns srv
ip link set p1 master br0 up
ip link set p2 master br0 up
ip -n pc link set e0 up
ip -n srv link set e0 up
ip -n pc addr add 192.168.1.10/24 dev e0
ip -n srv addr add 192.168.1.20/24 dev e0
ip -n pc route add default via 192.168.1.1
ip -n srv route add default via 192.168.1.1
ip addr add 203.0.113.1/32 dev br0
iptables -t nat -A PREROUTING -d 203.0.113.1 -p tcp --dport 8080 -j DNAT --to-destination 192.168.1.20:80
ip netns exec srv nc -l -k 80 &
sysctl -w net.ipv4.ip_forward=1
ip netns exec pc nc -w 2 -zv 203.0.113.1 8080
