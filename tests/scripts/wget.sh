# What wget prints of a page, and how it fails.
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
ip netns exec red wget -qO- http://10.0.0.2/
ip netns exec red wget -q -O /dev/null 10.0.0.2
ip netns exec red wget -qO- 10.0.0.2/nothing
ip netns exec red wget -O- 10.0.0.2/
ip netns exec red wget -O /dev/null 10.0.0.2/index.html
ip netns exec red wget -O- 10.0.0.2/nothing
ip netns exec red wget -S -O- 10.0.0.2
ip netns exec red wget -nv -O- 10.0.0.2
ip netns exec red wget -nv -O- 10.0.0.2/nothing
ip netns exec red wget -q --spider 10.0.0.2
ip netns exec red wget -q --spider 10.0.0.2/nothing
ip netns exec red wget --spider 10.0.0.2
ip netns exec red wget --spider 10.0.0.2/nothing
ip netns exec red wget -nv --spider 10.0.0.2
ip netns exec red wget -nv --spider 10.0.0.2/nothing
ip netns exec red wget -qSO- 10.0.0.2
ip netns exec blue wget -O- http://localhost/
kill %1
# Nobody is there.
ip netns exec red wget -qO- 10.0.0.2
ip netns exec red wget -O- 10.0.0.2
ip netns exec red wget -nv -O- 10.0.0.2:81
ip netns exec red wget -qO- 10.9.0.9
ip netns exec red wget -O- 10.9.0.9
ip netns exec red wget -O- nobody
ip netns exec red wget -qO- -T 0.5 -t 1 10.0.0.9
ip netns exec red wget -O- -T 0.7 -t 2 10.0.0.8
# Somebody is there, who says nothing.
ip netns exec blue nc -lk 7000 &
sleep 0.3
ip netns exec red wget -O- -T 0.5 -t 1 10.0.0.2:7000
kill %%
# Words.
wget
wget --foo
wget -T
wget -T x 10.0.0.2
