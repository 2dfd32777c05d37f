# The sockets of a namespace, its routes and its links, as netstat shows them.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
ip -n red route add default via 10.0.0.2
# Before anything: to look for names, the tool would ask 127.0.0.1.
ip netns exec blue netstat -in
ip netns exec red netstat -in
ip netns exec red netstat -i -a -n
ip netns exec blue netstat -tuan
ip netns exec blue netstat -an
ip netns exec blue nc -lk 80 &
sleep 0.3
ip netns exec blue netstat -tln
ip netns exec blue netstat -tl
ip netns exec blue netstat -tlnW
ip netns exec blue netstat -l
ip netns exec blue netstat -tn
ip netns exec blue netstat
ip netns exec blue netstat --tcp --listening --numeric
ip netns exec blue netstat -tlno
# A connection whose port is given, and what is left of it.
echo hi | ip netns exec red nc -N -p 6000 10.0.0.2 80
ip netns exec red netstat -tan
ip netns exec red netstat -ta
ip netns exec red netstat -t
ip netns exec red netstat -tno
ip netns exec red netstat -tnl
kill %1
ip netns exec blue nc -luk 10.0.0.2 53 &
sleep 0.3
ip netns exec blue netstat -uln
ip netns exec blue netstat -ul
ip netns exec blue netstat -una
ip netns exec blue netstat -un
ip netns exec blue netstat -tuln
kill %%
ip netns exec red netstat -rn
ip netns exec red netstat -r
ip netns exec red netstat -rne
ip netns exec blue netstat -rn
ip netns exec red netstat -V
ip netns exec red netstat --foo
