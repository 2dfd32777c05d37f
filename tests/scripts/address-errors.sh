ip link add a0 type veth peer name b0
ip addr add 10.0.0.1/24
ip addr add dev a0
ip addr add 10.0.0.1/24 dev nosuch
ip addr add 10.0.0.1/33 dev a0
ip addr add 10.0.0/24 dev a0
ip addr add 10.0.0.256/24 dev a0
ip addr add ten/8 dev a0
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.0.0.1/25 dev a0
ip addr add 10.0.0.1 dev a0
ip addr show a0
ip addr del 10.0.0.2/24 dev a0
ip addr del 10.0.0.1/26 dev a0
ip addr del 10.0.0.1/24 dev nosuch
ip addr del 10.0.0.1/24 dev b0
ip addr del 10.0.0.1/24 dev a0
ip addr show a0
ip addr del 10.0.0.1/25 dev a0
ip addr del 10.0.0.1 dev a0
ip addr add 0.0.0.0/0 dev a0
ip addr add 224.0.0.1/24 dev a0
ip addr add 255.255.255.255/32 dev a0
ip addr add 10.0.0.1/24 dev a0 frobnicate
ip addr add 10.0.0.1/24 dev a0 scope nosuch
ip addr add 10.0.0.1/24 dev a0 label other
ip addr add 10.0.0.1/24 dev a0 label a0:one
ip addr show
ip addr show dev nosuch
ip addr frobnicate
ip addr flush
