# No packet is longer than 65535 bytes, whatever the link takes.
ping -c 1 -s 65507 127.0.0.1
ping -c 1 -s 65508 127.0.0.1
ping -c 1 -s 65528 127.0.0.1
ping -c 1 -s 65527 127.0.0.1
ping -c 1 -s 65515 127.0.0.1
ping -c 1 -s 65508 -M do 127.0.0.1
ping -c 1 -s 65508 -M dont 127.0.0.1
ping -c 1 -s 65508 10.0.0.1
ping -c 1 -q -s 65508 127.0.0.1
ping -c 2 -i 0.2 -s 65508 127.0.0.1
