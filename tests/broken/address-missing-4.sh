# The sender's only address is gone, and with it all its routes.
# cause: address-missing
# namespace: red
# then: works
ip netns add red
ip netns add r
ip netns add blue
ip link add ra netns red type veth peer name ar netns r
ip link add rb netns blue type veth peer name rr netns r
ip -n red link set ra up
ip -n red link set lo up
ip -n r link set ar up
ip -n r link set rr up
ip -n r link set lo up
ip -n blue link set rb up
ip -n blue link set lo up
ip -n red addr add 10.0.1.2/24 dev ra
ip -n r addr add 10.0.1.1/24 dev ar
ip -n r addr add 10.0.2.1/24 dev rr
ip -n blue addr add 10.0.2.2/24 dev rb
ip -n red route add default via 10.0.1.1
ip -n blue route add default via 10.0.2.1
ip netns exec r sysctl -w net.ipv4.ip_forward=1
ip -n red addr flush dev ra
ip netns exec red ping -c 1 -W 1 10.0.2.2
