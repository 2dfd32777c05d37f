# Colours of iproute2.
ip -c link
ip netns add red
ip link add veth-host type veth peer name veth-red
ip link set veth-red netns red
ip link add va type veth peer name vb
ip addr add 10.1.2.3/24 brd + dev veth-host
ip addr add 10.1.4.1 peer 10.1.4.2/32 dev va
ip link set veth-host up
ip -c=always link
ip -c link show dev veth-host
ip netns exec red ip addr add 10.1.2.4/24 dev veth-red
ip netns exec red ip link set veth-red up
ip link set va up
ip -c addr
ip link set vb up
ip -c -br link
ip -br -c=always addr
ip -c -o addr
ip -c -s link show va
ip -c -j link show lo
ip -c=never addr show lo
ip -c=auto addr show lo
ip -color addr show lo
ip route add default via 10.1.2.4 src 10.1.2.3 metric 7
ip route add unreachable 10.9.0.0/16
ip route add 10.8.0.0/16 via 10.1.2.4
ip -c route
ip -c route show table local
ip -c route get 10.8.0.1
ip -c route get 10.1.2.4 from 10.1.2.3
ip -c route get 10.1.2.3 from 10.1.2.4 iif veth-host
ip neigh add 10.1.2.9 lladdr 02:00:00:00:00:09 dev veth-host
ip -c neigh
ip -c -br neigh
ip -c neigh show dev veth-host
ip -c netns
ip -n red -c addr
