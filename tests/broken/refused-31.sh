# A mistyped keyword of a route: the word that was meant is the way to a mend.
# cause: refused
# namespace: host
# try: ip route add default via 10.31.0.2
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.31.0.1/24 dev a0
ip -n red addr add 10.31.0.2/24 dev b0
ip link set a0 up
ip -n red link set b0 up
ip route add default vai 10.31.0.2
