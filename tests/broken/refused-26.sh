# Device or resource busy: a link is to move, with an index that a link there has.
# cause: refused
# namespace: host
# try: ip link set c0 netns red index 32
# then: works
ip netns add red
ip link add a0 index 30 type veth peer name b0 netns red index 31
ip link add c0 type veth peer name d0
ip link set c0 netns red index 31
