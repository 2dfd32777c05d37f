# Both ends of a cable are in one namespace, and the command names one of them.
# cause: invalid-source
# namespace: host
# then: works
ip link add a0 type veth peer name a1
ip addr add 10.0.0.1/24 dev a0
ip addr add 10.0.0.2/24 dev a1
ip link set a0 up
ip link set a1 up
ping -c 1 -W 1 -I a0 10.0.0.2
