ip netns add red
ip link add a0 address 02:00:00:00:00:0a type veth peer name b0 address 02:00:00:00:00:0b netns red
ip link add c0 address 02:00:00:00:00:0c type veth peer name d0 address 02:00:00:00:00:0d
ip -br link
ip -br addr
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.0.0.2/24 dev a0
ip addr add 10.1.0.1 peer 10.1.0.2 dev c0
ip link set a0 up
ip -br link
ip -br addr
ip -n red link set b0 up
ip -br link
ip -br addr
ip -br addr show a0
ip -br addr show up
ip -4 addr
ip -4 addr show a0
ip -n red -br link show
ip -br -n red addr
ip addr show up
ip link show up
ip addr show type veth
