# One host with Docker: two containers at docker0, and the port 8080 published.
# Source: Docker Engine 27, libnetwork/drivers/bridge/setup_ip_tables_linux.go.
# Try: ip netns exec internet nc -zv -w 1 203.0.113.10 8080
# Try: ip netns exec db ping -c 1 203.0.113.1
# Try: ip netns exec db nc -zv -w 1 172.17.0.2 80

# The host, and what is behind its eth0
ip netns add internet
ip link set lo up
ip link add eth0 type veth peer name uplink netns internet
ip addr add 203.0.113.10/24 dev eth0
ip link set eth0 up
ip -n internet link set lo up
ip -n internet addr add 203.0.113.1/24 dev uplink
ip -n internet link set uplink up
ip route add default via 203.0.113.1

# dockerd starts: the bridge
ip link add docker0 type bridge
ip addr add 172.17.0.1/16 brd 172.17.255.255 dev docker0
ip link set docker0 up
sysctl -w net.ipv4.ip_forward=1

# dockerd starts: its chains
iptables -P FORWARD DROP
iptables -N DOCKER
iptables -N DOCKER-ISOLATION-STAGE-1
iptables -N DOCKER-ISOLATION-STAGE-2
iptables -N DOCKER-USER
iptables -A FORWARD -j DOCKER-USER
iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1
iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -o docker0 -j DOCKER
iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
iptables -A FORWARD -i docker0 -o docker0 -j ACCEPT
iptables -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN
iptables -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
iptables -A DOCKER-ISOLATION-STAGE-2 -j RETURN
iptables -A DOCKER-USER -j RETURN
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
iptables -t nat -A DOCKER -i docker0 -j RETURN

# docker run --name web -p 8080:80: a namespace, a cable, an address
ip netns add web
ip link add veth1a type veth peer name eth0 netns web
ip link set veth1a master docker0
ip link set veth1a up
ip -n web link set lo up
ip -n web link set eth0 address 02:42:ac:11:00:02
ip -n web addr add 172.17.0.2/16 brd 172.17.255.255 dev eth0
ip -n web link set eth0 up
ip -n web route add default via 172.17.0.1

# docker run --name web -p 8080:80: the published port
iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
iptables -t nat -A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp --dport 80 -j MASQUERADE
ip netns exec web nc -lk 80 &

# docker run --name db
ip netns add db
ip link add veth2b type veth peer name eth0 netns db
ip link set veth2b master docker0
ip link set veth2b up
ip -n db link set lo up
ip -n db link set eth0 address 02:42:ac:11:00:03
ip -n db addr add 172.17.0.3/16 brd 172.17.255.255 dev eth0
ip -n db link set eth0 up
ip -n db route add default via 172.17.0.1
