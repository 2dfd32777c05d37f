ip link add a0 type veth peer name b0
ip link set a0 up
ip link set b0 up
ip neigh add 10.0.0.2
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01
ip neigh add 10.0.0.2 dev a0
ip neigh add 10.0.0.2 dev nosuch lladdr 02:00:00:00:00:01
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00 dev a0
ip neigh add 10.0.0.2 lladdr nonsense dev a0
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev a0 nud nosuch
ip neigh add ten lladdr 02:00:00:00:00:01 dev a0
ip neigh add lladdr 02:00:00:00:00:01 dev a0
ip neigh del 10.0.0.2 dev a0
ip neigh del 10.0.0.2
ip neigh del 10.0.0.2 dev nosuch
ip neigh get 10.0.0.2 dev a0
ip neigh show dev nosuch
ip neigh show nud nosuch
ip neigh frobnicate
ip neigh flush
ip neigh show
