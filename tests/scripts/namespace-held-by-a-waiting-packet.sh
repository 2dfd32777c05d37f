# A packet that waits for a neighbour holds its socket, and the socket its namespace: without its name, the
# namespace lives on until the neighbour is given up.
ip netns add red
ip link add v0 type veth peer name w0 netns red
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
ip -n red addr add 10.0.0.2/24 dev w0
ip -n red link set w0 up
ip netns exec red ping -c 1 -W 0.3 10.0.0.9
ip netns del red
ip netns list
ip -br link
sleep 4
ip -br link
