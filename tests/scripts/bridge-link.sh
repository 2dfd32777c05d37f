ip netns add red
bridge link
bridge fdb
ip link add br0 address 02:00:00:00:00:99 type bridge mcast_snooping 0
ip link add p0 address 02:00:00:00:00:10 type veth peer name q0 address 02:00:00:00:00:11
ip link add p1 address 02:00:00:00:00:20 type veth peer name q1 address 02:00:00:00:00:21 netns red
ip link set p0 master br0
bridge link
ip link set p1 master br0
bridge link show
bridge -d link
bridge -o -d link list dev p1
bridge -j link
bridge -j -d link show dev p0
bridge -j -p -d link
bridge -c link
bridge -color=always -d link
bridge -c=never link
ip link set br0 up
bridge link
ip link set p0 up
ip link set q0 up
bridge link
ip link set p1 up
ip -n red link set q1 up
bridge link
bridge -n red link
bridge -n blue link
bridge link set dev p0
bridge link set dev p0 hairpin on isolated on
bridge link set dev p1 flood off mcast_flood off bcast_flood off learning off locked on
bridge -d link
bridge link set dev p1 flood on mcast_flood on bcast_flood on learning on locked off master
bridge link set dev p0 cost 17 priority 5
bridge link
bridge link set dev p0 cost 0
bridge link set dev p0 cost -1
bridge link set dev p0 cost 65536
bridge link set dev p0 priority 64
bridge link set dev p0 priority -1
bridge link set dev p0 state blocking
bridge link
bridge link set dev p0 state learning
ip link show br0
bridge link set dev p1 state disabled
bridge link
ip link show br0
bridge link set dev p1 state 3
bridge link set dev p0 state 1
bridge link
bridge link set dev p0 state 5
bridge link set dev p0 state none
bridge link set dev p0 state -1
bridge link set dev p0 state 300
bridge link set dev p0 state forwarding
bridge link
ip link set p0 down
bridge link set dev p0 state forwarding
bridge link set dev p0 state disabled
bridge link
ip link set p0 up
bridge link
bridge link set dev q0 hairpin on
bridge link set dev q0 hairpin on self
bridge link set dev br0 hairpin on
bridge link set dev br0 hairpin on self
bridge link set dev br0 hairpin on self master
bridge link set dev p0 hairpin off self
bridge link set dev lo hairpin on
bridge link set dev nothing hairpin on
bridge link set dev if77 hairpin on
bridge link set hairpin on
bridge link set dev p0 hairpin maybe
bridge link set dev p0 hairpin
bridge link show dev nothing
bridge link show dev
bridge link show dev p0 dev p1
bridge link show dev lo
bridge link show other words
bridge link what
bridge what
bridge -z
bridge -V
bridge -family bridge link
bridge -family inet link show dev p1
bridge -4 l sh dev p1
ip link add index 50 name z50 type veth peer name z51
ip link add index 40 name z40 type veth peer name z41
ip link set z50 master br0
ip link set z40 master br0
ip link set z41 master br0
ip link set z51 master br0
bridge link
ip link set p0 nomaster
ip link set p0 master br0
bridge -d link
ip link del br0
bridge link
