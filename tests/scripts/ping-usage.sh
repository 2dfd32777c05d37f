ping
ping -c 0 127.0.0.1
ping -c x 127.0.0.1
ping -c -1 127.0.0.1
ping -t 0 127.0.0.1
ping -t 256 -c 1 127.0.0.1
ping -s -1 127.0.0.1
ping -c 1
ping -c 1 -s 65507 127.0.0.1
