# Files of /proc, as the kernel writes them.
cat /proc/net/route
cat /proc/net/arp
cat /proc/net/dev
ip netns add red
ip netns exec red cat /proc/net/route
ip netns exec red cat /proc/net/dev
ip link add veth-host type veth peer name veth-red
ip link set veth-red netns red
ip addr add 10.1.2.3/24 dev veth-host
ip link set veth-host up
ip netns exec red ip addr add 10.1.2.4/24 dev veth-red
ip netns exec red ip link set veth-red up
ip route add default via 10.1.2.4
ip route add 10.9.0.0/16 via 10.1.2.4 metric 20
ip route add 10.9.0.0/16 dev veth-host metric 4000000000
ip route add 10.8.0.1/32 via 10.1.2.4
ip route add unreachable 10.7.0.0/16
ip route add prohibit 10.6.0.0/20
ip route add blackhole 10.5.0.0/20
ip route add throw 10.4.0.0/20
ip route add multicast 224.0.1.0/24 dev veth-host
cat /proc/net/route
cat /proc/self/net/route
ping -c 2 10.1.2.4
cat /proc/net/arp
cat /proc/net/dev
ip netns exec red cat /proc/net/arp
ip netns exec red cat /proc/net/dev /proc/net/route
ping -c 1 -W 1 10.1.2.77
ip neigh flush all
ip neigh add 10.1.2.9 lladdr 02:00:00:00:00:09 dev veth-host
cat /proc/net/arp
ip neigh del 10.1.2.9 dev veth-host
ip neigh add 10.1.2.9 nud noarp dev veth-host
cat /proc/net/arp
cat /proc/sys/net/ipv4/ip_forward
sysctl -w net.ipv4.ip_forward=1
cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/veth-host/forwarding
ip netns exec red cat /proc/sys/net/ipv4/ip_forward
cat /proc/sys/net/ipv4/conf/nope/forwarding
cat /proc/sys/net/ipv4/conf/all
cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/nope /proc/sys/net/ipv4/ip_forward
hostname -I
ip netns exec red hostname -I
ip addr add 192.168.0.1/24 dev veth-host
ip addr add 10.0.0.1/8 dev lo
hostname -I
whoami
