# The settings of connection tracking, and what they do.
sysctl net.netfilter.nf_conntrack_tcp_timeout_established net.netfilter.nf_conntrack_tcp_timeout_close
sysctl net.netfilter.nf_conntrack_tcp_timeout_close_wait net.netfilter.nf_conntrack_tcp_timeout_fin_wait
sysctl net.netfilter.nf_conntrack_tcp_timeout_last_ack net.netfilter.nf_conntrack_tcp_timeout_max_retrans
sysctl net.netfilter.nf_conntrack_tcp_timeout_syn_recv net.netfilter.nf_conntrack_tcp_timeout_syn_sent
sysctl net.netfilter.nf_conntrack_tcp_timeout_time_wait net.netfilter.nf_conntrack_tcp_timeout_unacknowledged
sysctl net.netfilter.nf_conntrack_udp_timeout net.netfilter.nf_conntrack_udp_timeout_stream
sysctl net.netfilter.nf_conntrack_icmp_timeout net.netfilter.nf_conntrack_generic_timeout
sysctl net.netfilter.nf_conntrack_tcp_loose net.netfilter.nf_conntrack_tcp_be_liberal
sysctl net.netfilter.nf_conntrack_tcp_ignore_invalid_rst net.netfilter.nf_conntrack_tcp_max_retrans
sysctl net.netfilter.nf_conntrack_acct net.netfilter.nf_conntrack_checksum net.netfilter.nf_conntrack_log_invalid
sysctl net.netfilter.nf_conntrack_count
cat /proc/sys/net/netfilter/nf_conntrack_udp_timeout
sysctl net.nf_conntrack_max
sysctl -w net.nf_conntrack_max=5
sysctl net.netfilter.nf_conntrack_foo
sysctl -w net.netfilter.nf_conntrack_max=5
sysctl -w net.netfilter.nf_conntrack_count=5
sysctl -w net.netfilter.nf_conntrack_tcp_loose=2
sysctl -w net.netfilter.nf_conntrack_tcp_loose=-1
sysctl -w net.netfilter.nf_conntrack_tcp_max_retrans=256
sysctl -w net.netfilter.nf_conntrack_udp_timeout=8589935
sysctl -w net.netfilter.nf_conntrack_udp_timeout=x
sysctl -w net.netfilter.nf_conntrack_udp_timeout=0x28
sysctl net.netfilter.nf_conntrack_udp_timeout
# One namespace's are not another's.
ip netns add red
ip netns exec red sysctl net.netfilter.nf_conntrack_udp_timeout
ip netns exec red ip link set lo up
ip netns exec red iptables -A INPUT -m conntrack --ctstate INVALID -j DROP
ip netns exec red sysctl -w net.netfilter.nf_conntrack_icmp_timeout=700
ip netns exec red sysctl -w net.netfilter.nf_conntrack_acct=1
ip netns exec red ping -c 2 -i 0.2 -q 127.0.0.1
ip netns exec red conntrack -L
ip netns exec red cat /proc/net/nf_conntrack
ip netns exec red sysctl -w net.netfilter.nf_conntrack_acct=0
ip netns exec red sysctl -w net.netfilter.nf_conntrack_icmp_timeout=0
ip netns exec red conntrack -F
ip netns exec red ping -c 1 -W 1 -q 127.0.0.1
ip netns exec red conntrack -L
