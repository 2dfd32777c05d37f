ip link add br0 address 02:00:00:00:00:99 type bridge mcast_snooping 0 forward_delay 200 hello_time 100 max_age 600 stp_state 1
ip link add br1 address 02:00:00:00:00:98 type bridge mcast_snooping 0 forward_delay 200 hello_time 100 max_age 600 stp_state 1
ip link add a0 address 02:00:00:00:00:10 type veth peer name b0 address 02:00:00:00:00:11
ip link add a1 address 02:00:00:00:00:20 type veth peer name b1 address 02:00:00:00:00:21
ip link set a0 master br0 up
ip link set a1 master br0 up
ip link set b0 master br1 up
ip link set b1 master br1 up
bridge link
ip link set br0 up
bridge link
ip link set br1 up
bridge link
ip link show br0
bridge link set dev a0 state forwarding
sleep 3
bridge link
sleep 2.5
bridge link
ip link show br0
ip link show br1
ip link set b0 down
bridge link
sleep 3
bridge link
sleep 2
bridge link
ip link set b0 up
sleep 3
bridge link
sleep 2.5
bridge link
ip link set br0 type bridge priority 4096
sleep 1.5
bridge link
sleep 5
bridge link
bridge link set dev a0 cost 100
bridge link set dev b1 priority 1
sleep 1.5
bridge link
ip link set br1 type bridge stp_state 0
bridge link
ip link set br0 type bridge hello_time 50
ip link set br0 type bridge max_age 100
ip link set br0 type bridge forward_delay 100
ip link set a0 type bridge stp_state 1
ip link set br0 type bridge stp_state
ip link set br0 type bridge stp_state x
ip link set br0 type bridge priority 70000
ip link set br0 mtu 1400 type bridge ageing_time 100
ip link show br0
ip link set br0 type bridge
