# Datagrams.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
ip netns exec blue nc -lku 5000 &
sleep 0.3
echo hello | ip netns exec red nc -u -w 1 10.0.0.2 5000
echo again | ip netns exec red nc -u -w 1 10.0.0.2 5000
ip netns exec red nc -uzv 10.0.0.2 5000
ip netns exec red nc -uz 10.0.0.2 5000
ip netns exec red nc -uzv 10.0.0.2 5001
ip netns exec red nc -uz 10.0.0.2 5001
echo nobody | ip netns exec red nc -u -w 1 10.0.0.2 5001
ip netns exec red nc -uzv -w 1 10.0.0.2 5000
ip netns exec red nc -uzv 10.9.0.1 5000
ip netns exec red nc -uv -w 1 255.255.255.255 5000
kill %1
wait
ip netns exec blue nc -lu 5000 &
sleep 0.3
echo hello | ip netns exec red nc -u -w 1 10.0.0.2 5000
kill %1
wait
