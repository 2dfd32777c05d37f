# A server in the background, and clients that send a line, in and across namespaces.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
ip netns exec blue nc -l 5000 &
sleep 0.3
echo hello there | ip netns exec red nc -N 10.0.0.2 5000
wait
# That one has ended: nobody is there now.
ip netns exec red nc 10.0.0.2 5000
ip netns exec red nc -v 10.0.0.2 5000
ip netns exec red nc -zv 10.0.0.2 4999-5001
# One that goes on.
ip netns exec blue nc -lk 5000 &
sleep 0.3
echo one | ip netns exec red nc -N 10.0.0.2 5000
echo -n two | ip netns exec red nc -N 10.0.0.2 5000
echo three | ip netns exec red nc -v -N 10.0.0.2 5000
ip netns exec red nc -z 10.0.0.2 5000
ip netns exec red nc -zv 10.0.0.2 5000
ip netns exec red nc -zvn 10.0.0.2 4999-5001
ip netns exec red nc -z 10.0.0.2 5001
# It never ends by itself, so that these end by their own time.
echo four | ip netns exec red nc -q 1 10.0.0.2 5000
echo five | ip netns exec red nc -w 1 10.0.0.2 5000
ip netns exec red nc -w 1 10.0.0.2 5000 </dev/null
# From where.
ip netns exec red nc -z -s 10.0.0.1 10.0.0.2 5000
ip netns exec red nc -z -s 10.0.0.7 10.0.0.2 5000
ip netns exec red nc -z -p 6000 10.0.0.2 5000
ip netns exec red nc -z -p 6000 10.0.0.2 5000
ip netns exec red nc -zv 10.0.0.1 5000
ip netns exec red nc -zv localhost 5000
ip netns exec red nc -zv 10.9.0.1 5000
ip netns exec red nc -zv 255.255.255.255 5000
kill %%
wait
