# The machine's own LAN has the same prefix as the cable: the longer prefix wins.
ip netns add lan
ip netns add red
ip link add eth0 type veth peer name uplink netns lan
ip addr add 192.168.1.50/24 dev eth0
ip link set eth0 up
ip -n lan addr add 192.168.1.254/24 dev uplink
ip -n lan link set uplink up
ip link add veth-host type veth peer name veth-red netns red
ip -n red addr add 192.168.1.1/24 dev veth-red
ip -n red link set veth-red up
ip addr add 192.168.1.2/24 dev veth-host
ip link set veth-host up
ip route
ip route get 192.168.1.1
ping -c 1 -W 1 -q 192.168.1.1
ip route add 192.168.1.1 dev veth-host
ip route
ip route get 192.168.1.1
ip route get 192.168.1.254
ping -c 1 192.168.1.1
ip route add 192.168.1.1 dev veth-host
ip route replace 192.168.1.1 dev veth-host src 192.168.1.2
ip route get 192.168.1.1
ping -c 1 192.168.1.1
ip route del 192.168.1.1
ip route get 192.168.1.1
ip route show dev veth-host
ip route show dev eth0
