# Comments, blank lines and quoting, as a shell takes them.

ip link show "lo"   # the loopback
	ip link show 'lo'
ip link show \lo
ip netns add 'red'
ip netns list
ip netns add "with space"
ip netns list
ip -n "with space" link
ip netns del 'with space'
