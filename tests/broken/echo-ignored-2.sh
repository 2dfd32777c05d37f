# Nobody answers to a broadcast.
# cause: echo-ignored
# namespace: red
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip addr add 10.0.0.1/24 broadcast 10.0.0.255 dev a0
ip -n red addr add 10.0.0.2/24 broadcast 10.0.0.255 dev b0
sysctl -w net.ipv4.icmp_echo_ignore_all=1
ping -c 1 -W 1 -b 10.0.0.255
