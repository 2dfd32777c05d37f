# What curl prints of an answer, and how it asks.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
ip netns exec blue python3 -m http.server 8000 &
ip netns exec red curl -s http://10.0.0.2:8000/
ip netns exec red curl -s 10.2:8000
ip netns exec red curl -sS -o /dev/null -w '%{http_code}\n' http://10.0.0.2:8000/
ip netns exec red curl -sS -o /dev/null -w '%{http_code} %{remote_ip} %{remote_port} %{local_ip} %{size_download} %{size_header} %{size_request} %{content_type} %{num_connects} %{method} %{scheme} %{http_version} %{url} %{url_effective} %{exitcode} %{errormsg}\n' 10.0.0.2:8000
ip netns exec red curl -sS -o /dev/null -w '\t%%%x\\%{nothing}%{http_code' 10.0.0.2:8000
ip netns exec red curl -sS -o /dev/null -w '%{stderr}%{http_code}\n' 10.0.0.2:8000
ip netns exec red curl -s -v http://10.0.0.2:8000/
ip netns exec red curl -s -v -I http://10.0.0.2:8000/
ip netns exec red curl -s -v -o /dev/null http://10.0.0.2:8000/nothing
ip netns exec red curl -s -v -d a=b -d c=d http://10.0.0.2:8000/
ip netns exec red curl -sv -H 'X: y' -H 'Accept:' -H 'Host: foo' -H 'Empty;' -H bad -A me -e there 'http://10.0.0.2:8000/a/../?b#c'
ip netns exec red curl -sv -0 -X DELETE http:/10.0.0.2:8000/a
ip netns exec red curl -sS -f http://10.0.0.2:8000/nothing
ip netns exec red curl -sSvf http://10.0.0.2:8000/nothing
ip netns exec red curl -sS --interface r0 http://10.0.0.2:8000/
ip netns exec red curl -sSv --interface 10.0.0.1 http://10.0.0.2:8000/
ip netns exec red curl -sS --interface 10.0.0.7 http://10.0.0.2:8000/
ip netns exec red curl -sSv --interface nolink http://10.0.0.2:8000/
ip netns exec red curl -sSv --interface if!nolink http://10.0.0.2:8000/
ip netns exec red curl -sSv --interface host!r0 http://10.0.0.2:8000/
ip netns exec blue curl -s http://localhost:8000/
kill %%
