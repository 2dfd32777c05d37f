# A mistyped word behind the name of a link: ip itself refuses it.
# cause: refused
# namespace: host
# try: ip link set a0 up
# then: works
ip link add a0 type veth peer name b0
ip link set a0 upp
