# Device or resource busy: both ends of a new pair are to have one index.
# cause: refused
# namespace: host
# try: ip link add a0 index 30 type veth peer name b0 index 31
# then: works
ip link add a0 index 30 type veth peer name b0 index 30
