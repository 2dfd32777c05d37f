# What nc says of its words.
nc
nc -h
nc 127.0.0.1
nc -l
nc -l -z 5000
nc -k 127.0.0.1 5000
nc -y 127.0.0.1 5000
nc -w
nc -w x 127.0.0.1 5000
nc -w -1 127.0.0.1 5000
nc -w 99999999999 127.0.0.1 5000
nc 127.0.0.1 0
nc 127.0.0.1 65536
nc 127.0.0.1 port
nc 127.0.0.1 10-x
nc 127.0.0.1 5-3
nc -zv 127.0.0.1 http
nc -zv 127.0.0.1 22
nc -zvn 127.0.0.1 22
nc -zvu 127.0.0.1 53
nc nowhere 5000
nc -n nowhere 5000
nc -n localhost 5000
nc -l 10.0.0.7 5000
nc -l nowhere 5000
nc -l -s 127.0.0.1 5000
nc 127.0.0.1 5000 6000
nc -q x 127.0.0.1 5000
nc -p x 127.0.0.1 5000
nc -M 300 127.0.0.1 5000
nc -v 127.0.0.1 5000
nc -v localhost 5000
