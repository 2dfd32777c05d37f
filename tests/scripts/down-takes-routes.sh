ip link add a0 type veth peer name b0
ip link set a0 up
ip link set b0 up
ip addr add 10.0.0.1/24 dev a0
ip route add 10.1.0.0/24 via 10.0.0.2
ip route add default dev a0
ip route add 10.2.0.0/24 dev b0
ip route
ip link set a0 down
ip route
ip link set a0 up
ip route
ip route add 10.1.0.0/24 via 10.0.0.2
ip addr del 10.0.0.1/24 dev a0
ip route
ip addr add 10.0.0.1/24 dev a0
ip route add 10.3.0.0/24 dev b0 src 10.0.0.1
ip route
ip addr del 10.0.0.1/24 dev a0
ip route
ip link del a0
ip route
