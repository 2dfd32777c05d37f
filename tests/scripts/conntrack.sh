# Connections as `conntrack` lists and deletes them. Two hosts; red tracks.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set r0 up
ip -n blue link set b0 up
ip netns exec red conntrack -L
ip netns exec red ping -c 1 -q 10.0.0.2
ip netns exec red conntrack -L
ip netns exec red iptables -A INPUT -m conntrack --ctstate INVALID -j DROP
ip netns exec red conntrack -C
ip netns exec red ping -c 1 -q 10.0.0.2
ip netns exec red conntrack -L
ip netns exec red conntrack -C
ip netns exec red sysctl net.netfilter.nf_conntrack_count
ip netns exec blue conntrack -L
ip netns exec blue nc -n -lk 5000 &
echo hi | ip netns exec red nc -n -N -p 40000 -w 1 10.0.0.2 5000
ip netns exec red conntrack -L -p tcp
ip netns exec red conntrack -L -o extended
ip netns exec red conntrack -L -o id,timestamp
ip netns exec red conntrack -L -o save
ip netns exec red cat /proc/net/nf_conntrack
kill %1
# A port where nobody listens leaves no entry; a datagram that nobody answers is [UNREPLIED].
ip netns exec red nc -n -z -w 1 10.0.0.2 5001
ip netns exec red conntrack -L -p tcp --dport 5001
ip -n blue link set b0 down
ip -n red neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev r0
ip -n blue link set b0 up
echo hi | ip netns exec red nc -n -u -p 40001 -q 0 10.0.0.9 53
ip netns exec red conntrack -L -p udp
# Filters.
ip netns exec red conntrack -L -p tcp --state TIME_WAIT
ip netns exec red conntrack -L -p tcp --state ESTABLISHED
ip netns exec red conntrack -L -p tcp --dport 5000
ip netns exec red conntrack -L -p tcp --dport 5000 --sport 1
ip netns exec red conntrack -L -p tcp --reply-port-dst 40000
ip netns exec red conntrack -L -p icmp --icmp-type 8 --icmp-code 0
ip netns exec red conntrack -L -p icmp --icmp-type 0
ip netns exec red conntrack -L -s 10.0.0.1
ip netns exec red conntrack -L -s 10.0.0.2
ip netns exec red conntrack -L -d 10.0.0.0/29
ip netns exec red conntrack -L -d 10.0.0.0/31
ip netns exec red conntrack -L -s 10.0.0.99 --mask-src 255.255.255.0
ip netns exec red conntrack -L -d 0.0.0.0/0
ip netns exec red conntrack -L --orig-src 10.0.0.1 --orig-dst 10.0.0.2 --reply-src 10.0.0.2 --reply-dst 10.0.0.1
ip netns exec red conntrack -L -r 10.0.0.9
ip netns exec red conntrack -L -u ASSURED
ip netns exec red conntrack -L -u UNREPLIED
ip netns exec red conntrack -L -u seen_reply,assured
ip netns exec red conntrack -L -u ASSURED,!SEEN_REPLY
ip netns exec red conntrack -L -u UNSET
ip netns exec red conntrack -L -m 0
ip netns exec red conntrack -L -m 1
ip netns exec red conntrack -L -m 0/3
ip netns exec red conntrack -L -w 0
ip netns exec red conntrack -L -w 1
ip netns exec red conntrack -L -f ipv4
ip netns exec red conntrack -L -p 17
ip netns exec red conntrack -L -p TCP
ip netns exec red conntrack -L -p igmp
ip netns exec red conntrack -L conntrack
ip netns exec red conntrack --dump --src 10.0.0.1 -p udp
ip netns exec red conntrack -L -n
ip netns exec red conntrack -L -j 10.0.0.2
# Deleting.
ip netns exec red conntrack -D -p udp --dport 54
ip netns exec red conntrack -D -p udp --dport 53
ip netns exec red conntrack -D -p udp --dport 53
ip netns exec red conntrack -D -p icmp -o extended
ip netns exec red conntrack -D -d 10.0.0.0/24 -o save
ip netns exec red conntrack -D
ip netns exec red ping -c 1 -q 10.0.0.2
ip netns exec red conntrack -F
ip netns exec red conntrack -C
ip netns exec red conntrack -F
