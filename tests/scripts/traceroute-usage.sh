# What is wrong with the words, and what the kernel refuses.
traceroute
traceroute -V
traceroute -x
traceroute -nx 127.0.0.1
traceroute --nosuch 127.0.0.1
traceroute --icmp=3 127.0.0.1
traceroute --queries 1 127.0.0.1
traceroute --queries=1 -n 127.0.0.1
traceroute -q
traceroute -nq1 127.0.0.1
traceroute -nq 1 127.0.0.1
traceroute -q1 -n 127.0.0.1
traceroute -q=1 -n 127.0.0.1
traceroute -q 0 127.0.0.1
traceroute -q 11 127.0.0.1
traceroute -q x 127.0.0.1
traceroute -f 0 127.0.0.1
traceroute -f 31 127.0.0.1
traceroute -m 256 127.0.0.1
traceroute -w -1 127.0.0.1
traceroute -w x 127.0.0.1
traceroute -w 1,2,3x 127.0.0.1
traceroute -z -1 127.0.0.1
traceroute -n
traceroute 127.0.0.1 70000
traceroute 127.0.0.1 xx
traceroute 127.0.0.1 10 20
traceroute -n 127.0.0.1 10
traceroute -n -I 127.0.0.1 10
traceroute nosuch
traceroute ''
traceroute 256.1.1.1
traceroute -M nosuch 127.0.0.1
traceroute -s 1.2.3.4 127.0.0.1
traceroute -s x 127.0.0.1
traceroute -i nosuch 127.0.0.1
traceroute -I -i nosuch 127.0.0.1
traceroute -I -s 9.9.9.9 127.0.0.1
traceroute 10.0.0.1
traceroute -I 10.0.0.1
traceroute 255.255.255.255
traceroute -n 127.1
traceroute -n -- 127.0.0.1
traceroute -n --dont-f 127.0.0.1
traceroute -n -f 5 -q 1 127.0.0.1
