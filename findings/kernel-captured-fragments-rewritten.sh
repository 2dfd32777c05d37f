#!/usr/bin/env bash
# Linux 6.18.44, veth, a packet socket read by Python's socket module; Debian's iptables 1.8.9-2.
#
# One would expect: a packet socket gives the frame as it left.
# Seen: where a later hop on the same machine puts fragments together (it tracks connections) and cuts them up again, the
# kernel writes the new IP header over those of the later fragments (`ip_fraglist_prepare`) in memory that it shares with the
# copies that wait in packet sockets. Whoever reads late sees a later fragment with the time to live that it gets one hop
# further on, and with a translated address, though it left the sender otherwise. The first fragment is as it was sent.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source "$(dirname "$0")/common.bash"
debian iptables=1.8.9-2 iputils-ping libxtables12 libnftnl11 libmnl0

cat >"$work/capture.py" <<'END'
import socket, subprocess, sys
tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
tap.bind(("a0", 0))
tap.settimeout(2)
subprocess.run(["ping", "-q", "-c", "1", "-s", "2000", "-W", "1", "10.0.1.2"], stdout=subprocess.DEVNULL)
seen = []
while len(seen) < 2:
    frame, address = tap.recvfrom(2000)
    if address[2] == socket.PACKET_OUTGOING and frame[12:14] == b"\x08\x00":
        offset = (int.from_bytes(frame[20:22], "big") & 0x1fff) * 8
        seen.append(f"offset {offset}: ttl {frame[22]}")
print("\n".join(seen))
END
cat >"$work/look" <<'END'
ip netns add r; ip netns add far
ip link add a0 type veth peer name ra netns r
ip -n r link add rb type veth peer name b0 netns far
ip addr add 10.0.0.1/24 dev a0; ip link set a0 up; ip route add default via 10.0.0.2
ip -n r addr add 10.0.0.2/24 dev ra; ip -n r link set ra up
ip -n r addr add 10.0.1.1/24 dev rb; ip -n r link set rb up
ip -n far addr add 10.0.1.2/24 dev b0; ip -n far link set b0 up; ip -n far route add default via 10.0.1.1
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
ping -q -c 1 10.0.1.2 >/dev/null
echo "the router tracks nothing:"; python3 "$1"
ip netns exec r iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP
echo "the router tracks connections:"; python3 "$1"
END
expect 'fragments that the first host sent, as its own packet socket gives them' "the router tracks nothing:
offset 0: ttl 64
offset 1480: ttl 64
the router tracks connections:
offset 0: ttl 64
offset 1480: ttl 63" "$(private bash "$work/look" "$work/capture.py" 2>&1)"
verdict
