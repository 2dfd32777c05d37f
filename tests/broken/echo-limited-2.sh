# A limit so slow that the first answer takes all that there is for an address.
# cause: echo-limited
# namespace: red
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip -n red link set lo up
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip netns exec red sysctl -w net.ipv4.icmp_ratemask=6169
ip netns exec red sysctl -w net.ipv4.icmp_ratelimit=60000
ping -c 1 -W 1 10.0.0.2
ping -c 1 -W 1 10.0.0.2
