//! Why packets end: the simulator gives the reasons that Linux gives.
//!
//! The reasons were read off the running kernel (Linux 6.18): the same networks, made with iproute2 in namespaces
//! of their own, under `perf record -e skb:kfree_skb`. No ordinary program may look at that tracepoint, so they
//! stand here as a table.

use vethlab_shared::event::EventKind;
use vethlab_shared::programs::Transcript;
use vethlab_shared::session::Session;
use vethlab_sim::World;

/// A host, a router `r` and a far host `b`, all reaching each other.
const NETWORK: &str = "
ip netns add r
ip netns add b
ip link add h0 type veth peer name r0 netns r
ip link add r1 netns r type veth peer name b0 netns b
ip addr add 10.0.0.1/24 dev h0
ip link set h0 up
ip -n r addr add 10.0.0.2/24 dev r0
ip -n r link set r0 up
ip -n r link set lo up
ip -n r addr add 10.0.1.2/24 dev r1
ip -n r link set r1 up
ip -n b addr add 10.0.1.3/24 dev b0
ip -n b link set b0 up
ip route add default via 10.0.0.2
ip -n b route add default via 10.0.1.2
ip netns exec r sysctl -q -w net.ipv4.ip_forward=1
ping -q -c 1 10.0.1.3
";

/// What is done to the network, what is sent then, and where it ends and why.
const CASES: &[(&str, &str, &[&str])] = &[
    ("", "ping -q -c 1 10.0.1.3", &["host NO_SOCKET"]),
    ("", "ping -c 1 -t 1 10.0.1.3", &["r IP_INHDR"]),
    ("ip netns exec r sysctl -q -w net.ipv4.ip_forward=0", "ping -c 1 -W 1 10.0.1.3", &["r IP_INADDRERRORS"]),
    ("ip netns exec b sysctl -q -w net.ipv4.icmp_echo_ignore_all=1", "ping -c 1 -W 1 10.0.1.3", &[]),
    ("", "ping -c 1 -W 1 -b 10.0.0.255", &["host INVALID_PROTO", "r INVALID_PROTO"]),
    ("ip -n b route del default", "ping -c 1 -W 1 10.0.1.3", &[]),
    ("", "ping -c 1 -W 1 10.9.0.1", &["r IP_INNOROUTES"]),
    ("ip -n r route add unreachable 10.9.0.0/24", "ping -c 1 -W 1 10.9.0.1", &["r NOT_SPECIFIED"]),
    ("ip -n r route add blackhole 10.9.0.0/24", "ping -c 1 -W 1 10.9.0.1", &["r NOT_SPECIFIED"]),
    ("ip -n r route add prohibit 10.9.0.0/24", "ping -c 1 -W 1 10.9.0.1", &["r NOT_SPECIFIED"]),
    ("", "ping -c 1 10.0.0.77", &["host NEIGH_FAILED"]),
    ("ip -n r link set r1 mtu 1000", "ping -c 1 -W 1 -M do -s 1200 10.0.1.3", &["r PKT_TOO_BIG"]),
    (
        "ip netns exec r sysctl -q -w net.ipv4.conf.r0.rp_filter=1
         ip addr add 10.77.0.1/32 dev lo",
        "ping -c 1 -W 1 -I 10.77.0.1 10.0.1.3",
        &["r IP_RPFILTER"],
    ),
    (
        "ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev h0",
        "ping -c 1 -W 1 10.0.0.2",
        &["r OTHERHOST"],
    ),
    ("ip -n r addr add 10.0.0.1/32 dev lo", "ping -c 1 -W 1 10.0.0.2", &["r IP_LOCAL_SOURCE"]),
];

#[test]
fn packets_end_for_the_reasons_that_linux_gives() {
    let mut wrong = String::new();
    for (change, command, expected) in CASES {
        let mut world = World::new(0);
        vethlab_shared::stack::NetworkStack::observe(&mut world, true);
        let mut session = Session::new();
        for line in NETWORK.lines().chain(change.lines()) {
            let mut transcript = Transcript::default();
            session.execute(line, &mut world, &mut transcript);
            assert_eq!(transcript.stderr, "", "{line}");
        }
        session.execute(command, &mut world, &mut Transcript::default());
        let (_, events) = session.journal().commands().next_back().expect("the command");
        let ends: Vec<String> = events
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::KfreeSkb { reason } => Some(format!("{} {}", event.namespace, reason.name())),
                _ => None,
            })
            .collect();
        if ends != *expected {
            wrong += &format!("{change:?}, {command}: {ends:?}, on Linux {expected:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
