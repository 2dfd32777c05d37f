ip link add a0 address 02:00:00:00:00:0a txqueuelen 500 mtu 1300 type veth peer name b0 address 02:00:00:00:00:0b
ip link show a0
ip link set a0 address 02:00:00:00:00:aa
ip link show a0
ip link set a0 up
ip link set a0 address 02:00:00:00:00:ab
ip link show a0
ip link set a0 txqueuelen 100
ip link show a0
ip link set a0 arp off
ip link show a0
ip link set a0 arp on
ip link set a0 multicast off
ip link show a0
ip link set a0 multicast on
ip link set a0 promisc on
ip link show a0
ip link set a0 promisc off
ip link set b0 up mtu 1200
ip link show
ip link add index 77 name c0 type veth peer name d0
ip link show
ip link add index 77 name e0 type veth peer name f0
ip link add name g0 type veth peer name h0
ip link show
ip link add type veth
ip link show type veth
