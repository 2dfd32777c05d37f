//! Frames of two simulators next to each other.

use super::*;
use crate::stacks::StackChoice;
use vethlab_shared::programs::Transcript;
use vethlab_shared::time::{Duration, Instant};

/// Two pairs of commands, one for each side, and the frames that they lead to on two simulators whose random
/// choices are not the same.
fn compare([left, right]: [&[&str]; 2]) -> FrameComparison {
    FrameMatch::new().finish(traffic(left, 0), traffic(right, 1))
}

/// The frames that commands lead to.
fn traffic(commands: &[&str], seed: u64) -> Traffic {
    let mut seat = Seat::open(StackChoice::Sim, seed).expect("a simulator");
    for command in commands {
        let mut transcript = Transcript::default();
        seat.execute(command, &mut transcript);
        assert_eq!(transcript.stderr, "", "{command}");
    }
    FrameWatch::new().look(&mut seat)
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

#[test]
fn in_a_race_one_may_be_late_and_not_too_late() {
    let at = |milliseconds| Instant::START + Duration::from_millis(milliseconds);
    let nothing = Traffic::default;
    let mut race = FrameRace::default();
    assert_eq!(race.next([traffic(&CABLE, 0), nothing()], at(0)), None);
    assert_eq!(race.next([nothing(), traffic(&CABLE, 1)], at(500)), None);
    assert_eq!(race.next([nothing(), nothing()], at(5000)), None, "it came");
    assert_eq!(race.next([nothing(), traffic(&CABLE, 1)], at(6000)), None);
    let how = race.next([nothing(), nothing()], at(7000)).expect("it did not come");
    let said = "on host/veth0 the kernel saw 'ARP reply 10.0.0.2' (is-at red/veth1) come in where the simulator saw \
                nothing";
    assert_eq!(how, said);
    // What belongs to a namespace that is gone is not waited for.
    let mut race = FrameRace::default();
    assert_eq!(race.next([traffic(&CABLE, 0), nothing()], at(0)), None);
    race.keep(&[]);
    assert_eq!(race.next([nothing(), nothing()], at(1000)), None);
    // The field that differs is named.
    let lower = [&CABLE[..6], &["sysctl -q -w net.ipv4.ip_default_ttl=63", CABLE[6]]].concat();
    let how = FrameRace::default().next([traffic(&CABLE, 0), traffic(&lower, 1)], at(0));
    assert!(how.as_ref().is_some_and(|how| how.contains("ttl 63' (10.0.0.1 > 10.0.0.2)")), "{how:?}");
}
