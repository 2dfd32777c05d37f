ip link add a0 type veth peer name b0
ip addr add 10.0.0.1/24 dev a0
ip route add 10.1.0.0/24 dev a0
ip route add 10.1.0.0/24 via 10.0.0.2
ip link set a0 up
ip link set b0 up
ip route add 10.1.0.0/24 dev nosuch
ip route add 10.1.0.0/24
ip route add 10.1.0.0/33 dev a0
ip route add 10.1.0.1/24 dev a0
ip route add 10.1.0.0/24 via 10.9.0.1
ip route add 10.1.0.0/24 via 10.0.0.1
ip route add 10.1.0.0/24 via 10.0.0.255
ip route add 10.1.0.0/24 via 0.0.0.0
ip route add 10.1.0.0/24 via nowhere
ip route add 10.1.0.0/24 via 10.0.0.2
ip route add 10.1.0.0/24 via 10.0.0.2
ip route add 10.1.0.0/24 via 10.0.0.3
ip route append 10.1.0.0/24 via 10.0.0.3
ip route append 10.1.0.0/24 via 10.0.0.3
ip route show
ip route del 10.1.0.0/24 via 10.0.0.9
ip route del 10.1.0.0/24 dev b0
ip route del 10.1.0.0/24 metric 5
ip route del 10.1.0.0/24
ip route del 10.1.0.0/24
ip route del 10.1.0.0/24
ip route del default
ip route add default via 10.0.0.2
ip route add default via 10.0.0.3
ip route change default via 10.0.0.3
ip route change 10.7.0.0/24 via 10.0.0.3
ip route replace 10.7.0.0/24 via 10.0.0.3
ip route add 10.8.0.0/24 via 10.0.0.2 dev b0
ip route add 10.8.0.0/24 dev a0 src 10.0.0.77
ip route add 10.8.0.0/24 dev a0 scope nosuch
ip route add 10.8.0.0/24 dev a0 metric many
ip route add 10.8.0.0/24 dev a0 table nosuch
ip route add nosuchtype 10.8.0.0/24
ip route add 10.8.0.0/24 dev a0 frobnicate
ip route show
ip route frobnicate
ip route get
ip route get 10.300.0.1
