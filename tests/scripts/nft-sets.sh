# Named sets: their elements, and rules that look values up in them.
nft add table ip t
nft add set ip t blocked '{ type ipv4_addr; }'
nft add set ip t nets '{ type ipv4_addr; flags interval; }'
nft add set ip t ports '{ type inet_service; elements = { 22, 80 }; }'
nft add element ip t blocked '{ 10.0.0.1, 10.0.0.2 }'
nft add element t nets '{ 10.0.0.0/8, 192.168.1.1-192.168.1.7, 1.2.3.4 }'
nft add element t nets '{ 255.0.0.0/8, 11.0.0.0/8 }'
nft add chain ip t c '{ type filter hook input priority 0; }'
nft add chain ip t d
nft add rule t c ip saddr @blocked drop
nft add rule t c ip saddr @nets counter
nft add rule t c tcp dport @ports accept
nft add rule t c udp sport != @ports ip daddr @nets accept
nft add rule t c ip saddr == @blocked accept
nft list ruleset
nft -a list ruleset
nft -n list table t
nft list sets
nft list maps
nft list set ip t blocked
nft -a list set t nets
nft list map t blocked
nft list set t none
nft list set none none
nft list chain t c
# Many of them, in lines.
nft add set t a '{ type ipv4_addr; elements = { 1.1.1.5, 1.1.1.4, 1.1.1.3, 1.1.1.2, 1.1.1.1 }; }'
nft add set t p '{ type inet_service; elements = { 11,10,9,8,7,6,5,4,3,2,1 }; }'
nft add set t pr '{ type inet_proto; elements = { tcp, udp, 1, 2, 3, 250 }; }'
nft add set t mk '{ type mark; elements = { 1, 256, 3, 0x20, 5, 6 }; }'
nft add set t if '{ type ifname; elements = { "a", "bb", "lo", "eth0", "x", "y" }; }'
nft add set t cs '{ type ct_state; elements = { new, established, invalid }; }'
nft add set t it '{ type icmp_type; elements = { echo-request, echo-reply, 4 }; }'
nft add set t e1 '{ type inet_service; flags interval; elements = { 1-5, 8, 9, 20-30 }; }'
nft add set t e2 '{ type inet_service; flags constant; elements = { 1, 5 }; }'
nft add set t e3 '{ type inet_service; flags constant,interval; elements = { 5, 1 }; }'
nft list table t
nft -n list set t pr
nft add element t e1 '{ 1-5 }'
nft add element t e1 '{ 65530-65535 }'
nft delete element t e1 '{ 1-5 }'
nft list set t e1
nft delete element t blocked '{ 10.0.0.2 }'
nft list set t blocked
nft flush set t blocked
nft list set t blocked
nft delete element t nets '{ 10.0.0.0/8, 1.2.3.4 }'
nft list set t nets
nft delete set t a
nft delete set t mk
nft flush chain t c
nft delete set t blocked
nft delete map t ports
nft list sets
nft delete table t
nft list ruleset
