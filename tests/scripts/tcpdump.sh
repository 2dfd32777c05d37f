# What tcpdump shows beside other programs. Without times, and line by line.
ip netns add red
ip link add veth-host type veth peer name veth-red netns red
ip addr add 192.168.1.2/24 dev veth-host
tcpdump -i veth-host -c 1
tcpdump -i nope -c 1
ip link set veth-host up
ip netns exec red ip addr add 192.168.1.1/24 dev veth-red
ip netns exec red ip link set veth-red up
tcpdump -i veth-host -c 1 hosst red
tcpdump -i any -c 1 ether host 02:00:00:00:00:01
tcpdump -c many

# ARP and an echo
tcpdump -lnt -i veth-host -c 4 &
ping -q -c 1 192.168.1.1
wait

# both directions on all links, with what leads them
ip netns exec red tcpdump -lnte -i any -c 2 icmp &
ping -q -c 1 192.168.1.1
wait

# more of each packet
tcpdump -lntvv -i veth-host -c 2 icmp and src host 192.168.1.1 or 192.168.1.2 &
ping -q -c 1 -s 100 192.168.1.1
wait

# fragments
tcpdump -lnte -i veth-host -c 6 ip &
ping -q -c 1 -s 3500 192.168.1.1
wait

# nobody answers
tcpdump -lnt -i veth-host -c 3 'arp and host 192.168.1.77' &
ping -q -c 1 -W 4 192.168.1.77
wait

# ended by hand
tcpdump -lnt -i veth-host icmp &
ping -q -c 1 192.168.1.1
kill %%
wait

# a link that goes takes its capture with it
tcpdump -lnt -i veth-host &
ip link del veth-host
wait
