# A route is passed over, as its link has no carrier.
# cause: no-carrier
# namespace: host
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
sysctl -w net.ipv4.conf.a0.ignore_routes_with_linkdown=1
ping -c 1 -W 1 10.0.0.2
