ip link show nosuch
ip link show dev nosuch
ip link set nosuch up
ip link set dev nosuch down
ip link del nosuch
ip link add a0 type veth peer name a0
ip link add a0 type veth peer name b0
ip link add a0 type veth peer name c0
ip link add c0 type veth peer name b0
ip link add lo type veth peer name c0
ip link add averyveryverylongname type veth peer name c0
ip link add c/0 type veth peer name d0
ip link add c0 type veth peer name d/0
ip link add c0 type nosuchtype
ip link add type veth peer name
ip link add c0
ip link del lo
ip link set a0 name b0
ip link set a0 mtu 67
ip link set a0 mtu 68
ip link set a0 mtu 65535
ip link set a0 mtu 65536
ip link set a0 mtu twelve
ip link set a0 address 01:00:00:00:00:01
ip link set a0 address 00:00:00:00:00:00
ip link set a0 address 02:00:00:00:00
ip link set a0 netns nosuch
ip link set a0 up down
ip link set a0 frobnicate
ip link set a0
ip link set lo netns red
ip link set lo name loop
ip link frobnicate
ip link show up
ip link show type veth
ip link show type nosuch
