nft list table foo
nft list table ip filter
iptables -N mine
nft list table ip filter
nft list table ip6 filter
nft list table inet filter
nft list chain ip filter other
nft list chain filter other
nft list chain ip foo mine
nft list chain filter mine
