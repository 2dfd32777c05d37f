# The route has an MTU that IPv4 cannot work with: the kernel refuses to send.
# cause: mtu-too-small
# namespace: host
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip link set a0 up
ip -n red link set b0 up
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip route change 10.0.0.0/24 dev a0 mtu 67
ping -c 1 -W 1 10.0.0.2
