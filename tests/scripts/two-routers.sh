# Three networks, two routers between.
ip netns add left
ip netns add r1
ip netns add r2
ip netns add right
ip link add l0 netns left type veth peer name e0 netns r1
ip link add e1 netns r1 type veth peer name e0 netns r2
ip link add e1 netns r2 type veth peer name l0 netns right
ip netns list
ip -n left addr add 10.1.0.2/24 dev l0
ip -n r1 addr add 10.1.0.1/24 dev e0
ip -n r1 addr add 10.2.0.1/24 dev e1
ip -n r2 addr add 10.2.0.2/24 dev e0
ip -n r2 addr add 10.3.0.1/24 dev e1
ip -n right addr add 10.3.0.2/24 dev l0
ip -n left link set l0 up
ip -n r1 link set e0 up
ip -n r1 link set e1 up
ip -n r2 link set e0 up
ip -n r2 link set e1 up
ip -n right link set l0 up
ip -n left route add default via 10.1.0.1
ip -n right route add default via 10.3.0.1
ip -n r1 route add 10.3.0.0/24 via 10.2.0.2
ip netns exec left ping -c 1 -W 0.4 10.3.0.2
ip netns exec r1 sysctl -w net.ipv4.ip_forward=1
ip netns exec left ping -c 1 -W 0.4 10.3.0.2
ip netns exec r2 sysctl -w net.ipv4.ip_forward=1
ip netns exec left ping -c 1 -W 0.4 10.3.0.2
ip -n r2 route add 10.1.0.0/24 via 10.2.0.1
ip netns exec left ping -c 2 10.3.0.2
ip netns exec right ping -c 1 10.1.0.2
ip netns exec left ping -c 1 -t 1 10.3.0.2
ip netns exec left ping -c 1 -t 2 10.3.0.2
ip netns exec left ping -c 1 -t 3 10.3.0.2
ip netns exec left ping -c 1 -W 0.4 10.9.0.1
ip -n r1 route add unreachable 10.9.0.0/24
ip netns exec left ping -c 1 -W 0.4 10.9.0.1
ip -n r1 route replace prohibit 10.9.0.0/24
ip netns exec left ping -c 1 -W 0.4 10.9.0.1
ip -n r1 route replace blackhole 10.9.0.0/24
ip netns exec left ping -c 1 -W 0.4 10.9.0.1
ip -n left route
ip -n r1 route
ip -n r2 route
ip -n right route
ip -n r1 route get 10.3.0.2 from 10.1.0.2 iif e0
ip -n r1 -s link show e1
