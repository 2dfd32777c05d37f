ip link add a0 type veth peer name b0
ip link add c0 type veth peer name d0
ip link set a0 up
ip link set b0 up
ip link set c0 up
ip link set d0 up
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.0.1.1/24 dev c0
ip route add 10.9.0.0/16 via 10.0.0.2 metric 200
ip route add 10.9.0.0/16 via 10.0.1.2 metric 100
ip route add 10.9.8.0/24 via 10.0.0.2
ip route show
route -n
ip route get 10.9.1.1
ip route get 10.9.8.1
ip route del 10.9.0.0/16 metric 100
ip route get 10.9.1.1
ip route del 10.9.0.0/16
ip route get 10.9.1.1
ip route add 10.8.0.0/24 dev a0 scope link
ip route add 10.8.1.0/24 dev a0 scope host
ip route add 10.8.2.0/24 dev a0 scope global
ip route add 10.8.3.0/24 via 10.8.0.1
ip route add 10.8.4.0/24 via 10.8.1.1
ip route add 10.8.5.0/24 via 10.8.2.1
ip route add 10.8.6.0/24 via 10.8.3.1
ip route add 10.8.7.0/24 dev c0 proto static
ip route add 10.8.8.0/24 dev c0 src 10.0.1.1
ip route add 10.8.9.0/24 dev c0 mtu 1400
ip route add 10.8.10.0/24 via 172.16.0.1 dev c0 onlink
ip route show
ip route show proto static
ip route show proto kernel
ip route show scope link
ip route show 10.8.0.0/16
ip route show root 10.8.0.0/16
ip route show exact 10.8.0.0/24
ip route show match 10.8.9.5
ip route get 10.8.9.5
ip route get 10.8.8.5
ip route get 10.8.10.5
ip route show table all
ip route show table main
ip route show table 254
ip route show table default
ip route add 10.7.0.0/24 dev a0 table 100
ip route show table 100
ip route show default
route -n
