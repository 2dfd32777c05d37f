//! What the simulator tells of packets that end early, and why: the reasons are those that `skb:kfree_skb` gave on
//! Linux 6.18 for the same networks.

use vethlab_programs::Transcript;
use vethlab_programs::session::Session;
use vethlab_shared::event::{ArpOutcome, Consumer, DropReason, Event, EventKind, PacketId};
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;

/// The machine, then `r`, which forwards, then `b`.
const ROUTER: &str = "\
ip netns add r
ip netns add b
ip link add name va type veth peer name ra netns r
ip link add name rc netns r type veth peer name cb netns b
ip addr add 10.0.0.1/24 dev va
ip link set va up
ip -n r addr add 10.0.0.2/24 dev ra
ip -n r link set ra up
ip -n r addr add 10.0.1.1/24 dev rc
ip -n r link set rc up
ip -n b addr add 10.0.1.2/24 dev cb
ip -n b link set cb up
ip route add default via 10.0.0.2
ip -n b route add default via 10.0.1.1
ip netns exec r sysctl -w net.ipv4.ip_forward=1
";

/// What happened while the last of the commands ran.
fn events_of(commands: &str) -> Vec<Event> {
    let mut world = World::new(1);
    world.observe(true);
    let mut session = Session::new();
    for line in ROUTER.lines().chain(commands.lines()) {
        session.execute(line, &mut world, &mut Transcript::default());
    }
    let (_, events) = session.journal().commands().next_back().expect("a command ran");
    events.to_vec()
}

/// How the first echo request ended.
fn end_of_request(events: &[Event]) -> EventKind {
    let request = events.iter().find_map(|event| match event.kind {
        EventKind::PacketCreated { parent: None } => event.packet,
        _ => None,
    });
    let ended = |kind: &EventKind| matches!(kind, EventKind::ConsumeSkb { .. } | EventKind::KfreeSkb { .. });
    let end = events.iter().find(|event| event.packet == request && ended(&event.kind));
    end.unwrap_or_else(|| panic!("the request ends: {events:#?}")).kind.clone()
}

#[test]
fn packets_end_as_the_kernel_says() {
    let dropped = |reason| EventKind::KfreeSkb { reason };
    let consumed = |by| EventKind::ConsumeSkb { by };
    let cases = [
        ("ping -c 1 10.0.1.2", consumed(Consumer::Icmp)),
        (
            "ip netns exec b sysctl -w net.ipv4.icmp_echo_ignore_all=1\nping -c 1 -W 1 10.0.1.2",
            consumed(Consumer::Icmp),
        ),
        ("ping -b -c 1 -W 1 10.0.0.255", dropped(DropReason::InvalidProto)),
        ("ping -c 1 -W 1 -t 1 10.0.1.2", dropped(DropReason::IpInHdr)),
        (
            "ip -n r link set rc mtu 1000\nping -c 1 -W 1 -M do -s 1300 10.0.1.2",
            dropped(DropReason::PktTooBig),
        ),
        (
            "ip -n r route add unreachable 10.9.1.0/24\nping -c 1 -W 1 10.9.1.1",
            dropped(DropReason::NotSpecified),
        ),
        (
            "ip -n r route add blackhole 10.9.3.0/24\nping -c 1 -W 1 10.9.3.1",
            dropped(DropReason::NotSpecified),
        ),
        ("ping -c 1 -W 1 10.8.0.1", dropped(DropReason::IpInNoRoutes)),
        (
            "ip netns exec r sysctl -w net.ipv4.ip_forward=0\nping -c 1 -W 1 10.0.1.2",
            dropped(DropReason::IpInAddrErrors),
        ),
        (
            "ip netns exec r sysctl -w net.ipv4.conf.ra.rp_filter=1\nping -c 1 10.0.0.2\nip addr add 172.16.0.1/32 dev lo\nping -c 1 -W 1 -I 172.16.0.1 10.0.1.2",
            dropped(DropReason::IpRpFilter),
        ),
        (
            "ping -c 1 10.0.0.2\nip addr add 10.0.1.1/32 dev lo\nping -c 1 -W 1 -I 10.0.1.1 10.0.0.2",
            dropped(DropReason::IpLocalSource),
        ),
        (
            "ip -n r link set ra mtu 1000\nping -c 1 -W 1 -M dont -s 1300 10.0.0.2",
            dropped(DropReason::NotSpecified),
        ),
        ("ping -c 1 -W 4 10.0.0.77", dropped(DropReason::NeighFailed)),
        (
            "ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev va\nping -c 1 -W 1 10.0.0.2",
            dropped(DropReason::OtherHost),
        ),
    ];
    for (commands, end) in cases {
        assert_eq!(end_of_request(&events_of(commands)), end, "{commands}");
    }
}

/// Where the first such event stands.
fn place(events: &[Event], wanted: impl Fn(&Event) -> bool) -> usize {
    events.iter().position(wanted).unwrap_or_else(|| panic!("it is told: {events:#?}"))
}

#[test]
fn an_echo_reply_is_delivered_and_then_finds_no_other_taker() {
    let events = events_of("ping -c 1 10.0.1.2");
    let reply: Option<PacketId> = events
        .iter()
        .find(|event| matches!(event.kind, EventKind::SockQueueRcvSkb { .. }))
        .and_then(|event| event.packet);
    let no_socket = EventKind::KfreeSkb { reason: DropReason::NoSocket };
    place(&events, |event| event.packet == reply && event.kind == no_socket);
    let crossings = vethlab_explain::journal::Crossing::all(&events);
    assert!(crossings.len() >= 8, "two pairs of ARP messages, two hops each way: {crossings:#?}");
    assert!(crossings.iter().all(|crossing| crossing.dropped.is_none()), "nothing is lost: {crossings:#?}");
}

#[test]
fn decisions_are_told_with_their_causes() {
    let echo =
        events_of("ip netns exec b sysctl -w net.ipv4.icmp_echo_ignore_all=1\nping -c 1 -W 1 10.0.1.2");
    place(&echo, |event| event.kind == EventKind::IcmpEcho { answered: false });

    let arp = events_of("ip netns exec r sysctl -w net.ipv4.conf.all.arp_ignore=8\nping -c 1 -W 1 10.0.0.2");
    place(&arp, |event| matches!(event.kind, EventKind::ArpProcess { outcome: ArpOutcome::ArpIgnore, .. }));
    place(&arp, |event| matches!(event.kind, EventKind::NeighEventSendDone { waiting: 1, .. }));

    let source = events_of(
        "ip netns exec r sysctl -w net.ipv4.conf.ra.rp_filter=1\nping -c 1 10.0.0.2\nip addr add 172.16.0.1/32 dev lo\nping -c 1 -W 1 -I 172.16.0.1 10.0.1.2",
    );
    place(&source, |event| {
        matches!(event.kind, EventKind::FibValidateSource { rp_filter: 1, accepted: false, output: None, .. })
    });

    let mtu = events_of("ip -n r link set rc mtu 1000\nping -c 1 -W 1 -M do -s 1300 10.0.1.2");
    place(&mtu, |event| matches!(event.kind, EventKind::UpdateOrCreateFnhe { mtu: Some(1000), .. }));

    let pieces = events_of("ping -c 1 -s 3000 10.0.0.2");
    let cut = pieces.iter().find_map(|event| match &event.kind {
        EventKind::IpDoFragment { pieces } => Some(pieces.clone()),
        _ => None,
    });
    let joined = pieces.iter().find_map(|event| match &event.kind {
        EventKind::IpFragReasm { pieces } => Some(pieces.clone()),
        _ => None,
    });
    assert_eq!(cut.as_ref().map(Vec::len), Some(3));
    assert_eq!(cut, joined);
}
