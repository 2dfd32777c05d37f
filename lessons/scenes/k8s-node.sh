# One Kubernetes node: pods with /32 routes, and a Service with two servers.
# Source: the CNI plugin ptp 1.5 (plugins/main/ptp), kube-proxy 1.31 (pkg/proxy/iptables/proxier.go).
# Try: ip netns exec client ping -c 1 10.244.0.2
# Try: ip netns exec client nc -zv -w 1 10.96.0.10 80
# Try: ip netns exec pod-a nc -zv -w 1 10.96.0.10 80

# The node
ip link set lo up
sysctl -w net.ipv4.ip_forward=1

# The pod pod-a: a cable, an address, and routes that lead everything to the node
ip netns add pod-a
ip link add veth-a type veth peer name eth0 netns pod-a
ip addr add 10.244.0.1/32 dev veth-a
ip link set veth-a up
ip -n pod-a link set lo up
ip -n pod-a addr add 10.244.0.2/24 dev eth0
ip -n pod-a link set eth0 up
ip -n pod-a route del 10.244.0.0/24
ip -n pod-a route add 10.244.0.1 dev eth0 scope link src 10.244.0.2
ip -n pod-a route add 10.244.0.0/24 via 10.244.0.1 dev eth0 src 10.244.0.2
ip -n pod-a route add default via 10.244.0.1
ip route add 10.244.0.2 dev veth-a scope host
ip netns exec pod-a nc -lk 8080 &

# The pod pod-b: a cable, an address, and routes that lead everything to the node
ip netns add pod-b
ip link add veth-b type veth peer name eth0 netns pod-b
ip addr add 10.244.0.1/32 dev veth-b
ip link set veth-b up
ip -n pod-b link set lo up
ip -n pod-b addr add 10.244.0.3/24 dev eth0
ip -n pod-b link set eth0 up
ip -n pod-b route del 10.244.0.0/24
ip -n pod-b route add 10.244.0.1 dev eth0 scope link src 10.244.0.3
ip -n pod-b route add 10.244.0.0/24 via 10.244.0.1 dev eth0 src 10.244.0.3
ip -n pod-b route add default via 10.244.0.1
ip route add 10.244.0.3 dev veth-b scope host
ip netns exec pod-b nc -lk 8080 &

# The pod client: a cable, an address, and routes that lead everything to the node
ip netns add client
ip link add veth-c type veth peer name eth0 netns client
ip addr add 10.244.0.1/32 dev veth-c
ip link set veth-c up
ip -n client link set lo up
ip -n client addr add 10.244.0.4/24 dev eth0
ip -n client link set eth0 up
ip -n client route del 10.244.0.0/24
ip -n client route add 10.244.0.1 dev eth0 scope link src 10.244.0.4
ip -n client route add 10.244.0.0/24 via 10.244.0.1 dev eth0 src 10.244.0.4
ip -n client route add default via 10.244.0.1
ip route add 10.244.0.4 dev veth-c scope host

# kube-proxy starts: its chains
iptables -t nat -N KUBE-SERVICES
iptables -t nat -N KUBE-MARK-MASQ
iptables -t nat -N KUBE-POSTROUTING
iptables -t nat -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
iptables -t nat -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
iptables -t nat -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
iptables -t nat -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
iptables -t nat -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
iptables -t nat -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
iptables -t nat -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully

# The Service web: one address, two servers (the true names of the chains end in a hash)
iptables -t nat -N KUBE-SVC-WEB
iptables -t nat -N KUBE-SEP-A
iptables -t nat -N KUBE-SEP-B
iptables -t nat -A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-WEB
iptables -t nat -A KUBE-SVC-WEB ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ
iptables -t nat -A KUBE-SVC-WEB -m statistic --mode random --probability 0.5 -j KUBE-SEP-A
iptables -t nat -A KUBE-SVC-WEB -j KUBE-SEP-B
iptables -t nat -A KUBE-SEP-A -s 10.244.0.2/32 -j KUBE-MARK-MASQ
iptables -t nat -A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.244.0.2:8080
iptables -t nat -A KUBE-SEP-B -s 10.244.0.3/32 -j KUBE-MARK-MASQ
iptables -t nat -A KUBE-SEP-B -p tcp -m tcp -j DNAT --to-destination 10.244.0.3:8080
