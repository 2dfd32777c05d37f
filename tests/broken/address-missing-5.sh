# The gateway of a pod with a single address is meant to be at the host's end, where no address was given.
# cause: address-missing
# namespace: host
# then: works
# try: ip addr add 169.254.1.1/32 dev cali0
ip netns add pod
ip netns add out
ip link add cali0 type veth peer name e0 netns pod
ip link add up0 type veth peer name o0 netns out
ip link set cali0 up
ip link set up0 up
ip addr add 198.51.100.1/24 dev up0
ip -n pod link set lo up
ip -n pod link set e0 up
ip -n pod addr add 10.60.1.5/32 dev e0
ip -n pod route add 169.254.1.1 dev e0 scope link
ip -n pod route add default via 169.254.1.1 dev e0
ip -n out addr add 198.51.100.9/24 dev o0
ip -n out link set o0 up
ip -n out route add 10.60.0.0/16 via 198.51.100.1
ip route add 10.60.1.5 dev cali0 scope link
sysctl -w net.ipv4.ip_forward=1
ip netns exec pod ping -c 1 -W 4 198.51.100.9
