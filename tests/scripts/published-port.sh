# What Docker writes for a published port, by hand: a bridge, a container, DNAT, masquerade, and FORWARD closed.
ip netns add web
ip netns add client
ip link add br0 type bridge
ip addr add 172.17.0.1/16 dev br0
ip link set br0 up
ip link add veth0 type veth peer name eth0 netns web
ip link set veth0 master br0
ip link set veth0 up
ip -n web addr add 172.17.0.2/16 dev eth0
ip -n web link set eth0 up
ip -n web link set lo up
ip -n web route add default via 172.17.0.1
ip link add out0 type veth peer name lan0 netns client
ip addr add 192.168.1.1/24 dev out0
ip link set out0 up
ip -n client addr add 192.168.1.2/24 dev lan0
ip -n client link set lan0 up
ip -n client link set lo up
sysctl -w net.ipv4.ip_forward=1
iptables -t nat -A PREROUTING -i out0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 -o out0 -j MASQUERADE
iptables -P FORWARD DROP
iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -o br0 -p tcp -m conntrack --ctstate DNAT -j ACCEPT
iptables -A FORWARD -i br0 -o out0 -j ACCEPT
ip netns exec web nc -l 80 &
sleep 0.3
echo hello | ip netns exec client nc -N 192.168.1.1 8080
wait
iptables -t nat -nvL
iptables -nvL FORWARD
ip netns exec client nc -zv 192.168.1.1 8080
ip netns exec client nc -zv -w 1 172.17.0.2 80
ip netns exec web ping -c 1 192.168.1.2
