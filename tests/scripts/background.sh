# Programs in the background. What they print comes when the command in the foreground has ended.
ip netns add red
ip link add veth-host type veth peer name veth-red netns red
ip addr add 192.168.1.1/24 dev veth-host
ip link set veth-host up
ip netns exec red ip addr add 192.168.1.2/24 dev veth-red
ip netns exec red ip link set veth-red up

# each program, until it ends by itself; a shell that nobody sits before numbers its jobs as their ends come
ping -c 2 -i 0.2 192.168.1.2 &
wait
ping -q -c 2 -i 1 192.168.1.2 &
sleep 0.2
jobs
wait %%
jobs
ip netns exec red ping -c 1 192.168.1.1 &
wait
ping -c 1 192.168.1.77 &
wait
ping -c 1 10.9.9.9 &
wait
traceroute -n 192.168.1.2 &
wait
sleep 0.3 &
wait
