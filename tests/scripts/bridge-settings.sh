ip netns add red
ip link add name br0 address 02:00:00:00:00:99 type bridge ageing_time 1000 mcast_snooping 0
ip link add br1 type bridge mcast_snooping 0
ip link add br2 mtu 1300 type bridge mcast_snooping 0
ip link add p0 address 02:00:00:00:00:10 type veth peer name q0 address 02:00:00:00:00:11
ip link add p1 address 02:00:00:00:00:20 mtu 1400 type veth peer name q1 address 02:00:00:00:00:21
ip link set p0 master br0
ip link show br0
ip link set p0 master br1
ip link show br1
ip link set p1 master br1
ip link show br1
ip link set p1 mtu 1200
ip link show br1
ip link set p1 address 02:00:00:00:00:05
ip link show br1
ip link set p1 nomaster
ip link show br1
ip link set br1 mtu 1450
ip link set p1 master br1
ip link show br1
ip link set br1 address 02:00:00:00:00:77
ip link show br1
ip link set p0 nomaster
ip link set p1 nomaster
ip link show br1
ip link set p1 master br2
ip link show br2
ip link set p1 nomaster
ip link show br2
ip link set lo master br0
ip link set br1 master br0
ip link set p0 master p1
ip link set p0 master nothing
ip link set p0 master
ip link set br0 netns red
ip link set p0 master br0
ip link set p0 netns red
ip link show br0
ip -n red link show p0
ip link add br0 type bridge
ip link add br3 mtu 20 type bridge
ip link add br3 mtu 70000 type bridge
ip link add br3 address 01:00:00:00:00:01 type bridge
ip link add type bridge
ip link show type bridge
ip link set p1 master br0
ip link del br0
ip link show p1
ip link add p2 master br1 type veth peer name q2
ip link show p2
ip link add p3 master lo type veth peer name q3
ip link show p3
ip link del q2
ip link show br1
