ip netns add red
ip netns add blue
ip link add br0 address 02:00:00:00:00:99 type bridge
bridge fdb
ip link add br1 address 02:00:00:00:00:98 type bridge mcast_snooping 0
ip link add p0 address 02:00:00:00:00:10 type veth peer name q0 address 02:00:00:00:00:11
ip link add p1 address 02:00:00:00:00:20 type veth peer name q1 address 02:00:00:00:00:21 netns red
ip link set p0 master br0
bridge fdb
bridge -s fdb show br br0
bridge -s -j fdb show dev p0
ip link set p1 master br0
ip link set p0 up
bridge fdb
ip link set br0 up
bridge fdb
bridge fdb show br br0
bridge fdb show br br1
bridge fdb show br p0
bridge fdb show dev p0
bridge fdb show brport p0 br br0
bridge fdb show dev p0 br br1
bridge fdb show dev lo
bridge fdb show dynamic
bridge fdb show state permanent
bridge fdb show state static
bridge fdb show state nothing
bridge fdb show state all dev p0
bridge -j fdb show dev p0
bridge -j -p fdb show br br0
bridge -c fdb show dev p0
bridge -color fdb
ip link set br0 down
bridge fdb show br br0
ip link set q0 up
ip link set p0 mtu 1000
bridge fdb
ip link set p0 mtu 1500
bridge fdb show dev p0
ip link set q0 netns red
bridge -n red fdb
bridge fdb add 02:00:00:00:00:55 dev p0
bridge fdb add 02:00:00:00:00:55 dev p0
bridge fdb append 02:00:00:00:00:55 dev p0
bridge fdb replace 02:00:00:00:00:55 dev p0 self
bridge fdb add 01:00:5e:00:00:02 dev p0
bridge fdb add 01:80:c2:00:00:02 dev p0
bridge fdb add ff:ff:ff:ff:ff:ff dev p0
bridge fdb add 00:00:00:00:00:00 dev p0
bridge fdb add 02:00:00:00:00:54 dev p0 static
bridge fdb show dev p0
ip link set p0 down
bridge fdb show dev p0
ip link set p0 up
bridge fdb show dev p0
bridge fdb del 01:00:5e:00:00:01 dev p0
bridge fdb del 01:00:5e:00:00:01 dev p0
bridge fdb del 02:00:00:00:00:55 dev p0 dynamic
bridge fdb del 02:00:00:00:00:55 dev p0
bridge fdb del ff:ff:ff:ff:ff:ff dev p0
bridge fdb del 00:00:00:00:00:00 dev p0
bridge fdb show dev p0
bridge fdb add 02:00:00:00:00:56 dev p0 master
bridge fdb add 02:00:00:00:00:57 dev p0 master static
bridge fdb add 02:00:00:00:00:58 dev p0 master dynamic
ip link set br0 up
ip -n red link set q0 up
bridge fdb add 02:00:00:00:00:58 dev p0 master dynamic
bridge fdb add 02:00:00:00:00:58 dev p0 master dynamic
bridge fdb replace 02:00:00:00:00:58 dev p1 master static
bridge fdb append 02:00:00:00:00:58 dev p0 master static sticky
bridge fdb add 02:00:00:00:00:5e dev p0 master sticky
bridge fdb add 02:00:00:00:00:5d dev p0 master use
bridge fdb add 02:00:00:00:00:5d dev br0 use
bridge fdb add 02:00:00:00:00:59 dev br0
bridge fdb add 02:00:00:00:00:5a dev br0 master
bridge fdb add 02:00:00:00:00:5b dev br0 local self
bridge fdb add 02:00:00:00:00:5c dev br0 static
bridge fdb add 02:00:00:00:00:60 dev q0 master
bridge fdb add 02:00:00:00:00:60 dev p0 self master
bridge fdb add 02:00:00:00:00:60 dev p0 self master
bridge fdb add 02:00:00:00:00:61 dev lo
bridge fdb del 02:00:00:00:00:61 dev lo
bridge fdb add 00:00:00:00:00:00 dev p0 master
bridge fdb add ff:ff:ff:ff:ff:ff dev p0 master static
bridge fdb add 02:00:00:00:00 dev p0 master
bridge fdb add 2:3:4:5:6:777 dev p0 master
bridge fdb add to 2:3:4:5:6:8 dev p0 master
bridge fdb add 2:3:4:5:6:8 2:3:4:5:6:9 dev p0 master
bridge fdb add 02:00:00:00:00:60
bridge fdb add dev p0
bridge fdb add 02:00:00:00:00:60 dev nothing
bridge fdb add 02:00:00:00:00:60 dev if77
bridge fdb
bridge -j fdb show dev p0
bridge fdb del 02:00:00:00:00:56 dev p0 master
bridge fdb del 02:00:00:00:00:56 dev p0 master
bridge fdb del 02:00:00:00:00:57 dev p1 master
bridge fdb del 02:00:00:00:00:10 dev p0 master
bridge fdb del 02:00:00:00:00:59 dev br0
bridge fdb show br br0
ip link set p0 address 02:00:00:00:00:12
bridge fdb show br br0
bridge fdb flush
bridge fdb flush dev nothing
bridge fdb flush dev p0
bridge fdb flush dev br0 brport nothing
bridge fdb flush dev br0 brport br1
bridge fdb flush dev br0 brport lo
bridge fdb flush dev br0 brport p0 sticky
bridge fdb show br br0
bridge fdb flush dev br0 brport p0 static other words
bridge fdb show br br0
bridge fdb flush dev br0 brport p0 added_by_user permanent
bridge fdb flush dev br0 nopermanent dynamic
bridge fdb show br br0
bridge fdb flush dev p0 master
bridge fdb show br br0
bridge fdb flush dev br0
bridge fdb show br br0
ip link set br0 address 02:00:00:00:00:97
bridge fdb show br br0
bridge fdb add 02:00:00:00:00:58 dev p1 master static
bridge fdb add 02:00:00:00:00:59 dev p1 master
ip link set p1 nomaster
bridge fdb
bridge fdb what
bridge fdb show br
bridge fdb show other words dev p0
