nft add table foo
nft 'add chain foo post { type nat hook postrouting priority srcnat; }'
nft 'add chain foo pre { type nat hook prerouting priority dstnat; }'
nft 'add chain foo raw { type filter hook prerouting priority raw + 5; }'
nft add rule foo post masquerade
nft add rule foo post masquerade random,persistent
nft add rule foo post ip protocol tcp masquerade to :1000-2000
nft add rule foo post snat to 1.2.3.4
nft add rule foo post snat to 1.2.3.4-1.2.3.9 random
nft add rule foo post tcp dport 80 snat to 1.2.3.4:80
nft add rule foo pre dnat to 1.2.3.4
nft add rule foo pre tcp dport 80 dnat to 1.2.3.4:80
nft add rule foo pre tcp dport 80 dnat to :80
nft add rule foo pre tcp dport 80 dnat to 1.2.3.4:80-90
nft add rule foo pre tcp dport 80 redirect to :8080
nft add rule foo pre redirect
nft add rule foo pre udp dport 53 redirect to :8080-8090
nft add rule foo raw notrack
nft add rule foo post masquerade to :80
nft add rule foo pre dnat to 1.2.3.4:80
nft add rule foo raw masquerade
nft list ruleset
