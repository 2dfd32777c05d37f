# Conditions, lists and cases.
ip netns list | grep -q red || ip netns add red
ip netns list | grep -q red && echo "red is there"
if [ -e /var/run/netns/red ]; then echo file; fi
[ -e /var/run/netns/blue ] || echo "no blue"
ip link show v0 >/dev/null 2>&1 || ip link add v0 type veth peer name v1
if ! ip link set v1 netns blue 2>/dev/null; then echo "there is no blue"; fi
ip link set v1 netns red && ip -n red link set v1 up && echo moved
[[ $(ip -n red -br link show v1) == *LOWERLAYERDOWN* ]] && echo "the other end is down"
case "$(ip -br link show v0 | awk '{print $2}')" in
  UP) echo up ;;
  DOWN | LOWERLAYERDOWN) echo down ;;
  *) echo else ;;
esac
for link in v0 nosuch; do
  if ip link show $link >/dev/null 2>&1; then echo "$link is a link"; else echo "$link is none"; fi
done
x=5; (( x > 3 )) && echo "more than three"
test -z "$nothing" && echo "nothing is set"; echo ${nothing:-a default}
{ ip netns add blue; ip netns add blue; } 2>&1 | grep -c File
ip netns del red; ip netns del red 2>/dev/null || echo "gone already"
(ip netns del blue; exit 3); echo "status $?"
