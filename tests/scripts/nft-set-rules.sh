# Sets and maps of a rule's own, and what they decide.
ip netns add red
ip netns add blue
ip link add eth0 netns red type veth peer name eth0 netns blue
ip -n red addr add 10.0.0.1/24 dev eth0
ip -n red addr add 10.0.0.11/24 dev eth0
ip -n blue addr add 10.0.0.2/24 dev eth0
ip -n red link set lo up
ip -n blue link set lo up
ip -n red link set eth0 up
ip -n blue link set eth0 up
ip netns exec blue nft add table t
ip netns exec blue nft add chain t c '{ type filter hook input priority 0; }'
ip netns exec blue nft add chain t pings
ip netns exec blue nft add rule t c tcp dport '{ 22, 80, 443 }' counter accept
ip netns exec blue nft add rule t c tcp dport != '{ 22, 80-90 }' counter accept
ip netns exec blue nft add rule t c udp sport '{ 53, 67-68, 69 }' counter
ip netns exec blue nft add rule t c iifname '{ "lo", "eth9" }' counter accept
ip netns exec blue nft add rule t c ip protocol '{ tcp, udp }' counter
ip netns exec blue nft add rule t c icmp type '{ echo-request, echo-reply }' counter
ip netns exec blue nft add rule t c ip saddr '{ 10.0.0.0/25, 192.168.0.0/16 }' counter
ip netns exec blue nft add rule t c meta mark '{ 1, 2 }' counter
ip netns exec blue nft add rule t c ip ttl '{ 1, 64 }' counter
ip netns exec blue nft add rule t c iif '{ lo }' counter
ip netns exec blue nft add rule t c meta pkttype '{ host, broadcast }' counter
ip netns exec blue nft add rule t c ip saddr '{ 10.0.0.1-10.0.0.5, 10.0.0.3-10.0.0.9, 10.0.0.10 }' counter
ip netns exec blue nft add rule t c ip saddr 10.0.0.1 ip daddr '{ 10.0.0.2, 10.0.0.3 }' counter comment '"both"'
ip netns exec blue nft add rule t c tcp dport '{ 22 }' counter accept
ip netns exec blue nft add rule t c tcp dport '{ 22, 22 }' counter accept
ip netns exec blue nft add rule t pings ip saddr vmap '{ 10.0.0.11 : drop, 10.0.0.1 : return }'
ip netns exec blue nft add rule t c ip protocol vmap '{ icmp : jump pings, tcp : continue }' counter
ip netns exec blue nft list ruleset
ip netns exec blue nft -n -a list ruleset
ip netns exec red ping -c 1 -W 1 10.0.0.2
ip netns exec red ping -c 1 -W 1 -I 10.0.0.11 10.0.0.2
ip netns exec blue nft list ruleset
# Connections by their states.
ip netns exec blue nft flush chain t c
ip netns exec blue nft add rule t c ct state vmap '{ established : accept, related : accept, invalid : drop }'
ip netns exec blue nft add rule t c ct state '{ new, untracked }' counter
ip netns exec blue nft list chain t c
ip netns exec red ping -c 2 -i 0.2 -W 1 10.0.0.2
ip netns exec blue nft list chain t c
# A named set decides anew as elements come and go.
ip netns exec blue nft flush chain t c
ip netns exec blue nft add set t blocked '{ type ipv4_addr; flags interval; }'
ip netns exec blue nft add map t verdicts '{ type ipv4_addr : verdict; }'
ip netns exec blue nft add rule t c ip saddr @blocked counter drop
ip netns exec blue nft add rule t c ip saddr vmap @verdicts
ip netns exec red ping -c 1 -W 1 10.0.0.2
ip netns exec blue nft add element t blocked '{ 10.0.0.0/30 }'
ip netns exec red ping -c 1 -W 1 10.0.0.2
ip netns exec red ping -c 1 -W 1 -I 10.0.0.11 10.0.0.2
ip netns exec blue nft delete element t blocked '{ 10.0.0.0/30 }'
ip netns exec blue nft add element t verdicts '{ 10.0.0.1 : accept, 10.0.0.11 : goto pings }'
ip netns exec red ping -c 1 -W 1 10.0.0.2
ip netns exec red ping -c 1 -W 1 -I 10.0.0.11 10.0.0.2
ip netns exec blue nft list ruleset
ip netns exec blue nft delete rule t c handle 99
ip netns exec blue nft insert rule t c tcp dport '{ 1, 2 }' counter
ip netns exec blue nft -a list chain t c
ip netns exec blue iptables -S
ip netns exec blue nft delete table t
ip netns exec blue nft list ruleset
