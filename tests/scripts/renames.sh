ip link add a0 type veth peer name b0
ip addr add 10.0.0.1/24 dev a0
ip link set a0 name east
ip link show east
ip addr show east
ip link set east up
ip link set b0 up
ip route
ip link set east name west
ip addr show west
ip route
ip link set west down
ip link set west name north
ip addr show north
ip link show b0
ip link set b0 name north
ip link set b0 name averylongname15
ip link set averylongname15 name averylongname016
ip link set averylongname15 name b0
ip link show
