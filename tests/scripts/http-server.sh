# The server of Python, as it answers to whoever writes to it.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
ip netns exec blue python3 -m http.server 80 &
ip netns exec red curl -s http://10.0.0.2/
ip netns exec red curl -s -i http://10.0.0.2/index.html
ip netns exec red curl -s -I http://10.0.0.2/
ip netns exec red curl -s http://10.0.0.2/nothing
ip netns exec red curl -s -i http://10.0.0.2/nothing
ip netns exec red curl -s -I http://10.0.0.2/index.html/
echo GET /. HTTP/1.0 | ip netns exec red nc -N 10.0.0.2 80
ip netns exec red curl -s -i -X PUT http://10.0.0.2/
ip netns exec red curl -s -d a=b http://10.0.0.2/
ip netns exec blue ss -tlnH
kill %1
ip netns exec red curl -sS -o /dev/null -w '%{http_code}\n' http://10.0.0.2/
# At one address alone, and at the usual port.
ip netns exec blue python3 -m http.server --bind 10.0.0.2 &
ip netns exec red curl -s 10.0.0.2:8000
ip netns exec blue curl -s -o /dev/null -w '%{http_code} %{exitcode}\n' http://127.0.0.1:8000/
# What is no request of HTTP.
echo hi | ip netns exec red nc -N 10.0.0.2 8000
echo GET / | ip netns exec red nc -N 10.0.0.2 8000
echo HEAD / | ip netns exec red nc -N 10.0.0.2 8000
echo GET / HTTP/1.0 | ip netns exec red nc -N 10.0.0.2 8000
echo GET / HTTP/9.0 | ip netns exec red nc -N 10.0.0.2 8000
echo GET / FOO | ip netns exec red nc -N 10.0.0.2 8000
echo GET / a HTTP/1.0 | ip netns exec red nc -N 10.0.0.2 8000
echo "G'T" '/<b>' HTTP/1.0 | ip netns exec red nc -N 10.0.0.2 8000
echo 'a\b' | ip netns exec red nc -N 10.0.0.2 8000
ip netns exec red nc -z 10.0.0.2 8000
kill %%
# Words.
python3 -m http.server x
python3 -m http.server 1 2
python3 -m http.server --foo
python3 -m http.server --bind
python3 -m http.server --help
