# What `conntrack -E` shows of connections as they begin, go on and end. Two hosts; red tracks.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set r0 up
ip -n blue link set b0 up
ip netns exec red iptables -A OUTPUT -m conntrack --ctstate INVALID -j DROP
# All that there is to hear: a ping, what is deleted, and a datagram that nobody answers.
ip netns exec red conntrack -E &
ip netns exec red ping -c 2 -i 0.2 -q 10.0.0.2
ip netns exec red conntrack -D -p icmp
ip -n red neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev r0
echo hi | ip netns exec red nc -n -u -p 40001 -q 0 10.0.0.9 53
echo hi | ip netns exec red nc -n -u -p 40001 -q 0 10.0.0.9 53
ip netns exec red conntrack -F
# A port where nobody listens: the reset ends it.
ip netns exec red nc -n -z -w 1 10.0.0.2 5001
kill %%
wait
# With families and numbers; some events; some connections.
ip netns exec red conntrack -F
ip netns exec red conntrack -E -o extended,id -e NEW,DESTROY &
ip netns exec red ping -c 1 -q 10.0.0.2
ip netns exec red conntrack -F
kill %%
wait
ip netns exec red conntrack -E -e updates -p icmp -s 10.0.0.1 &
ip netns exec red ping -c 1 -q 10.0.0.2
ip netns exec blue ping -c 1 -q 10.0.0.1
ip netns exec red nc -n -z -w 1 10.0.0.2 5001
kill %%
wait
ip netns exec red conntrack -E -p tcp --dport 5002 &
ip netns exec red nc -n -z -w 1 10.0.0.2 5001
ip netns exec red nc -n -z -w 1 10.0.0.2 5002
kill %%
wait
ip netns exec red conntrack -F
ip netns exec red conntrack -E -d 10.0.0.0/30 -o save &
ip netns exec red ping -c 1 -q 10.0.0.2
echo hi | ip netns exec red nc -n -u -p 40001 -q 0 10.0.0.9 53
ip netns exec red conntrack -F
kill %%
wait
# Marks: one that is set, and one that is taken away again.
ip netns exec red iptables -t mangle -A OUTPUT -p icmp -j CONNMARK --set-mark 7
ip netns exec red iptables -t mangle -A INPUT -p icmp -j CONNMARK --set-mark 0
ip netns exec red conntrack -E &
ip netns exec red ping -c 1 -q 10.0.0.2
ip netns exec red conntrack -F
ip netns exec red iptables -t mangle -D INPUT -p icmp -j CONNMARK --set-mark 0
ip netns exec red ping -c 1 -q 10.0.0.2
ip netns exec red conntrack -F
kill %%
wait
ip netns exec red conntrack -E -m 7 &
ip netns exec red ping -c 1 -q 10.0.0.2
kill %%
wait
ip netns exec red conntrack -E -m 0 &
ip netns exec red ping -c 1 -q 10.0.0.2
kill %%
wait
ip netns exec red conntrack -E -m 0/0 &
ip netns exec red nc -n -z -w 1 10.0.0.2 5001
kill %%
wait
ip netns exec red conntrack -F
# Counters are told when it is over, and translated ends as they are.
ip netns exec red sysctl -w net.netfilter.nf_conntrack_acct=1
ip netns exec red iptables -t nat -A OUTPUT -d 10.0.0.77 -j DNAT --to-destination 10.0.0.2
ip netns exec red conntrack -E &
ip netns exec red ping -c 2 -i 0.2 -q 10.0.0.77
ip netns exec red conntrack -F
kill %%
wait
ip netns exec red conntrack -F
ip netns exec red conntrack -E -g 10.0.0.2 &
ip netns exec red ping -c 1 -q 10.0.0.77
ip netns exec red ping -c 1 -q 10.0.0.2
kill %%
wait
# A packet that is dropped on its way begins nothing.
ip netns exec red iptables -A INPUT -p udp -j DROP
ip netns exec red conntrack -E -p udp &
echo hi | ip netns exec blue nc -n -u -p 40002 -q 0 10.0.0.1 53
kill %%
wait
# Where nothing is tracked there is nothing to hear.
ip netns exec blue conntrack -E &
ip netns exec blue ping -c 1 -q 10.0.0.1
kill %%
wait
# What makes no sense.
ip netns exec red conntrack -E -t 5
ip netns exec red conntrack -E -u ASSURED
ip netns exec red conntrack -E -z
ip netns exec red conntrack -E -i 5
ip netns exec red conntrack -E -e FOO
ip netns exec red conntrack -E -e NEW,FOO
ip netns exec red conntrack -E -E
ip netns exec red conntrack -E dying
ip netns exec red conntrack -E -o save,id
ip netns exec red conntrack -E -p tcp --mask-port-src 5
ip netns exec red conntrack -L -e NEW
# The states of TCP.
ip netns exec blue nc -n -lk 5000 &
ip netns exec red conntrack -E -p tcp --state SYN_SENT &
ip netns exec red nc -n -z -w 1 10.0.0.2 5000
kill %%
ip netns exec red conntrack -E -p tcp --state SYN_RECV &
ip netns exec red nc -n -z -w 1 10.0.0.2 5000
kill %%
ip netns exec red conntrack -E -p tcp --state ESTABLISHED &
ip netns exec red nc -n -z -w 1 10.0.0.2 5000
kill %%
ip netns exec red conntrack -F
ip netns exec red conntrack -E -p tcp --state TIME_WAIT -o id &
ip netns exec red nc -n -z -w 1 10.0.0.2 5000
ip netns exec red conntrack -D -p tcp --state TIME_WAIT
kill %%
