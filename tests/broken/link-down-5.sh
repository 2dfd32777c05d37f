# A namespace whose loopback was never set up, with a default route that takes the loopback addresses out.
# cause: link-down
# namespace: cell
# try: ip netns exec cell ip link set lo up
# then: works
ip netns add cell
ip link add c0 type veth peer name c1 netns cell
ip addr add 10.41.0.1/24 dev c0
ip link set c0 up
ip -n cell addr add 10.41.0.2/24 dev c1
ip -n cell link set c1 up
ip -n cell route add default via 10.41.0.1
ip netns exec cell ping -c 1 -W 1 127.0.0.9
