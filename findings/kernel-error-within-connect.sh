#!/usr/bin/env bash
# Linux 6.18.44, veth; sockets of Python's socket module.
#
# One would expect: once `poll` reports an error of a connection that is being made, and SO_ERROR names it, the attempt is over.
# Seen: an ICMP error that comes back while `connect` has not returned yet, as it does from a router in another namespace of the
# same machine, is a soft one (`tcp_v4_err`: the socket is owned by the program). `poll` shows POLLERR without POLLHUP, since the
# error also waits in a queue that needs IP_RECVERR to be read; SO_ERROR gives ENETUNREACH once (it takes the soft error too), and
# then 0; and the socket is still SYN_SENT: when a way appears within a second, the same socket is connected after all.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"

cat >"$work/client.py" <<'END'
import errno, select, socket, subprocess
client = socket.socket()
client.setblocking(False)
client.connect_ex(("10.0.1.1", 80))
poll = select.poll()
poll.register(client, select.POLLIN | select.POLLOUT)
events = dict(poll.poll(500))[client.fileno()]
print("error:", bool(events & select.POLLERR), "hung up:", bool(events & select.POLLHUP))
error = lambda: client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
print("SO_ERROR:", errno.errorcode[error()], "then", error())
state = lambda: client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
print("state:", {1: "ESTABLISHED", 2: "SYN_SENT", 7: "CLOSE"}[state()])
subprocess.run(["ip", "-n", "router", "route", "add", "10.0.1.0/24", "dev", "rb"], check=True)
for _ in range(50):
    if state() == 1:
        break
    select.select([], [], [], 0.1)
print("with a route a moment later:", {1: "ESTABLISHED", 2: "SYN_SENT", 7: "CLOSE"}[state()])
END
cat >"$work/look" <<'END'
ip netns add router; ip netns add server
ip link add a0 type veth peer name ra netns router
ip -n router link add rb type veth peer name b0 netns server
ip addr add 10.0.0.1/24 dev a0; ip link set a0 up; ip route add default via 10.0.0.2
ip -n router addr add 10.0.0.2/24 dev ra; ip -n router link set ra up; ip -n router link set rb up
ip -n server addr add 10.0.1.1/24 dev b0; ip -n server link set b0 up; ip -n server link set lo up
ip -n server route add default via 10.0.1.2
ip -n router addr add 10.0.1.2/32 dev rb
ip netns exec router sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0
: >"$2"
ip netns exec server python3 -c '
import socket, time
server = socket.create_server(("10.0.1.1", 80))
print("ready", flush=True)
server.settimeout(20)
held = server.accept()
time.sleep(20)' >"$2" 2>&1 &
server=$!
until grep -q ready "$2"; do kill -0 $server || exit 1; sleep 0.05; done
ping -q -c 1 10.0.0.2 >/dev/null
python3 "$1"
kill $server 2>/dev/null
wait 2>/dev/null
END
expect 'a connection whose error comes within connect' "error: True hung up: False
SO_ERROR: ENETUNREACH then 0
state: SYN_SENT
with a route a moment later: ESTABLISHED" "$(private bash "$work/look" "$work/client.py" "$work/server" 2>&1)"
verdict
