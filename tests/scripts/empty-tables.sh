# A routing table that was made stays, be it empty; a route that was refused has made its table.
ip link add a0 type veth peer name b0
ip addr add 10.0.0.1/24 dev a0
ip link set a0 up
ip link set b0 up
ip route show table 100
ip route add 10.5.0.0/24 dev a0 table 100
ip route show table 100
ip route del 10.5.0.0/24 table 100
ip route show table 100
ip route flush table 100
ip route flush table 101
ip route show table 102 dev a0
ip route add 10.6.0.0/24 via 1.2.3.4 table 103
ip route show table 103
ip route del 10.6.0.0/24 table 104
ip route show table 104
ip netns add red
ip netns exec red route -n
ip -n red route show table main
ip -n red route show table local
ip -n red route del default
ip netns exec red route -n
ip -n red route show table local
ip -n red route add default via 10.0.0.1
ip netns exec red route -n
ip -n red route show
ip -n red route show table local
ip -n red route show table default
ip -n red route flush table main
ip -n red link set lo up
ip -n red link set lo down
ip -n red route show table local
