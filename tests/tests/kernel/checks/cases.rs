//! Networks, and what is to become of checks in them.

use super::Case;
use vethlab_engine::classroom::Outcome::{Failed as Unmet, Passed as Met, Waiting, Warned};

/// The commands that make two namespaces on a cable, and others behind them.
macro_rules! pair {
    ($more:literal) => {
        concat!(
            "
ip netns add red
ip netns add blue
ip link add eth0 netns red type veth peer name eth0 address 02:00:00:00:00:0b netns blue
ip -n red addr add 10.0.0.1/24 dev eth0
ip -n blue addr add 10.0.0.2/24 dev eth0
ip -n red link set eth0 up
ip -n blue link set eth0 up
",
            $more
        )
    };
}

/// Two namespaces on a cable.
pub(super) const PAIR: &str = pair!("");

/// The same, with a server that the setup starts, for one connection after the other.
pub(super) const SERVER: &str = pair!("ip netns exec blue nc -lk 10.0.0.2 5000 &\n");

/// A row: `a` 10.1.0.2, then `r1`, `r2`, then `b` 10.3.0.2; and `c`, which has nothing.
pub(super) const ROW: &str = "
ip netns add a
ip netns add b
ip netns add c
ip netns add r1
ip netns add r2
ip link add eth0 netns a type veth peer name near netns r1
ip link add far netns r1 type veth peer name near netns r2
ip link add far netns r2 type veth peer name eth0 netns b
ip -n a addr add 10.1.0.2/24 dev eth0
ip -n r1 addr add 10.1.0.1/24 dev near
ip -n r1 addr add 10.2.0.1/24 dev far
ip -n r2 addr add 10.2.0.2/24 dev near
ip -n r2 addr add 10.3.0.1/24 dev far
ip -n b addr add 10.3.0.2/24 dev eth0
ip -n a link set eth0 up
ip -n r1 link set near up
ip -n r1 link set far up
ip -n r2 link set near up
ip -n r2 link set far up
ip -n b link set eth0 up
ip netns exec r1 sysctl -w net.ipv4.ip_forward=1
ip netns exec r2 sysctl -w net.ipv4.ip_forward=1
ip -n a route add default via 10.1.0.1
ip -n r1 route add 10.3.0.0/24 via 10.2.0.2
ip -n r2 route add 10.1.0.0/24 via 10.2.0.1
ip -n b route add default via 10.3.0.1
";

pub(super) const CASES: &[Case] = &[
    Case {
        name: "bridges",
        setup: PAIR,
        answer: "
            ip link add br0 address 02:00:00:00:00:99 type bridge mcast_snooping 0
            ip link add p1 address 02:00:00:00:01:01 type veth peer name eth1 netns red
            ip link set p1 master br0
            ip link set p1 up
            ip link set br0 up
            ip -n red link set eth1 up
            bridge fdb add 02:00:00:00:00:05 dev p1 master static
        ",
        checks: &[
            ("link = 'p1'; master = 'br0'", Met),
            ("link = 'p1'; master = 'p1'", Unmet),
            ("link = 'br0'; master = 'br0'", Unmet),
            ("fdb = '02:00:00:00:00:05'; bridge = 'br0'; port = 'p1'", Met),
            ("fdb = '02:00:00:00:00:05'; port = 'br0'", Unmet),
            ("fdb = '02:00:00:00:00:99'; port = 'br0'", Met),
            ("fdb = '02:00:00:00:00:05'; exists = false", Unmet),
            ("fdb = '02:00:00:00:00:06'", Unmet),
            ("fdb = '02:00:00:00:00:06'; exists = false", Met),
            ("fdb = '01:00:5e:00:00:01'", Unmet),
        ],
    },
    Case {
        name: "rules and connections",
        setup: ROW,
        answer: "
            ip netns exec r1 iptables -A FORWARD -p tcp --dport 80 -j ACCEPT
            ip netns exec r1 iptables -A FORWARD -s 10.1.0.2,10.1.0.3 -p icmp -j ACCEPT
            ip netns exec r1 iptables -A FORWARD -p tcp --dport 80 -j ACCEPT
            ip netns exec r1 iptables -t nat -A POSTROUTING -o far -j MASQUERADE
            ip netns exec a ping -c 1 10.3.0.2
        ",
        checks: &[
            ("rule = '-p tcp --dport 80 -j ACCEPT'; chain = 'FORWARD'; in = 'r1'", Met),
            ("rule = '-j ACCEPT -p tcp -m tcp --dport http'; chain = 'FORWARD'; in = 'r1'", Met),
            ("rule = '-p tcp --dport 80 -j ACCEPT'; chain = 'FORWARD'; number = 1; in = 'r1'", Met),
            ("rule = '-p tcp --dport 80 -j ACCEPT'; chain = 'FORWARD'; number = 2; in = 'r1'", Unmet),
            ("rule = '-p tcp --dport 80 -j ACCEPT'; chain = 'FORWARD'; number = 4; in = 'r1'", Met),
            ("rule = '-p tcp --dport 80 -j DROP'; chain = 'FORWARD'; in = 'r1'", Unmet),
            ("rule = '-p tcp --dport 80 -j DROP'; chain = 'FORWARD'; exists = false; in = 'r1'", Met),
            ("rule = '-p tcp --dport 80 -j ACCEPT'; chain = 'INPUT'; in = 'r1'", Unmet),
            ("rule = '-p tcp --dport 80 -j ACCEPT'; chain = 'other'; in = 'r1'", Unmet),
            (
                "rule = '-s 10.1.0.2,10.1.0.3 -p icmp -j ACCEPT'; chain = 'FORWARD'; number = 2; in = 'r1'",
                Met,
            ),
            ("rule = '-s 10.1.0.2,10.1.0.4 -p icmp -j ACCEPT'; chain = 'FORWARD'; in = 'r1'", Unmet),
            ("rule = '-o far -j MASQUERADE'; chain = 'POSTROUTING'; table = 'nat'; in = 'r1'", Met),
            ("rule = '-o near -j MASQUERADE'; chain = 'POSTROUTING'; table = 'nat'; in = 'r1'", Unmet),
            ("rule = '-o far -j MASQUERADE'; chain = 'POSTROUTING'; table = 'nat'; in = 'r2'", Unmet),
            (
                "connection = 'icmp'; source = '10.1.0.2'; destination = '10.3.0.2'; replied = true; in = 'r1'",
                Met,
            ),
            ("connection = 'any'; source_becomes = '10.2.0.1'; in = 'r1'", Met),
            ("connection = 'any'; source_becomes = '10.2.0.2'; in = 'r1'", Unmet),
            ("connection = 'icmp'; destination_becomes = '10.3.0.2'; in = 'r1'", Unmet),
            ("connection = 'icmp'; port = 80; in = 'r1'", Unmet),
            ("connection = 'tcp'; in = 'r1'", Unmet),
            ("connection = 'tcp'; state = 'ESTABLISHED'; exists = false; in = 'r1'", Met),
            ("connection = 'any'; in = 'r2'", Unmet),
            ("connection = 'icmp'; source = '10.3.0.2'; in = 'r1'", Unmet),
            (
                "connection = 'icmp'; source = '10.3.0.2'; while_pinging = '10.1.0.2'; from = 'b'; in = 'r1'",
                Met,
            ),
            ("count_of = 'connections'; exactly = 1; in = 'r1'", Met),
            ("count_of = 'connections'; exactly = 0; in = 'r2'", Met),
        ],
    },
    Case {
        name: "namespaces and links",
        setup: PAIR,
        answer: "
            ip -n red link set eth0 mtu 1400
            ip -n red link add spare type veth peer name plug
            ip -n red link set spare up
        ",
        checks: &[
            ("namespace = 'red'", Met),
            ("namespace = 'green'", Unmet),
            ("namespace = 'green'; exists = false", Met),
            ("namespace = 'red'; exists = false", Unmet),
            ("link = 'eth0'; in = 'red'; up = true; carrier = true; peer_in = 'blue'; mtu = 1400", Met),
            ("link = 'eth0'; in = 'red'; up = false", Unmet),
            ("link = 'eth0'; in = 'red'; carrier = false", Unmet),
            ("link = 'eth0'; in = 'red'; peer_in = 'host'", Unmet),
            ("link = 'eth0'; in = 'red'; peer_in = 'red'", Unmet),
            ("link = 'eth0'; in = 'red'; mtu = 1500", Unmet),
            ("link = 'eth0'; in = 'blue'; mtu = 1500", Met),
            ("link = 'spare'; in = 'red'; up = true; carrier = false; peer_in = 'red'", Met),
            ("link = 'spare'; in = 'red'; carrier = true", Unmet),
            ("link = 'plug'; in = 'red'; up = false", Met),
            ("link = 'eth1'; in = 'red'", Unmet),
            ("link = 'eth1'; in = 'red'; exists = false", Met),
            ("link = 'eth0'; in = 'green'", Unmet),
            ("link = 'eth0'; in = 'green'; exists = false", Unmet),
            ("count_of = 'namespaces'; exactly = 2", Met),
            ("count_of = 'namespaces'; at_least = 3", Unmet),
            ("count_of = 'links'; in = 'red'; at_least = 4; at_most = 4", Met),
            ("count_of = 'links'; in = 'red'; at_most = 3", Unmet),
            ("count_of = 'links'; exactly = 1", Met),
        ],
    },
    Case {
        name: "addresses and routes",
        setup: PAIR,
        answer: "
            ip -n red route add default via 10.0.0.2
            ip -n red route add 10.9.0.0/16 via 10.0.0.2
            ip -n red route add unreachable 10.9.1.0/24
            ip -n red route add blackhole 10.9.2.0/24
            ip -n red route add prohibit 10.9.3.0/24
        ",
        checks: &[
            ("address = '10.0.0.1/24'; in = 'red'; dev = 'eth0'", Met),
            ("address = '10.0.0.1/24'; in = 'red'; dev = 'lo'", Unmet),
            ("address = '10.0.0.1/25'; in = 'red'", Unmet),
            ("address = '10.0.0.1/24'; in = 'blue'; exists = false", Met),
            ("address = '10.0.0.1/24'; in = 'red'; exists = false", Unmet),
            ("count_of = 'addresses'; in = 'red'; exactly = 1", Met),
            ("count_of = 'addresses'; in = 'blue'; at_least = 2", Unmet),
            ("route = '10.0.0.0/24'; in = 'red'; dev = 'eth0'", Met),
            ("route = 'default'; in = 'red'; via = '10.0.0.2'", Met),
            ("route = 'default'; in = 'red'; via = '10.0.0.3'", Unmet),
            ("route = 'default'; in = 'blue'", Unmet),
            ("route = 'default'; in = 'blue'; exists = false", Met),
            ("route = '10.9.1.0/24'; in = 'red'", Met),
            ("route = '10.9.1.0/25'; in = 'red'", Unmet),
            ("count_of = 'routes'; in = 'red'; exactly = 6", Met),
            ("count_of = 'routes'; in = 'red'; at_most = 5", Unmet),
            (
                "route_to = '10.0.0.2'; in = 'red'; dev = 'eth0'; prefix = '10.0.0.0/24'; source = '10.0.0.1'",
                Met,
            ),
            ("route_to = '10.9.9.9'; in = 'red'; via = '10.0.0.2'; prefix = '10.9.0.0/16'", Met),
            ("route_to = '10.9.9.9'; in = 'red'; prefix = 'default'", Unmet),
            ("route_to = '8.8.8.8'; in = 'red'; prefix = 'default'; via = '10.0.0.2'", Met),
            ("route_to = '10.0.0.1'; in = 'red'; dev = 'lo'", Met),
            ("route_to = '10.0.0.2'; in = 'red'; via = '10.0.0.2'", Unmet),
            ("route_to = '10.0.0.2'; in = 'red'; source = '10.0.0.2'", Unmet),
            ("route_to = '10.9.1.1'; in = 'red'", Unmet),
            ("route_to = '10.9.1.1'; in = 'red'; unreachable = true", Met),
            ("route_to = '10.9.2.1'; in = 'red'; unreachable = true", Met),
            ("route_to = '10.9.3.1'; in = 'red'; unreachable = true", Met),
            ("route_to = '8.8.8.8'; in = 'blue'; unreachable = true", Met),
            ("route_to = '10.9.9.9'; in = 'red'; unreachable = true", Unmet),
            ("route_to = '10.0.0.1'; in = 'green'; unreachable = true", Unmet),
            ("sysctl = 'net.ipv4.ip_forward'; in = 'red'; value = '0'", Met),
            ("sysctl = 'net.ipv4.ip_forward'; in = 'red'; value = '1'", Unmet),
            ("sysctl = 'net.ipv4.no_such'; in = 'red'; value = '0'", Unmet),
        ],
    },
    Case {
        name: "neighbours and their MAC addresses",
        setup: PAIR,
        answer: "
            ip netns exec red ping -c 1 10.0.0.2
            ip -n red neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent
        ",
        checks: &[
            ("neighbour = '10.0.0.2'; in = 'red'; state = ['REACHABLE']; dev = 'eth0'", Met),
            ("neighbour = '10.0.0.2'; in = 'red'; mac = '02:00:00:00:00:0b'", Met),
            ("neighbour = '10.0.0.2'; in = 'red'; mac = '02:00:00:00:00:0c'", Unmet),
            ("neighbour = '10.0.0.2'; in = 'red'; mac = '02:00:00:00:00:0c'; exists = false", Met),
            ("neighbour = '10.0.0.2'; in = 'red'; state = ['STALE', 'FAILED']", Unmet),
            ("neighbour = '10.0.0.2'; in = 'red'; dev = 'lo'", Unmet),
            ("neighbour = '10.0.0.9'; in = 'red'; state = ['PERMANENT']; mac = '02:00:00:00:00:09'", Met),
            ("neighbour = '10.0.0.9'; in = 'red'; state = ['PERMANENT']; exists = false", Unmet),
            ("neighbour = '10.0.0.8'; in = 'red'", Unmet),
            ("neighbour = '10.0.0.8'; in = 'red'; exists = false", Met),
            ("count_of = 'neighbours'; in = 'red'; exactly = 2", Met),
            ("count_of = 'neighbours'; in = 'blue'; at_least = 2", Unmet),
        ],
    },
    Case {
        name: "a ping is refused as unreachable or prohibited, here and by a router",
        setup: ROW,
        answer: "
            ip -n a route add unreachable 10.8.1.0/24
            ip -n a route add prohibit 10.8.2.0/24
            ip -n a route add blackhole 10.8.3.0/24
            ip -n r1 route add unreachable 10.9.1.0/24
            ip -n r1 route add prohibit 10.9.2.0/24
            ip -n r1 route add blackhole 10.9.3.0/24
        ",
        checks: &[
            ("ping = '10.3.0.2'; in = 'a'; count = 3", Met),
            ("ping = '10.3.0.2'; in = 'a'; succeed = false", Unmet),
            ("ping = '10.3.0.2'; in = 'a'; refused = 'no-answer'", Unmet),
            ("ping = '10.1.0.1'; in = 'c'; refused = 'network-unreachable'", Met),
            ("ping = '10.1.0.1'; in = 'c'; refused = 'host-unreachable'", Unmet),
            ("ping = '10.1.0.1'; in = 'c'; succeed = false", Met),
            ("ping = '10.1.0.1'; in = 'd'; refused = 'network-unreachable'", Unmet),
            ("ping = '10.8.1.1'; in = 'a'; refused = 'host-unreachable'", Met),
            ("ping = '10.8.2.1'; in = 'a'; refused = 'prohibited'", Met),
            ("ping = '10.8.2.1'; in = 'a'; refused = 'no-answer'", Unmet),
            ("ping = '10.8.3.1'; in = 'a'; refused = 'no-answer'", Unmet),
            ("ping = '10.8.3.1'; in = 'a'; succeed = false", Met),
            ("ping = '10.7.0.1'; in = 'a'; refused = 'network-unreachable'", Met),
            ("ping = '10.7.0.1'; in = 'a'; refused = 'no-answer'", Unmet),
            ("ping = '10.9.1.1'; in = 'a'; refused = 'host-unreachable'", Met),
            ("ping = '10.9.1.1'; in = 'a'; refused = 'prohibited'", Unmet),
            ("ping = '10.9.2.1'; in = 'a'; refused = 'prohibited'", Met),
            ("ping = '10.9.2.1'; in = 'a'; refused = 'no-answer'", Unmet),
            ("ping = '10.9.3.1'; in = 'a'; refused = 'no-answer'", Met),
            ("ping = '10.9.3.1'; in = 'a'; refused = 'host-unreachable'", Unmet),
        ],
    },
    Case {
        name: "a packet is too big, whatever was learned before",
        setup: ROW,
        answer: "
            ip -n r1 link set far mtu 1300
            ip -n r2 link set near mtu 1300
            ip netns exec a ping -c 2 -s 1400 10.3.0.2
        ",
        checks: &[
            ("ping = '10.3.0.2'; in = 'a'; size = 1400; refused = 'too-big'", Met),
            ("ping = '10.3.0.2'; in = 'a'; size = 1400; refused = 'no-answer'", Unmet),
            ("ping = '10.3.0.2'; in = 'a'; size = 1400; refused = 'too-big'; within = 1", Met),
            ("ping = '10.3.0.2'; in = 'a'; size = 4000", Met),
            ("ping = '10.3.0.2'; in = 'a'; size = 1200; refused = 'too-big'", Unmet),
            ("ping = '10.3.0.2'; in = 'a'; size = 1200", Met),
        ],
    },
    Case {
        name: "a packet travels in circles",
        setup: ROW,
        answer: "
            ip -n r1 route add 10.6.0.0/24 via 10.2.0.2
            ip -n r2 route add 10.6.0.0/24 via 10.2.0.1
        ",
        checks: &[
            ("ping = '10.6.0.1'; in = 'a'; refused = 'ttl-exceeded'", Met),
            ("ping = '10.6.0.1'; in = 'a'; refused = 'no-answer'", Unmet),
            ("ping = '10.6.0.1'; in = 'b'; refused = 'ttl-exceeded'", Met),
            ("ping = '10.1.0.2'; in = 'b'; refused = 'ttl-exceeded'", Unmet),
            ("path_to = '10.6.0.1'; in = 'a'; through = ['r1', 'r2']", Unmet),
        ],
    },
    Case {
        name: "the path that a packet takes",
        setup: ROW,
        answer: "ip -n a link set lo up",
        checks: &[
            ("path_to = '10.3.0.2'; in = 'a'; through = ['r1', 'r2']", Met),
            ("path_to = '10.1.0.2'; in = 'b'; through = ['r2', 'r1']", Met),
            ("path_to = '10.3.0.2'; in = 'a'; through = ['r2', 'r1']", Unmet),
            ("path_to = '10.3.0.2'; in = 'a'; through = ['r1']", Unmet),
            ("path_to = '10.3.0.2'; in = 'a'; through = []", Unmet),
            ("path_to = '10.1.0.1'; in = 'a'; through = []", Met),
            ("path_to = '10.3.0.9'; in = 'a'; through = ['r1', 'r2']", Unmet),
            ("path_to = '10.1.0.1'; in = 'c'; through = []", Unmet),
        ],
    },
    Case {
        name: "frames that were seen, and are seen",
        setup: ROW,
        answer: "
            ip netns exec a ping -c 1 10.3.0.2
            ip netns exec b ping -c 1 10.3.0.1
        ",
        checks: &[
            ("seen = 'icmp and src host 10.1.0.2'; in = 'r1'; on = 'far'", Met),
            ("seen = 'icmp and src host 10.3.0.2 and dst host 10.1.0.2'; in = 'a'; on = 'eth0'", Met),
            ("seen = 'arp'; in = 'r2'; on = 'near'", Met),
            ("seen = 'udp'; in = 'r1'; on = 'far'", Unmet),
            ("seen = 'udp'; in = 'r1'; on = 'far'; exists = false", Met),
            ("seen = 'icmp'; in = 'r1'; on = 'far'; exists = false", Unmet),
            ("seen = 'dst host 10.3.0.1'; in = 'r1'; on = 'far'", Unmet),
            ("seen = 'dst host 10.3.0.1'; in = 'r2'; on = 'far'", Met),
            ("seen = 'icmp'; in = 'r1'; on = 'middle'", Unmet),
            ("seen = 'udp'; in = 'r1'; on = 'middle'; exists = false", Unmet),
            ("seen = 'udp'; in = 'd'; on = 'far'; exists = false", Unmet),
            (
                "seen = 'icmp'; in = 'r1'; on = 'middle'; while_pinging = '10.2.0.2'; from = 'a'; exists = false",
                Unmet,
            ),
            (
                "seen = 'icmp and dst host 10.2.0.2'; in = 'r1'; on = 'far'; while_pinging = '10.2.0.2'; from = 'a'",
                Met,
            ),
            (
                "seen = 'icmp and dst host 10.2.0.2'; in = 'r2'; on = 'far'; while_pinging = '10.2.0.2'; from = 'a'",
                Unmet,
            ),
            (
                "seen = 'icmp'; in = 'r2'; on = 'far'; while_pinging = '10.2.0.2'; from = 'a'; exists = false",
                Met,
            ),
            ("seen = 'icmp'; in = 'r1'; on = 'near'; while_pinging = '10.1.0.2'", Met),
            ("seen = 'icmp'; in = 'r1'; on = 'far'; while_pinging = '10.1.0.2'", Unmet),
            ("seen = 'icmp'; in = 'r1'; on = 'near'; while_pinging = '10.1.0.2'; from = 'd'", Unmet),
        ],
    },
    Case {
        name: "servers and connections",
        setup: PAIR,
        answer: "
            ip netns exec blue iptables -A INPUT -p tcp --dport 81 -j DROP
            ip netns exec blue iptables -A INPUT -p tcp --dport 82 -j REJECT
            ip netns exec blue python3 -m http.server 80 &
            ip netns exec blue nc -lk 10.0.0.2 5000 &
            ip netns exec blue nc -luk 53 &
            ip netns exec blue nc -lk 81 &
        ",
        checks: &[
            ("listens = 80; in = 'blue'", Met),
            ("listens = 80; in = 'blue'; at = '0.0.0.0'", Met),
            ("listens = 80; in = 'blue'; at = '10.0.0.2'", Unmet),
            ("listens = 80; in = 'blue'; protocol = 'udp'", Unmet),
            ("listens = 80; in = 'red'", Unmet),
            ("listens = 80; in = 'red'; exists = false", Met),
            ("listens = 5000; in = 'blue'; at = '10.0.0.2'; exists = false", Unmet),
            ("listens = 53; in = 'blue'; protocol = 'udp'", Met),
            ("listens = 53; in = 'blue'; protocol = 'tcp'", Unmet),
            ("listens = 80; in = 'green'", Unmet),
            ("connects = '10.0.0.2:80'; in = 'red'", Met),
            ("connects = '10.0.0.2:80'; in = 'red'; succeed = false", Unmet),
            ("connects = '10.0.0.2:80'; in = 'red'; refused = true", Unmet),
            ("connects = '10.0.0.2:5000'; in = 'red'", Met),
            ("connects = '127.0.0.1:5000'; in = 'blue'", Unmet),
            ("connects = '10.0.0.2:83'; in = 'red'; refused = true", Met),
            ("connects = '10.0.0.2:82'; in = 'red'; refused = true", Met),
            ("connects = '10.0.0.2:82'; in = 'red'", Unmet),
            ("connects = '10.0.0.2:81'; in = 'red'; refused = true", Unmet),
            ("connects = '10.0.0.2:81'; in = 'red'; succeed = false", Met),
            ("connects = '10.9.0.2:80'; in = 'red'; refused = true", Met),
            ("connects = '10.0.0.2:80'; in = 'green'", Unmet),
        ],
    },
    Case {
        name: "servers that go on while checks run",
        setup: SERVER,
        answer: "ip netns exec blue python3 -m http.server 80 &",
        checks: &[
            ("connects = '10.0.0.2:5000'; in = 'red'", Met),
            ("connects = '10.0.0.2:80'; in = 'red'", Met),
            ("connects = '10.0.0.2:5000'; in = 'red'", Met),
            ("connects = '10.0.0.2:5000'; in = 'red'", Met),
            ("connects = '10.0.0.2:80'; in = 'red'", Met),
            ("connects = '10.0.0.2:5000'; in = 'red'", Met),
            ("connects = '10.0.0.2:5000'; in = 'red'; refused = true", Unmet),
            ("connects = '10.0.0.2:5000'; in = 'red'; within = 3", Met),
            ("connects = '10.0.0.2:5001'; in = 'red'; refused = true", Met),
        ],
    },
    Case {
        name: "what takes its time",
        setup: PAIR,
        answer: "ip netns exec red ping -c 1 -W 1 10.0.0.7",
        checks: &[
            ("neighbour = '10.0.0.7'; in = 'red'; state = ['INCOMPLETE']", Met),
            ("neighbour = '10.0.0.7'; in = 'red'; state = ['FAILED']", Unmet),
            ("neighbour = '10.0.0.7'; in = 'red'; state = ['FAILED']; within = 5", Met),
            ("neighbour = '10.0.0.7'; in = 'red'; state = ['REACHABLE']; within = 1", Unmet),
            ("namespace = 'green'; exists = false; within = 600", Met),
        ],
    },
    Case {
        name: "checks that need others, guard and warn",
        setup: PAIR,
        answer: "ip -n red addr add 10.0.0.8/24 dev eth0",
        checks: &[
            ("id = 'last'; address = '10.0.0.8/24'; in = 'red'; needs = ['ping']", Met),
            ("id = 'ping'; ping = '10.0.0.2'; in = 'red'; needs = ['namespace']; points = 3", Met),
            ("id = 'namespace'; namespace = 'red'; guard = true", Met),
            ("id = 'broken'; link = 'eth0'; in = 'red'; up = false; guard = true", Unmet),
            ("id = 'waits'; ping = '10.0.0.2'; in = 'red'; needs = ['namespace', 'broken']", Waiting),
            ("id = 'waits-too'; namespace = 'red'; needs = ['waits']; optional = true", Waiting),
            ("id = 'silent'; ping = '10.0.0.3'; in = 'red'; points = 2", Unmet),
            ("id = 'behind-silent'; namespace = 'red'; needs = ['silent']; hidden = true", Waiting),
            ("id = 'warns'; count_of = 'addresses'; in = 'red'; exactly = 1; optional = true", Warned),
        ],
    },
];

/// What takes too long to wait for on the kernel: an entry is taken for good for 15 to 45 seconds.
pub(super) const SLOW: Case = Case {
    name: "what takes long",
    setup: PAIR,
    answer: "ip netns exec red ping -c 1 10.0.0.2",
    checks: &[
        ("neighbour = '10.0.0.2'; in = 'red'; state = ['STALE']", Unmet),
        ("neighbour = '10.0.0.2'; in = 'red'; state = ['STALE']; within = 10", Unmet),
        ("neighbour = '10.0.0.2'; in = 'red'; state = ['STALE']; within = 60", Met),
        ("neighbour = '10.0.0.2'; in = 'red'; state = ['REACHABLE']", Met),
    ],
};
