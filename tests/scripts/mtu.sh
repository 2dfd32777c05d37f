ip netns add red
ip link add a0 mtu 1400 type veth peer name b0 mtu 1300 netns red
ip link show a0
ip -n red link show b0
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip link set a0 up
ip -n red link set b0 up
ping -c 1 -s 1000 10.0.0.2
ping -c 1 -s 1272 10.0.0.2
ip link set a0 mtu 1300
ip link show a0
ping -c 1 -s 1272 10.0.0.2
ip link set a0 mtu 9000
ip -n red link set b0 mtu 9000
ping -c 1 -s 8000 10.0.0.2
ip link set lo mtu 1000
ip link show lo
