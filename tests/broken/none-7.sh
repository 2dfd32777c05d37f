# Both ends of a wire are at home, and what comes in from an own address is accepted.
# cause: none
# namespace: host
# then: nothing
ip link add x0 type veth peer name x1
ip addr add 10.93.0.1/24 dev x0
ip addr add 10.93.0.2/24 dev x1
ip link set x0 up
ip link set x1 up
sysctl -w net.ipv4.conf.x1.accept_local=1
ping -c 1 -W 4 -I x0 10.93.0.2
