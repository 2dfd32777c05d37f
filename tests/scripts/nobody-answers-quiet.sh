ip link add a0 type veth peer name b0
ip addr add 10.0.0.1/24 dev a0
ip link set a0 up
ip link set b0 up
ping -c 4 -W 1 -q 10.0.0.9
ip neigh
