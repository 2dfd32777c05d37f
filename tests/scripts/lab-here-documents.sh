# Scripts for other namespaces: in here-documents, and behind -c.
NS=red
ip netns add $NS
ip link add v0 type veth peer name v1 netns $NS
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
ip netns exec $NS bash <<EOF
ip link set lo up
ip link set v1 up
ip addr add 10.0.0.2/24 dev v1
echo "in $NS"
EOF
ip netns exec $NS sh -c 'ip -br addr show dev v1; ping -q -c 1 10.0.0.1 > /dev/null && echo "$0 reaches $1"' it 10.0.0.1
cat <<'EOF' > notes
a line with $NS as it is
EOF
cat notes
cat >> notes <<EOF
a line with $NS
EOF
cat < notes | grep -c line
ip netns exec $NS cat /proc/sys/net/ipv4/conf/v1/forwarding
ip netns exec $NS bash -c 'echo 1 > /proc/sys/net/ipv4/conf/v1/forwarding'
ip netns exec $NS cat /proc/sys/net/ipv4/conf/v1/forwarding
while read -r name address; do
  ip addr add "$address" dev "$name"
done <<EOF
v0 10.0.5.1/24
v0 10.0.6.1/24
EOF
ip -br addr show dev v0
