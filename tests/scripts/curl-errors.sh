# How curl fails, and with which status.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
# Somebody is there, who says nothing.
ip netns exec blue nc -lk 7000 &
sleep 0.3
ip netns exec red curl -sS -m 0.5 http://10.0.0.2:7000/
ip netns exec red curl -sSv -m 0.5 http://10.0.0.2:7000/
kill %%
# Nobody is there.
ip netns exec red curl -sS http://10.0.0.2:8009
ip netns exec red curl -s http://10.0.0.2:8009
ip netns exec red curl -sSv http://10.0.0.2:8009
ip netns exec red curl -sSv localhost:1
ip netns exec red curl -sSv http://10.9.0.9
ip netns exec red curl -sS -w '%{http_code} %{remote_ip} %{remote_port} %{local_ip} %{size_download} %{num_connects} %{time_connect} %{content_type} %{errormsg} %{exitcode} %{scheme}\n' http://10.9.0.9
ip netns exec red curl -sS -m 0.7 http://10.0.0.9
ip netns exec red curl -sSv --connect-timeout 0.5 http://10.0.0.9
ip netns exec red curl -sSv http://10.0.0.9
ip -n red route add unreachable 10.9.9.0/24
ip netns exec red curl -sSv http://10.9.9.1:8000/
ip netns exec red curl -sSv http://255.255.255.255/
ip netns exec red curl -sSv http://1.2.3/
ip netns exec red curl -sSv http://256.1.1.1/
ip netns exec red curl -sS http://nobody/
# Words.
curl
curl -s
curl --foo
curl -Wx 10.0.0.2
curl -sm
curl -mX 10.0.0.2
curl -m -1 10.0.0.2
curl --max-time=1 10.0.0.2
curl -sS foo://10.0.0.2/
curl -sS http://
curl -sS http://10.0.0.2:99999/
curl -sS http://10.0.0.2:abc/
curl -sS 'http://10.0.0.2/a b'
curl -sS /etc
curl -I -d a http://10.0.0.2
