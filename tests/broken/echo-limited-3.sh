# A limit of nothing at all in a second, on everything that the router's mask names: echo replies too.
# cause: echo-limited
# namespace: r
# then: works
ip netns add r
ip link add a0 type veth peer name r0 netns r
ip link set a0 up
ip -n r link set r0 up
ip addr add 10.0.0.1/24 dev a0
ip -n r addr add 10.0.0.2/24 dev r0
ip netns exec r sysctl -w net.ipv4.icmp_ratemask=1
ip netns exec r sysctl -w net.ipv4.icmp_msgs_per_sec=0
ping -c 2 -W 1 10.0.0.2
