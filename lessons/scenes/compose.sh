# docker compose up: the networks front and back, a proxy in both, a server and a database in back.
# Source: Docker Engine 27, libnetwork/drivers/bridge/setup_ip_tables_linux.go.
# Try: ip netns exec internet nc -zv -w 1 203.0.113.10 8080
# Try: ip netns exec proxy nc -zv -w 1 172.19.0.3 8000
# Try: ip netns exec app nc -zv -w 1 172.19.0.4 5432
# Try: ip netns exec app ping -c 1 203.0.113.1

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

# dockerd starts: its chains (docker0 is left out: no container is at it)
sysctl -w net.ipv4.ip_forward=1
iptables -P FORWARD DROP
iptables -N DOCKER
iptables -N DOCKER-ISOLATION-STAGE-1
iptables -N DOCKER-ISOLATION-STAGE-2
iptables -N DOCKER-USER
iptables -A FORWARD -j DOCKER-USER
iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1
iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN
iptables -A DOCKER-ISOLATION-STAGE-2 -j RETURN
iptables -A DOCKER-USER -j RETURN
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER

# The network front: a bridge, and its rules
ip link add br-front type bridge
ip addr add 172.18.0.1/16 brd 172.18.255.255 dev br-front
ip link set br-front up
iptables -A FORWARD -o br-front -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -o br-front -j DOCKER
iptables -A FORWARD -i br-front ! -o br-front -j ACCEPT
iptables -A FORWARD -i br-front -o br-front -j ACCEPT
iptables -I DOCKER-ISOLATION-STAGE-1 1 -i br-front ! -o br-front -j DOCKER-ISOLATION-STAGE-2
iptables -I DOCKER-ISOLATION-STAGE-2 1 -o br-front -j DROP
iptables -t nat -A POSTROUTING -s 172.18.0.0/16 ! -o br-front -j MASQUERADE
iptables -t nat -I DOCKER 1 -i br-front -j RETURN

# The network back: a bridge, and its rules
ip link add br-back type bridge
ip addr add 172.19.0.1/16 brd 172.19.255.255 dev br-back
ip link set br-back up
iptables -A FORWARD -o br-back -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -o br-back -j DOCKER
iptables -A FORWARD -i br-back ! -o br-back -j ACCEPT
iptables -A FORWARD -i br-back -o br-back -j ACCEPT
iptables -I DOCKER-ISOLATION-STAGE-1 1 -i br-back ! -o br-back -j DOCKER-ISOLATION-STAGE-2
iptables -I DOCKER-ISOLATION-STAGE-2 1 -o br-back -j DROP
iptables -t nat -A POSTROUTING -s 172.19.0.0/16 ! -o br-back -j MASQUERADE
iptables -t nat -I DOCKER 1 -i br-back -j RETURN

# proxy: in both networks; its port 80 is published as 8080
ip netns add proxy
ip -n proxy link set lo up
ip link add veth1a type veth peer name eth0 netns proxy
ip link set veth1a master br-front
ip link set veth1a up
ip -n proxy addr add 172.18.0.2/16 dev eth0
ip -n proxy link set eth0 up
ip link add veth1b type veth peer name eth1 netns proxy
ip link set veth1b master br-back
ip link set veth1b up
ip -n proxy addr add 172.19.0.2/16 dev eth1
ip -n proxy link set eth1 up
ip -n proxy route add default via 172.18.0.1
iptables -t nat -A DOCKER ! -i br-front -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80
iptables -A DOCKER -d 172.18.0.2/32 ! -i br-front -o br-front -p tcp --dport 80 -j ACCEPT
iptables -t nat -A POSTROUTING -s 172.18.0.2/32 -d 172.18.0.2/32 -p tcp --dport 80 -j MASQUERADE
ip netns exec proxy nc -lk 80 &

# app, and its database
ip netns add app
ip -n app link set lo up
ip link add veth2a type veth peer name eth0 netns app
ip link set veth2a master br-back
ip link set veth2a up
ip -n app addr add 172.19.0.3/16 dev eth0
ip -n app link set eth0 up
ip -n app route add default via 172.19.0.1
ip netns exec app nc -lk 8000 &
ip netns add db
ip -n db link set lo up
ip link add veth3a type veth peer name eth0 netns db
ip link set veth3a master br-back
ip link set veth3a up
ip -n db addr add 172.19.0.4/16 dev eth0
ip -n db link set eth0 up
ip -n db route add default via 172.19.0.1
ip netns exec db nc -lk 5432 &
