# Device or resource busy: the far end is to have an index that a link there has.
# cause: refused
# namespace: host
# try: ip link add c0 index 33 type veth peer name d0 netns red index 32
# then: works
ip netns add red
ip link add a0 index 30 type veth peer name b0 netns red index 31
ip link add c0 index 33 type veth peer name d0 netns red index 31
