# The errors that a machine tells itself come in by lo: a raw socket that is bound to another link does not hear them.
ip link set lo up
ip netns add router
ip link add out type veth peer name in netns router
ip addr add 10.0.0.1/24 dev out
ip link set out up
ip -n router addr add 10.0.0.2/24 dev in
ip -n router link set in up
ip netns exec router sysctl -w net.ipv4.ip_forward=1
# a router's errors come in by the link
ip route add default via 10.0.0.2
ping -c 1 -W 1 -I out 10.9.9.9
ping -c 1 -W 1 -t 1 -I out 10.9.9.9
# its own addresses answer whatever link it is bound to
ping -c 1 -W 1 -I out 10.0.0.1
# what is too long the socket is told at once
ping -c 1 -W 1 -M do -s 2000 -I out 10.0.0.2
# nobody answers
ping -c 1 -W 4 10.0.0.9
ping -c 1 -W 4 -I out 10.0.0.9
traceroute -n -q 1 -w 4 -m 1 -i out 10.0.0.77
traceroute -n -q 1 -w 4 -m 1 -I -i out 10.0.0.77
