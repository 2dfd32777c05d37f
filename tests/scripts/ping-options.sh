ip netns add red
ip link add a0 type veth peer name b0 netns red
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.0.0.3/24 dev a0
ip -n red addr add 10.0.0.2/24 dev b0
ip link set a0 up
ip -n red link set b0 up
ping -c 2 10.0.0.2
ping -c 2 -i 0.2 10.0.0.2
ping -c 2 -i 0.2 -q 10.0.0.2
ping -c1 -n 10.0.0.2
ping -c 1 -t 7 10.0.0.2
ping -c 1 -s 0 10.0.0.2
ping -c 1 -s 8 10.0.0.2
ping -c 1 -s 16 10.0.0.2
ping -c 1 -s 100 10.0.0.2
ping -c 1 -s 1472 10.0.0.2
ping -c 1 -I 10.0.0.3 10.0.0.2
ping -c 1 -I a0 10.0.0.2
ping -c 1 -I 10.0.0.77 10.0.0.2
ping -c 1 -I nosuch 10.0.0.2
ping -c 1 -I lo 127.0.0.1
ping -c 1 -W 0.5 10.0.0.2
ping -c 1 -W 1 -q 10.0.0.2
ping -c 1 127.0.0.1
ping -c 1 127.1.2.3
ping -c 1 10.0.0.1
ping -c 1 0
ping -c 1 10.2
