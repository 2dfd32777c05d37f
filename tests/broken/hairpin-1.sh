# The ports of the inner bridge are isolated, so that all goes to the outer one: that one does not give it back.
# cause: hairpin
# namespace: host
# then: works
# try: bridge link set dev up0 hairpin on
ip netns add inner
ip netns add red
ip netns add blue
ip -n inner link add br1 address 02:00:00:00:00:98 type bridge mcast_snooping 0 ageing_time 0
ip link add br0 address 02:00:00:00:00:99 type bridge mcast_snooping 0
ip link add up0 address 02:00:00:00:01:00 type veth peer name out0 address 02:00:00:00:00:10 netns inner
ip link add p1 address 02:00:00:00:01:01 netns inner type veth peer name eth0 address 02:00:00:00:00:01 netns red
ip link add p2 address 02:00:00:00:01:02 netns inner type veth peer name eth0 address 02:00:00:00:00:02 netns blue
ip link set up0 master br0 up
ip link set br0 up
ip -n inner link set out0 master br1 up
ip -n inner link set p1 master br1 up
ip -n inner link set p2 master br1 up
ip -n inner link set br1 up
ip -n red link set eth0 up
ip -n blue link set eth0 up
ip -n red addr add 10.0.0.1/24 dev eth0
ip -n blue addr add 10.0.0.2/24 dev eth0
bridge -n inner link set dev p1 isolated on
bridge -n inner link set dev p2 isolated on
ip netns exec red ping -c 1 -W 1 10.0.0.2
