# The answer takes the router's own way out. To put another default route in its place would cut that way off.
# cause: wrong-gateway
# namespace: edge
# try: ip netns exec edge ip route add 10.51.0.0/24 via 10.52.0.2
# then: works
ip netns add leaf
ip netns add edge
ip netns add far
ip link add m0 type veth peer name l0 netns leaf
ip link add m1 type veth peer name e0 netns edge
ip link add e1 netns edge type veth peer name f0 netns far
ip addr add 10.51.0.1/24 dev m0
ip addr add 10.52.0.2/24 dev m1
ip link set m0 up
ip link set m1 up
ip -n leaf addr add 10.51.0.9/24 dev l0
ip -n leaf link set l0 up
ip -n leaf route add default via 10.51.0.1
ip -n edge addr add 10.52.0.1/24 dev e0
ip -n edge addr add 10.53.0.1/24 dev e1
ip -n edge link set e0 up
ip -n edge link set e1 up
ip -n edge route add default via 10.53.0.9
ip -n far addr add 10.53.0.9/24 dev f0
ip -n far addr add 10.54.0.1/32 dev lo
ip -n far link set f0 up
ip -n far link set lo up
sysctl -w net.ipv4.ip_forward=1
ip netns exec edge ping -c 1 -W 1 10.54.0.1
ip netns exec leaf ping -c 1 -W 1 10.52.0.1
