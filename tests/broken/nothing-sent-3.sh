# An option by a long name, which ping has not: the page says of which letter that is the value.
# cause: nothing-sent
# namespace: host
# try: ping -c 1 -W 1 10.31.0.2
# then: works
ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.31.0.1/24 dev a0
ip -n red addr add 10.31.0.2/24 dev b0
ip link set a0 up
ip -n red link set b0 up
ping --count 1 -W 1 10.31.0.2
