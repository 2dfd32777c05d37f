# Of two containers with one Ethernet address the bridge has heard the other one last.
# cause: duplicate-mac
# namespace: b
# then: works
ip netns add a
ip netns add b
ip netns add c
ip link add br0 type bridge
ip link set br0 up
ip link add pa type veth peer name ea netns a
ip link add pb type veth peer name eb netns b
ip link add pc type veth peer name ec netns c
ip link set pa master br0 up
ip link set pb master br0 up
ip link set pc master br0 up
ip -n a link set ea address 02:00:00:00:0a:02
ip -n b link set eb address 02:00:00:00:0a:02
ip -n a addr add 10.28.0.2/24 dev ea
ip -n b addr add 10.28.0.6/24 dev eb
ip -n c addr add 10.28.0.7/24 dev ec
ip -n a link set ea up
ip -n b link set eb up
ip -n c link set ec up
ip netns exec c ping -c 1 -W 1 10.28.0.6
ip netns exec a ping -c 1 -W 1 10.28.0.7
ip netns exec c ping -c 1 -W 1 10.28.0.6
