ip route get 127.0.0.1
ip route get 10.0.0.1
ip link add a0 type veth peer name b0
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.0.0.2/24 dev a0
ip route get 10.0.0.1
ip route get 10.0.0.9
ip link set a0 up
ip route get 10.0.0.9
ip link set b0 up
ip route get 10.0.0.1
ip route get 10.0.0.9
ip route get 10.0.0.255
ip route get 10.0.0.0
ip route get 255.255.255.255
ip route get 224.0.0.1
ip route get 224.0.0.1 oif a0
ip route get 10.0.0.9 from 10.0.0.2
ip route get 10.0.0.9 from 10.0.0.77
ip route get 10.0.0.9 oif a0
ip route get 10.0.0.9 oif b0
ip route get 8.8.8.8
ip route get 8.8.8.8 oif a0
ip route get 8.8.8.8 oif nosuch
ip route add default via 10.0.0.254
ip route get 8.8.8.8
ip route get 8.8.8.8 from 10.0.0.2
ip route get to 8.8.8.8
ip route get 8.8.8.8/32
ip route get 8.8.8.0/24
ip route get 8.8.8.8 from 10.0.0.9 iif b0
sysctl -w net.ipv4.ip_forward=1
ip route get 8.8.8.8 from 10.9.9.9 iif b0
ip route get 10.0.0.1 from 10.0.0.9 iif a0
ip route get 127.0.0.5
ip route get 0.0.0.0
