# Steps of ifconfig and arp that find no link, or one that is not Ethernet.
ip netns add red
ip netns exec red route add default gw 10.0.0.1
ip netns exec red route -n
ip netns exec red route -n
ip netns exec red ip route get 10.0.0.1
ip netns exec red ping -c 1 10.0.0.1
ip netns exec red ping -c 1 127.0.0.1
ip netns exec red ifconfig
ip netns exec red ifconfig -a
ip netns exec red ifconfig lo up
ip netns exec red ping -c 1 127.0.0.1
ip netns exec red arp -d 10.0.0.1
ip netns exec red arp -i lo -d 127.0.0.1
ip netns exec red arp -i lo -d 10.0.0.1
ip netns exec red arp -d 127.0.0.1
ip netns exec red arp -s 127.0.0.1 02:00:00:00:00:01
ip netns exec red arp -i nosuch -d 127.0.0.1
ip netns exec red ifconfig nosuch -promisc
ip netns exec red ifconfig nosuch -allmulti
ip netns exec red ifconfig nosuch -multicast
ip netns exec red ifconfig nosuch -broadcast
ip netns exec red ifconfig nosuch promisc
ip netns exec red ifconfig nosuch mtu 1400
ip netns exec red ifconfig nosuch hw ether 02:00:00:00:00:01
ip netns exec red ifconfig nosuch netmask 255.0.0.0
ip netns exec red ifconfig nosuch broadcast 10.0.0.1
ip netns exec red ifconfig lo hw ether 02:00:00:00:00:06
ip -n red link set lo address 02:00:00:00:00:06
ip -n red link show lo
ip -n red link set lo mtu 100
ip -n red link set lo name foo
ip -n red link set lo down
ip -n red link del lo
ip -n red link set lo mtu 0
ip -n red link show lo
