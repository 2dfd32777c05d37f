nft add table foo
nft 'add chain foo input { type filter hook input priority 0; }'
nft add chain foo other
nft add chain nope c
nft add chain zzzzzzz c
nft delete table nope
nft delete table zzzzzzz
nft delete chain foo nope
nft delete chain foo othr
nft delete chain foo zzzzzzzz
nft add rule nope c accept
nft add rule foo othr accept
nft add rule foo zzzzzzzz accept
nft insert rule foo zzzzzzzz accept
nft delete rule foo zzzzzzzz handle 3
nft delete rule foo input handle 99
nft replace rule foo input handle 99 accept
nft rename chain foo zzzzzzzz a
nft rename chain foo othr a
nft flush chain foo zzzzzzzz
nft flush chain zzzzzzz c
nft flush table zzzzzzz
nft add rule foo other jump nope
nft add rule foo other goto input
nft add rule foo input accept drop
nft add rule foo input tcp dport 80 udp dport 80
nft add rule foo input tcp dport 70000
nft add rule foo input ip ttl 256
nft add rule foo input iif nope
nft add rule foo input iifname abcdefghijklmnopq
nft 'add chain foo i { type nat hook forward priority 0; }'
nft add rule foo input masquerade
nft list ruleset
