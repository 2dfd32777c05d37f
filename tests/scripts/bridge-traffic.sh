ip netns add red
ip netns add blue
ip netns add green
ip link add br0 address 02:00:00:00:00:99 type bridge mcast_snooping 0
ip link add p1 address 02:00:00:00:01:01 type veth peer name eth0 address 02:00:00:00:00:01 netns red
ip link add p2 address 02:00:00:00:01:02 type veth peer name eth0 address 02:00:00:00:00:02 netns blue
ip link add p3 address 02:00:00:00:01:03 type veth peer name eth0 address 02:00:00:00:00:03 netns green
ip link set p1 master br0 up
ip link set p2 master br0 up
ip link set p3 master br0 up
ip link set br0 up
ip -n red addr add 10.0.0.1/24 dev eth0
ip -n blue addr add 10.0.0.2/24 dev eth0
ip -n green addr add 10.0.0.3/24 dev eth0
ip -n red link set eth0 up
ip -n blue link set eth0 up
ip -n green link set eth0 up
ip netns exec red ping -c 1 10.0.0.2
bridge fdb show br br0 dynamic
bridge link set dev p1 isolated on
bridge link set dev p2 isolated on
ip netns exec red ping -c 1 -W 0.3 10.0.0.2
ip netns exec red ping -c 1 10.0.0.3
ip netns exec blue ping -c 1 10.0.0.3
bridge link set dev p1 isolated off
ip netns exec red ping -c 1 10.0.0.2
bridge link set dev p2 isolated off
bridge link set dev p3 flood off
bridge fdb flush dev br0 brport p3 nopermanent
ip netns exec red ping -c 1 -W 0.3 10.0.0.3
bridge fdb show br br0 dynamic
bridge link set dev p3 flood on
ip netns exec red ping -c 1 10.0.0.3
bridge link set dev p3 bcast_flood off
ip -n red neigh flush dev eth0
ip netns exec red ping -c 1 -W 0.3 10.0.0.3
bridge link set dev p3 bcast_flood on
ip -n red neigh flush dev eth0
bridge link set dev p1 learning off
bridge fdb flush dev br0 nopermanent
ip netns exec red ping -c 1 10.0.0.3
bridge fdb show br br0 dynamic
bridge link set dev p1 learning on
ip netns exec red ping -c 1 10.0.0.3
bridge fdb show br br0 dynamic
bridge link set dev p3 locked on
ip netns exec red ping -c 1 10.0.0.3
bridge fdb flush dev br0 nopermanent
ip netns exec red ping -c 1 -W 0.3 10.0.0.3
bridge fdb add 02:00:00:00:00:03 dev p3 master static
ip netns exec red ping -c 1 10.0.0.3
bridge link set dev p3 locked off
bridge fdb replace 02:00:00:00:00:03 dev p2 master static
ip netns exec red ping -c 1 -W 0.3 10.0.0.3
bridge fdb show br br0
ip netns exec green ping -c 1 10.0.0.1
bridge fdb show br br0
bridge fdb replace 02:00:00:00:00:03 dev p2 master static sticky
ip netns exec green ping -c 1 -W 0.3 10.0.0.1
bridge fdb show br br0
bridge fdb del 02:00:00:00:00:03 dev p2 master
bridge fdb add 02:00:00:00:00:03 dev p3 master
ip netns exec red ping -c 1 -W 0.3 10.0.0.3
bridge fdb del 02:00:00:00:00:03 dev p3 master
ip netns exec red ping -c 1 10.0.0.3
bridge link set dev p3 state learning
ip netns exec green ping -c 1 -W 0.3 10.0.0.1
bridge fdb show br br0
bridge link set dev p3 state listening
bridge fdb flush dev br0 nopermanent
ip netns exec green ping -c 1 -W 0.3 10.0.0.1
ip netns exec red ping -c 1 10.0.0.2
bridge fdb show br br0
bridge link set dev p3 state forwarding
ip netns exec green ping -c 1 10.0.0.1
ip -s link show p3
ip -s link show br0
ip link set eth0 netns red
