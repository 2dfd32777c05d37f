ping -c 1 10.0.0.1
ping -c 1 8.8.8.8
ping -c 1 255.255.255.255
ping -c 1 0.0.0.0
ping -c 1 224.0.0.1
ip link add a0 type veth peer name b0
ip addr add 10.0.0.1/24 dev a0
ping -c 1 10.0.0.1
ping -c 1 -W 1 10.0.0.2
ip link set a0 up
ping -c 1 -W 1.5 10.0.0.2
ip link set b0 up
ping -c 1 10.0.0.1
ping -c 1 10.0.0.255
ping -c 1 -W 1 -b 10.0.0.255
ping -c 1 10.1.0.1
ip link set lo down
ping -c 1 -W 1 127.0.0.1
ping -c 1 -W 1 10.0.0.1
ip link set lo up
ping -c 1 -W 1 127.0.0.1
