# File exists: a link has the index already.
# cause: refused
# namespace: host
# try: ip link add c0 index 31 type veth peer name d0
# then: works
ip link add a0 index 30 type veth peer name b0
ip link add c0 index 30 type veth peer name d0
