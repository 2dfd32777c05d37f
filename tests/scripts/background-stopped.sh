# Programs in the background that a signal ends. How often they have sent by then depends on how fast the machine is.
ip netns add red
ip link add veth-host type veth peer name veth-red netns red
ip addr add 192.168.1.1/24 dev veth-host
ip link set veth-host up
ip netns exec red ip addr add 192.168.1.2/24 dev veth-red
ip netns exec red ip link set veth-red up

# beside another program
ping -i 0.4 192.168.1.2 &
sleep 1
kill -INT %%
wait
ping -q 192.168.1.2 &
sleep 0.5
kill -2 %%
wait

# ended without a word
ping 192.168.1.2 &
sleep 0.5
kill %%
wait
sleep 100 &
sleep 0.2
kill -INT %%
kill -TERM %%
wait
