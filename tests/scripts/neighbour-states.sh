ip netns add red
ip link add a0 address 02:00:00:00:00:0a type veth peer name b0 address 02:00:00:00:00:0b netns red
ip addr add 10.0.0.1/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip neigh show
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:99 dev a0
ip link set a0 up
ip -n red link set b0 up
ip neigh show
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:99 dev a0
ip neigh show
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:98 dev a0
ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:98 dev a0 nud stale
ip neigh show
ip neigh change 10.0.0.9 lladdr 02:00:00:00:00:97 dev a0
ip neigh show 10.0.0.9
ip neigh change 10.0.0.8 lladdr 02:00:00:00:00:97 dev a0
ip neigh del 10.0.0.9 dev a0
ip neigh del 10.0.0.9 dev a0
ip neigh show
ping -c 1 10.0.0.2
ip neigh show
ip -n red neigh show
ip neigh flush dev a0
ip neigh show
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev a0 nud permanent
ip neigh show nud permanent
ping -c 1 10.0.0.2
ip neigh flush dev a0
ip neigh show
ip neigh del 10.0.0.2 dev a0
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:77 dev a0
ping -c 1 -W 1 10.0.0.2
ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:0b dev a0 nud reachable
ping -c 1 10.0.0.2
ip neigh show
arp -n
ip link set a0 down
ip neigh show
ip link set a0 up
ip neigh show
