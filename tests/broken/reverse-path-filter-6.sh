# The host has the gateway's address on two links, and a strict filter throws the pod's ARP requests away.
# cause: reverse-path-filter
# namespace: host
# then: works
# try: ip route add 10.70.1.4 dev ptp0
ip netns add pod
ip netns add other
ip link add ptp0 type veth peer name e0 netns pod
ip link add cni0 type veth peer name e0 netns other
ip addr add 10.70.1.1/32 dev ptp0
ip addr add 10.70.1.1/24 dev cni0
ip link set ptp0 up
ip link set cni0 up
ip -n pod addr add 10.70.1.4/32 dev e0
ip -n pod link set lo up
ip -n pod link set e0 up
ip -n pod route add 10.70.1.1 dev e0 src 10.70.1.4
ip -n pod route add default via 10.70.1.1 dev e0
ip -n other addr add 10.70.1.3/24 dev e0
ip -n other link set e0 up
sysctl -w net.ipv4.conf.ptp0.rp_filter=1
ip netns exec pod ping -c 1 -W 4 10.70.1.1
