# A cloned machine: red and blue have the same Ethernet address.
# cause: duplicate-mac
# namespace: blue
# then: works
ip netns add red
ip netns add blue
ip link add br0 address 02:00:00:00:00:99 type bridge mcast_snooping 0
ip link add p1 address 02:00:00:00:01:01 type veth peer name eth0 address 02:00:00:00:00:01 netns red
ip link add p2 address 02:00:00:00:01:02 type veth peer name eth0 address 02:00:00:00:00:02 netns blue
ip link set p1 master br0 up
ip link set p2 master br0 up
ip link set br0 up
ip -n red link set eth0 up
ip -n blue link set eth0 up
ip -n red addr add 10.0.0.1/24 dev eth0
ip -n blue addr add 10.0.0.2/24 dev eth0
ip -n blue link set eth0 address 02:00:00:00:00:01
ip netns exec red ping -c 1 -W 1 10.0.0.2
