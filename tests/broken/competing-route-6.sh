# Half of all addresses go into a tunnel, where one of them is not. To delete that half would cut off the others.
# cause: competing-route
# namespace: host
# try: ip route add 10.154.0.7 via 10.61.0.1 dev w0
# then: works
ip netns add near
ip netns add tunnel
ip link add w0 type veth peer name n0 netns near
ip link add t0 type veth peer name t1 netns tunnel
ip addr add 10.61.0.2/24 dev w0
ip addr add 10.62.0.2/24 dev t0
ip link set w0 up
ip link set t0 up
ip -n near addr add 10.61.0.1/24 dev n0
ip -n near addr add 10.154.0.7/32 dev lo
ip -n near link set n0 up
ip -n near link set lo up
ip -n tunnel addr add 10.62.0.1/24 dev t1
ip -n tunnel addr add 10.155.0.7/32 dev lo
ip -n tunnel link set t1 up
ip -n tunnel link set lo up
ip route add default via 10.61.0.1
ip route add 10.128.0.0/9 via 10.62.0.1
ping -c 1 -W 1 10.155.0.7
ping -c 1 -W 1 10.154.0.7
