# A page behind a router that translates addresses: a published port for those outside, a borrowed address for those inside.
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
ip netns exec router sysctl -q -w net.ipv4.ip_forward=1
ip netns exec router iptables -t nat -A POSTROUTING -o out0 -j MASQUERADE
ip netns exec router iptables -t nat -A PREROUTING -i out0 -p tcp --dport 8080 -j DNAT --to-destination 192.168.1.2:80
ip netns exec inside python3 -m http.server 80 &
ip netns exec outside curl -sS http://10.0.0.1:8080/
ip netns exec outside curl -sS -o /dev/null -w '%{http_code} %{remote_ip} %{remote_port} %{local_ip}\n' http://10.0.0.1:8080/nothing
ip netns exec outside curl -sS http://10.0.0.1:80/
ip netns exec outside curl -sS http://192.168.1.2/
kill %1
ip netns exec outside curl -sS http://10.0.0.1:8080/
# The other way: the server sees the router's address.
ip netns exec outside python3 -m http.server &
ip netns exec inside curl -sS http://10.0.0.2:8000/
ip netns exec inside curl -sS -m 1 --interface 192.168.1.2 -o /dev/null -w '%{http_code} %{local_ip}\n' http://10.0.0.2:8000/
# Not for everybody any more.
ip netns exec router iptables -A FORWARD -p tcp --dport 8000 -j REJECT
ip netns exec inside curl -sS http://10.0.0.2:8000/
ip netns exec router iptables -F FORWARD
ip netns exec router iptables -A FORWARD -p tcp --dport 8000 -j DROP
ip netns exec inside curl -sS -m 1 http://10.0.0.2:8000/
kill %%
