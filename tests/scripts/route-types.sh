ip addr add 10.0.0.1/32 dev lo
ip route add blackhole 10.1.0.0/24
ip route add unreachable 10.2.0.0/24
ip route add prohibit 10.3.0.0/24
ip route add throw 10.4.0.0/24
ip route add local 10.5.0.0/24 dev lo
ip route add unreachable 10.6.0.0/24 metric 99
ip route show
ip route show type local
ip route show type unreachable
ip route show table local
ip route get 10.1.0.1
ip route get 10.2.0.1
ip route get 10.3.0.1
ip route get 10.4.0.1
ip route get 10.5.0.1
ip route get 10.6.0.1
ping -c 1 10.1.0.1
ping -c 1 10.2.0.1
ping -c 1 10.3.0.1
ping -c 1 10.4.0.1
ping -c 1 10.5.0.1
ip route add blackhole 10.1.0.0/24
ip route add unreachable 10.1.0.0/24
ip route del unreachable 10.1.0.0/24
ip route del blackhole 10.1.0.0/24
ip route del prohibit 10.3.0.0/24
ip route show
ip route add blackhole default
ip route show
ip route get 8.8.8.8
ping -c 1 8.8.8.8
