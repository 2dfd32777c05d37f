# Words that sysctl passes over.
sysctl -w =
sysctl -w 1
sysctl -w = 1
sysctl -w net.ipv4.ip_forward = 1
sysctl -w "net.ipv4.ip_forward = 1"
sysctl -w '=1'
sysctl -w "= 1"
sysctl -w " net.ipv4.ip_forward=0"
sysctl net.ipv4.ip_forward =0
sysctl -w "#net.ipv4.ip_forward=0"
sysctl -w ";net.ipv4.ip_forward=0"
sysctl -w "-net.ipv4.ip_forward=0"
sysctl net.ipv4.ip_forward
