ip addr show lo
ip route show table local
ping -c 1 127.0.0.1
ping -c 1 127.255.255.254
ping -c 1 127.255.255.255
ip link set lo down
ip addr show lo
ip route show table local
ip link set lo up
ip addr show lo
ip addr add 10.0.0.1/32 dev lo
ip addr add 10.1.0.1/24 dev lo
ip addr show lo
ip route
ip route show table local
ping -c 1 10.0.0.1
ping -c 1 10.1.0.77
ping -c 1 -I 10.0.0.1 127.0.0.1
ip addr del 127.0.0.1/8 dev lo
ip route show table local
ping -c 1 127.0.0.1
ip addr add 127.0.0.1/8 dev lo
ping -c 1 127.0.0.1
ip -s link show lo
ifconfig lo
ip netns add red
ip -n red link set lo up
ip -n red addr show lo
ip -n red route show table local
