ifconfig
ifconfig lo
ifconfig nosuch
ip link add a0 address 02:00:00:00:00:0a type veth peer name b0 address 02:00:00:00:00:0b
ifconfig a0
ifconfig
ifconfig -a
ip addr add 10.0.0.1/24 dev a0
ifconfig a0
ip link set a0 up
ifconfig a0
ip link set b0 up
ifconfig a0
ip addr add 10.0.0.2/24 brd + dev a0 label a0:1
ip addr add 10.1.0.2/16 brd + dev a0
ifconfig
ip addr add 10.5.0.1 peer 10.5.0.2 dev b0
ifconfig b0
ping -c 1 -s 1000 10.0.0.1
ifconfig lo
ip link set a0 mtu 1400
ifconfig a0
ip link set lo down
ifconfig lo
