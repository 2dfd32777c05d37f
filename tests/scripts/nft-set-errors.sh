# What is said of sets and elements that are wrong.
nft add table ip t
nft add chain t c '{ type filter hook input priority 0; }'
nft add chain t d
nft add chain t e
nft add set t blocked '{ type ipv4_addr; elements = { 10.0.0.1 }; }'
nft add set t nets '{ type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }; }'
nft add set t ports '{ type inet_service; elements = { 1, 2 }; }'
nft add map t verdicts '{ type inet_service : verdict; elements = { 1 : jump d, 2 : accept }; }'
nft add set t blocked '{ type ipv4_addr; }'
nft create set t blocked '{ type ipv4_addr; }'
nft add set t blocked '{ type inet_service; }'
nft add map t blocked '{ type ipv4_addr : verdict; }'
nft add set t foo '{ type bar; }'
nft add set t foo '{ flags interval; }'
nft add set t foo
nft add set none foo '{ type mark; }'
nft create map t verdicts '{ type inet_service : verdict; }'
nft add map t verdicts '{ type inet_service : verdict; }'
nft add element t blocked '{ 10.0.0.1 }'
nft create element t blocked '{ 10.0.0.1 }'
nft create element t nets '{ 10.0.0.0/8 }'
nft add element t nets '{ 10.1.0.0/16 }'
nft add element t nets '{ 0.0.0.0/1 }'
nft add element t none '{ 10.0.0.1 }'
nft add element none none '{ 10.0.0.1 }'
nft add element t blockd '{ 10.0.0.1 }'
nft add element t blocked '{ 10.0.0.0/8 }'
nft add element t blocked '{ 10.0.0.1-10.0.0.7 }'
nft add element t nets '{ 1.0.0.5-1.0.0.1 }'
nft add element t nets '{ 1.0.0.1-1.0.0.9, 1.0.0.5 }'
nft add element t ports '{ 70000 }'
nft add element t ports '{ }'
nft add element t ports '{ 1'
nft delete element t blocked '{ 10.0.0.9 }'
nft delete element t blocked '{ 10.0.0.1, 10.0.0.9 }'
nft delete element t nets '{ 10.0.0.0/9 }'
nft delete element t none '{ 1 }'
nft add element t verdicts '{ 9 : jump none }'
nft add element t verdicts '{ 8 : accept, 9 : jump none }'
nft add element t verdicts '{ 9 : jump c }'
nft add element t verdicts '{ 9 }'
nft add element t verdicts '{ 5 : accept, 2 : drop }'
nft create element t verdicts '{ 5 : accept, 2 : accept }'
nft add element t verdicts '{ 6 : accept, 6 : drop }'
nft delete element t verdicts '{ 7 : accept }'
nft list table t
nft add rule t c ip saddr @blocked drop
nft delete set t blocked
nft delete set t none
nft delete set none none
nft delete set t portss
nft delete chain t d
nft flush set t none
nft flush set none none
nft flush set t verdicts
nft flush map t blocked
nft add rule t c ip saddr @none drop
nft add rule t c ip saddr @block drop
nft add rule none c ip saddr @blocked drop
nft add rule t c ip saddr @ports drop
nft add rule t c ip ttl @ports drop
nft add rule t c meta mark @ports drop
nft add rule t c ct state @ports drop
nft add rule t c iifname @ports drop
nft add rule t c ip saddr '<' @blocked drop
nft add rule t c ip daddr vmap @verdicts
nft add rule t c tcp dport vmap @ports
nft add rule t c tcp dport '{ }' accept
nft add rule t c tcp dport '{ 22 : accept, 23 : drop }' accept
nft add rule t c tcp dport vmap '{ 22 : accept, 23 }'
nft add rule t c tcp dport vmap '{ 22 : accept'
nft add rule t c tcp dport vmap '{ 22 : accept, 22 : drop }'
nft add rule t c tcp dport vmap '{ 1 : accept, 2 : jump none }'
nft add rule t c tcp dport vmap '{ 1 : accept, 2 : jump c }'
nft add rule t c ip saddr vmap '{ 10.0.0.0/8 : drop, 10.1.0.0/16 : accept }'
nft add rule t none tcp dport '{ 1, 2 }' accept
nft add rule t d tcp dport vmap '{ 22 : jump d }'
nft add rule t d tcp dport vmap '{ 22 : jump e }'
nft add rule t e tcp dport vmap '{ 22 : jump d }'
nft add rule t c tcp dport vmap @verdicts
nft add element t verdicts '{ 30 : goto e }'
nft delete chain t e
nft rename chain t e f
nft -a list table t
