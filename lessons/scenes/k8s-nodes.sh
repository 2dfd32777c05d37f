# Two Kubernetes nodes in one LAN: a bridge and a pod on each, joined by routes.
# Source: the CNI plugin bridge 1.5 (plugins/main/bridge), flannel 0.25 (pkg/backend/hostgw).
# Try: ip netns exec pod-1 ping -c 1 10.244.2.2
# Try: ip netns exec pod-1 nc -zv -w 1 10.244.2.2 8080

# The LAN
ip netns add node-1
ip netns add node-2
ip link add eth0 netns node-1 type veth peer name eth0 netns node-2

# node-1: its address, its bridge, its pod
ip -n node-1 link set lo up
ip -n node-1 addr add 192.168.1.11/24 dev eth0
ip -n node-1 link set eth0 up
ip netns exec node-1 sysctl -w net.ipv4.ip_forward=1
ip -n node-1 link add cni0 type bridge
ip -n node-1 addr add 10.244.1.1/24 dev cni0
ip -n node-1 link set cni0 up
ip netns add pod-1
ip link add veth1 netns node-1 type veth peer name eth0 netns pod-1
ip -n node-1 link set veth1 master cni0
ip -n node-1 link set veth1 up
ip -n pod-1 link set lo up
ip -n pod-1 addr add 10.244.1.2/24 dev eth0
ip -n pod-1 link set eth0 up
ip -n pod-1 route add default via 10.244.1.1
ip netns exec pod-1 nc -lk 8080 &

# node-2: its address, its bridge, its pod
ip -n node-2 link set lo up
ip -n node-2 addr add 192.168.1.12/24 dev eth0
ip -n node-2 link set eth0 up
ip netns exec node-2 sysctl -w net.ipv4.ip_forward=1
ip -n node-2 link add cni0 type bridge
ip -n node-2 addr add 10.244.2.1/24 dev cni0
ip -n node-2 link set cni0 up
ip netns add pod-2
ip link add veth2 netns node-2 type veth peer name eth0 netns pod-2
ip -n node-2 link set veth2 master cni0
ip -n node-2 link set veth2 up
ip -n pod-2 link set lo up
ip -n pod-2 addr add 10.244.2.2/24 dev eth0
ip -n pod-2 link set eth0 up
ip -n pod-2 route add default via 10.244.2.1
ip netns exec pod-2 nc -lk 8080 &

# flannel on node-1: the way to the other node's pods, and no NAT between pods
ip -n node-1 route add 10.244.2.0/24 via 192.168.1.12 dev eth0
ip netns exec node-1 iptables -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE

# flannel on node-2: the way to the other node's pods, and no NAT between pods
ip -n node-2 route add 10.244.1.0/24 via 192.168.1.11 dev eth0
ip netns exec node-2 iptables -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
