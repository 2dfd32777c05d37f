# What ip prints, picked apart by the small tools.
ip netns add red
ip link add v0 type veth peer name v1 netns red
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
ip -n red addr add 10.0.0.2/24 dev v1
ip -n red link set v1 up
ip -br addr show dev v0 | awk '{print $1, $2}'
ip -4 addr show v0 | grep inet | awk '{print $2}' | cut -d/ -f1
ADDR=$(ip -4 -o addr show dev v0 | awk '{print $4}')
echo "address $ADDR, without the length ${ADDR%/*}, the length ${ADDR#*/}"
ip route | grep -q '^10.0.0.0/24' && echo "there is a route"
ip route | grep -q '^default' || echo "there is no default route"
ip -o link show | sed -n 's/^[0-9]*: \([^:@]*\).*/\1/p' | sort
ip netns exec red ping -c 2 -i 0.2 10.0.0.1 | tail -n 2 | head -n 1 | cut -d, -f1,2
ip netns list | tr a-z A-Z
printf '%s has %d links\n' red "$(ip -n red -o link show | wc -l)"
ip -o addr show | awk '$3 == "inet" {n++} END {print n " addresses"}'
echo "10.0.0.1 10.0.0.2" | tr ' ' '\n' | while read -r a; do ping -q -c 1 -W 1 $a >/dev/null && echo "$a up"; done
