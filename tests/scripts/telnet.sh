# Whether somebody answers at a port, as telnet says it.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
ip netns exec red telnet 10.0.0.2 80
ip netns exec red telnet 10.0.0.2
ip netns exec red telnet 10.0.0.2 http
ip netns exec red telnet 10.9.0.9 80
ip netns exec red telnet 10.0.0.9 80
ip netns exec red telnet localhost 80
ip netns exec red telnet -4 -b 10.0.0.1 10.0.0.2 80
ip netns exec red telnet -b 10.0.0.7 10.0.0.2 80
ip netns exec red telnet nobody 80
ip netns exec red telnet 10.0.0.2 nothing
ip netns exec red telnet 10.0.0.2 99999
ip netns exec red telnet 10.0.0.2 0
ip netns exec red telnet 10.0.0.2 80 x
ip netns exec red telnet -q
ip netns exec blue python3 -m http.server 80 &
ip netns exec red telnet 10.0.0.2 80
ip netns exec red telnet 10.0.0.2 80 </dev/null
echo GET / HTTP/1.0 | ip netns exec red telnet 10.0.0.2 80
kill %%
