# The classic walkthrough: from a bare machine to a ping through a veth cable.
ip link show
ip addr show
ifconfig lo
ip addr show dev lo
ping -c 2 127.0.0.1
route -n
ip route show
ip route show table local
iptables -L
ip netns list
ip netns add red
ip netns list
ip netns exec red ip link
ip netns exec red ip route
ip netns exec red arp -n
ip netns exec red iptables -L
ip netns exec red ping -c 1 127.0.0.1
ip netns exec red ip link set lo up
ip netns exec red ping -c 1 127.0.0.1
ip link add veth-host type veth peer name veth-red
ip link show
ip link set veth-red netns red
ip link show
ip netns exec red bash
ip link
ip addr add 192.168.1.1/24 dev veth-red
ip link set veth-red up
ip addr show veth-red
ip route
exit
ip addr add 192.168.1.2/24 dev veth-host
ip link show veth-host
ip link set veth-host up
ip link show veth-host
ip addr show veth-host
ip route
route -n
ip neigh
ping -c 3 192.168.1.1
ip neigh
arp -n
ip netns exec red ping -c 2 192.168.1.2
ip netns exec red ip neigh
ip netns exec red ip route
ip netns exec red route -n
ifconfig veth-host
ip netns exec red ifconfig veth-red
ip -s link show veth-host
ip netns del red
ip link show
ip route
