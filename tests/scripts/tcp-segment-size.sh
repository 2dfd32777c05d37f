# A router makes the largest segment smaller that a SYN names.
ip netns add inside
ip netns add router
ip netns add outside
ip link add eth0 netns inside type veth peer name in0 netns router
ip link add eth0 netns outside type veth peer name out0 netns router
ip -n inside addr add 192.168.1.2/24 dev eth0
ip -n router addr add 192.168.1.1/24 dev in0
ip -n router addr add 10.0.0.1/24 dev out0
ip -n outside addr add 10.0.0.2/24 dev eth0
ip -n inside link set lo up
ip -n router link set lo up
ip -n outside link set lo up
ip -n inside link set eth0 up
ip -n router link set in0 up
ip -n router link set out0 up
ip -n outside link set eth0 up
ip -n inside route add default via 192.168.1.1
ip -n outside route add default via 10.0.0.1
ip netns exec router sysctl -q -w net.ipv4.ip_forward=1
ip netns exec outside python3 -m http.server 80 &
ip netns exec router iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 900
ip netns exec inside curl -sS -o /dev/null -w '%{http_code} %{remote_ip}\n' http://10.0.0.2/
ip netns exec router iptables -t mangle -S
ip netns exec router iptables -t mangle -L FORWARD -n -v -x
ip netns exec router nft list table ip mangle
# A size that is larger than what was named alters nothing.
ip netns exec router iptables -t mangle -R FORWARD 1 -p tcp --syn -j TCPMSS --set-mss 5000
ip netns exec inside curl -sS -o /dev/null -w '%{http_code}\n' http://10.0.0.2/
# The way's own MTU, of both directions.
ip -n router link set out0 mtu 1400
ip netns exec router iptables -t mangle -F FORWARD
ip netns exec router iptables -t mangle -A FORWARD -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu
ip netns exec inside curl -sS -o /dev/null -w '%{http_code}\n' http://10.0.0.2/
ip netns exec router iptables -t mangle -S FORWARD
ip netns exec router iptables -t mangle -L FORWARD -n -v -x
ip netns exec router nft list table ip mangle
ip -n router route replace 10.0.0.0/24 dev out0 mtu 1300
ip -n router route replace 192.168.1.0/24 dev in0 mtu 1200
ip netns exec router iptables -t mangle -F FORWARD
ip netns exec router iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
ip netns exec inside curl -sS -o /dev/null -w '%{http_code}\n' http://10.0.0.2/
# Behind translation, and for what is made here.
ip netns exec router iptables -t mangle -F FORWARD
ip netns exec router iptables -t nat -A POSTROUTING -o out0 -j MASQUERADE
ip netns exec router iptables -t mangle -A POSTROUTING -p tcp --syn -o out0 -j TCPMSS --set-mss 600
ip netns exec inside curl -sS -o /dev/null -w '%{http_code}\n' http://10.0.0.2/
ip netns exec router iptables -A OUTPUT -p tcp --syn -j TCPMSS --set-mss 500
ip netns exec router curl -sS -o /dev/null -w '%{http_code}\n' http://10.0.0.2/
ip netns exec router iptables -N sizes
ip netns exec router iptables -A sizes -p tcp -j TCPMSS --set-mss 400
ip netns exec router iptables -R OUTPUT 1 -p tcp -j sizes
ip netns exec router curl -sS -o /dev/null -w '%{http_code}\n' http://10.0.0.2/
ip netns exec router iptables -A INPUT -p tcp -j TCPMSS --clamp-mss-to-pmtu
ip netns exec router iptables -t mangle -A PREROUTING -p tcp -j TCPMSS --clamp-mss-to-pmtu
ip netns exec router iptables -A INPUT -j TCPMSS --set-mss 400
ip netns exec router iptables -A INPUT -p udp -j TCPMSS --set-mss 400
ip netns exec router iptables -A INPUT -p tcp -j TCPMSS
ip netns exec router iptables -A INPUT -p tcp -j TCPMSS --set-mss 70000
ip netns exec router iptables -A INPUT -p tcp -j TCPMSS --set-mss 65535
ip netns exec router iptables -A INPUT -p tcp -j TCPMSS --set-mss x
ip netns exec router iptables -A INPUT -p tcp -j TCPMSS --set-mss 3 --clamp-mss-to-pmtu
ip netns exec router iptables -A INPUT -p tcp -j TCPMSS --set-mss 3 --set-mss 4
ip netns exec router iptables-save -t mangle -f saved
ip netns exec router iptables-restore saved
ip netns exec router iptables -t mangle -S
kill %%
