# The sockets of a namespace.
ip netns add red
ip netns add blue
ip link add r0 netns red type veth peer name b0 netns blue
ip -n red addr add 10.0.0.1/24 dev r0
ip -n blue addr add 10.0.0.2/24 dev b0
ip -n red link set lo up
ip -n red link set r0 up
ip -n blue link set lo up
ip -n blue link set b0 up
ip netns exec blue ss -tuna
ip netns exec blue ss -tln
ip netns exec blue ss -H -tln
ip netns exec blue nc -lk 80 &
sleep 0.3
ip netns exec blue ss -tln
ip netns exec blue ss -tl
ip netns exec blue ss -tlnH
ip netns exec blue ss -ltn
ip netns exec blue ss -tun
ip netns exec blue ss -tuln
ip netns exec blue ss -tuan
ip netns exec blue ss -uln
ip netns exec blue ss --tcp --listening --numeric
# A connection whose port is given, and what is left of it.
echo hi | ip netns exec red nc -N -p 6000 10.0.0.2 80
ip netns exec red ss -tan
ip netns exec red ss -ta
ip netns exec red ss -tn
ip netns exec red ss -tn state time-wait
ip netns exec red ss -tn state connected
ip netns exec red ss -Htan dport = :80
ip netns exec red ss -Htan 'sport = :6000'
ip netns exec red ss -Htan sport != 6000
ip netns exec red ss -Htan '( dport = :80 or dport = :81 )'
ip netns exec red ss -Htan dst 10.0.0.2
ip netns exec red ss -Htan dst 10.0.0.0/24
ip netns exec red ss -Htan dst 10.0.0.2:80
ip netns exec red ss -Htan src 10.0.0.9
ip netns exec red ss -Htan not src 10.0.0.9
ip netns exec blue ss -tan
ip netns exec blue ss -tan state listening
ip netns exec blue ss -tan exclude listening
kill %1
wait
ip netns exec blue ss -tuan
ip netns exec blue nc -luk 10.0.0.2 53 &
sleep 0.3
ip netns exec blue ss -uln
ip netns exec blue ss -ul
ip netns exec blue ss -una
ip netns exec blue ss -un
ip netns exec blue ss -tulnH
kill %%
wait
