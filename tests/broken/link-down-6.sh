# A namespace whose loopback was never set up, and nothing else in it.
# cause: link-down
# namespace: cell
# try: ip netns exec cell ip link set lo up
# then: works
ip netns add cell
ip netns exec cell ping -c 1 -W 1 127.0.0.1
