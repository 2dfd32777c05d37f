sysctl net.ipv4.ip_forward
sysctl -n net.ipv4.ip_forward
sysctl -w net.ipv4.ip_forward=1
sysctl net.ipv4.ip_forward
sysctl net.ipv4.conf.all.forwarding
sysctl net.ipv4.conf.default.forwarding
sysctl net.ipv4.conf.lo.forwarding
sysctl -w net.ipv4.conf.all.forwarding=0
sysctl net.ipv4.ip_forward
sysctl net/ipv4/ip_forward
sysctl net.ipv4.nosuch
sysctl -w net.ipv4.nosuch=1
sysctl -w net.ipv4.ip_forward=
sysctl -w net.ipv4.ip_forward=many
sysctl -w net.ipv4.ip_forward
sysctl net.ipv4.ip_forward=1
sysctl net.ipv4.ip_default_ttl
ip netns add red
ip netns exec red sysctl net.ipv4.ip_forward
ip netns exec red sysctl -w net.ipv4.ip_forward=1
ip netns exec red sysctl net.ipv4.ip_forward
sysctl -w net.ipv4.ip_forward=0
ip netns exec red sysctl net.ipv4.ip_forward
