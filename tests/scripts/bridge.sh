ip netns add red
ip netns add blue
ip link add br0 type bridge mcast_snooping 0
ip link show br0
ip link set br0 up
ip link show br0
ip link add p1 address 02:00:00:00:00:02 type veth peer name eth0 address 02:00:00:00:00:03 netns red
ip link add p2 address 02:00:00:00:00:04 type veth peer name eth0 address 02:00:00:00:00:05 netns blue
ip link set p1 master br0
ip link show br0
ip link set p2 master br0 up
ip link set p1 up
ip link show br0
ip -n red link set eth0 up
ip -n blue link set eth0 up
ip link show
ip -n red addr add 10.0.0.1/24 dev eth0
ip -n blue addr add 10.0.0.2/24 dev eth0
ip netns exec red ping -c 2 -i 0.2 10.0.0.2
ip addr add 10.0.0.254/24 dev br0
ip netns exec blue ping -c 1 10.0.0.254
ping -c 1 10.0.0.1
ip neigh show
ip -n red neigh show
ip -s link show br0
ip -s link show p1
ip route show
ip link show master br0
ip addr show master br0
ip link show type bridge
ip -br link show master br0
ip -j link show p1
ip link set p1 down
ip link show br0
ip netns exec red ping -c 1 -W 0.3 10.0.0.2
ip link set p2 down
ip link show br0
ip route show
ip link set p1 up
ip link set p1 nomaster
ip link set p2 nomaster
ip link show br0
ip link show p1
ip link set p2 master br0 up
ip -n blue link del eth0
ip link show br0
ip link set p1 master br0
ip link del p1
ip link show
