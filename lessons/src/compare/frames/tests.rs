//! Frames of two simulators next to each other.

use super::*;
use crate::stacks::StackChoice;
use vethlab_shared::programs::Transcript;

/// Two pairs of commands, one for each side, and the frames that they lead to on two simulators whose random
/// choices are not the same.
fn compare(sides: [&[&str]; 2]) -> FrameComparison {
    let mut watches = [FrameWatch::new(), FrameWatch::new()];
    let mut traffic = Vec::new();
    for (side, commands) in sides.into_iter().enumerate() {
        let mut seat = Seat::open(StackChoice::Sim, side as u64).expect("a simulator");
        for command in commands {
            let mut transcript = Transcript::default();
            seat.execute(command, &mut transcript);
            assert_eq!(transcript.stderr, "", "{command}");
        }
        traffic.push(watches[side].look(&mut seat));
    }
    let [left, right] = <[Traffic; 2]>::try_from(traffic).expect("two sides");
    FrameMatch::new().finish(left, right)
}

const CABLE: [&str; 7] = [
    "ip netns add red",
    "ip link add veth0 type veth peer name veth1 netns red",
    "ip addr add 10.0.0.1/24 dev veth0",
    "ip link set veth0 up",
    "ip -n red addr add 10.0.0.2/24 dev veth1",
    "ip -n red link set veth1 up",
    "ping -c 1 -q 10.0.0.2",
];

#[test]
fn what_is_drawn_at_random_is_no_difference() {
    let frames = compare([&CABLE, &CABLE]);
    assert!(frames.equal, "{}", frames_side_by_side(&frames, ["one", "other"], 80));
    assert_eq!(frames.summary(), "4 frames on 2 links, the same on both");
    let first = frames.links[0].rows[0].left.as_ref().expect("an ARP request");
    assert!(first.fields.iter().any(|field| field.value == "host/veth0"), "{first:?}");
}

#[test]
fn another_time_to_live_is_said_field_by_field() {
    let lower = [&["ip netns exec red sysctl -q -w net.ipv4.ip_default_ttl=63"], &CABLE[..]].concat();
    let lower = [&CABLE[..1], &lower[..1], &CABLE[1..]].concat();
    let frames = compare([&CABLE, &lower]);
    let table = frames_side_by_side(&frames, ["one", "other"], 80);
    let expected = "\
in  ICMP echo reply seq 1 ttl 64       | in  ICMP echo reply seq 1 ttl 63
    10.0.0.2 > 10.0.0.1                |     10.0.0.2 > 10.0.0.1
      IPv4 time to live: 64 hops       |       IPv4 time to live: 63 hops
";
    assert!(table.contains(expected), "{table}");
    assert!(table.ends_with("4 frames on 2 links, not the same on 2\n"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn a_frame_of_one_side_stands_alone() {
    let twice = [&CABLE[..], &["ping -c 1 -q 10.0.0.2"]].concat();
    let frames = compare([&CABLE, &twice]);
    assert!(!frames.equal);
    let alone = frames.links.iter().flat_map(|link| &link.rows).filter(|row| row.left.is_none()).count();
    assert_eq!(alone, 4);
    assert_eq!(frames.summary(), "4 and 6 frames on 2 links, not the same on 2");
}

#[test]
fn a_request_at_the_end_of_a_command_may_count_for_the_next() {
    let request = |seat: &mut Seat, watch: &mut FrameWatch, wait: &str| {
        seat.execute(wait, &mut Transcript::default());
        watch.look(seat)
    };
    let nobody = [&CABLE[..6], &["ping -c 1 -q -W 0.5 10.0.0.9"]].concat();
    let mut sides = Vec::new();
    for waits in [["sleep 0.1", "sleep 1"], ["sleep 1", "sleep 0.1"]] {
        let (mut seat, mut watch) =
            (Seat::open(StackChoice::Sim, 0).expect("a simulator"), FrameWatch::new());
        for command in &nobody {
            seat.execute(command, &mut Transcript::default());
        }
        watch.look(&mut seat);
        sides.push(waits.map(|wait| request(&mut seat, &mut watch, wait)));
    }
    let [[early, one], [other, late]] = <[_; 2]>::try_from(sides).expect("two sides");
    assert_ne!(early, other);
    let mut matching = FrameMatch::new();
    assert!(matching.next(early.clone(), other.clone()).equal);
    assert!(matching.next(one, late).equal);
    assert!(matching.finish(Traffic::default(), Traffic::default()).equal);
    assert!(!FrameMatch::new().finish(early, other).equal, "in the end each request counts");
}
