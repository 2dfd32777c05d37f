# A mistyped keyword, in a command for another namespace.
# cause: refused
# namespace: red
# try: ip -n red addr add 10.31.0.2/24 dev b0
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip -n red addr add 10.31.0.2/24 deb b0
