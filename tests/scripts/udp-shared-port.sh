# Sockets of UDP share a port where both ask for it.
ip link set lo up
nc -u -l -k 127.0.0.1 53 &
nc -u -l -k 53 &
sleep 0.3
ss -lun src 127.0.0.1
nc -uzv 127.0.0.1 53
