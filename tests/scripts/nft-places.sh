nft add table foo
nft create table foo
nft add table foo
nft 'add chain foo c { type filter hook input priority 0; policy drop; }'
nft create chain foo c
nft add chain foo c
nft 'add chain foo c { policy accept; }'
nft add chain foo d
nft insert rule foo c accept
nft add rule foo c index 0 drop
nft insert rule foo c index 0 counter drop
nft add rule foo c index 7 drop
nft add rule foo c handle 999 drop
nft add rule foo c handle 3 continue
nft insert rule foo c handle 3 continue
nft add rule foo c position 3 continue
nft replace rule foo c handle 3 counter
nft -a list ruleset
nft delete rule foo c handle 4
nft delete rule foo c handle 999
nft replace rule foo c handle 999 accept
nft -a list chain foo c
nft rename chain foo d e
nft add chain foo d
nft rename chain foo e d
nft add rule foo c jump d
nft delete chain foo d
nft flush chain foo c
nft delete chain foo d
nft delete chain foo c
nft list ruleset
nft flush table foo
nft delete table foo
nft flush ruleset
nft list ruleset
