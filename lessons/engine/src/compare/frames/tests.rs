//! Frames of two simulators next to each other.

use super::*;
use crate::machine::Machine;
use vethlab_programs::Transcript;
use vethlab_shared::time::{Duration, Instant};

/// Two simulators whose random choices are not the same.
fn two_machines() -> [Machine; 2] {
    [0, 1].map(Machine::on_sim)
}

fn run(machine: &mut Machine, commands: &[&str]) {
    for command in commands {
        let mut transcript = Transcript::default();
        machine.execute(command, &mut transcript);
        assert_eq!(transcript.stderr, "", "{command}");
    }
}

/// The frames that commands lead to on two simulators, other ones on each.
fn compare(sides: [&[&str]; 2]) -> FrameComparison {
    let [mut left, mut right] = two_machines();
    run(&mut left, sides[0]);
    run(&mut right, sides[1]);
    next(&mut FrameMatch::new(), &mut left, &mut right)
}

/// The frames that commands lead to.
fn traffic(commands: &[&str], seed: u64) -> Traffic {
    let mut machine = Machine::on_sim(seed);
    run(&mut machine, commands);
    let (stack, journal) = machine.stack_and_journal();
    FrameWatch::new().look_at(stack, journal)
}

fn next(matching: &mut FrameMatch, left: &mut Machine, right: &mut Machine) -> FrameComparison {
    matching.next([left, right]).expect("a simulator can wait")
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
fn what_a_timer_sends_is_matched_however_time_is_cut() {
    // One side's timers are due a quarter of a second after the other one's, at any place between two looks.
    let nobody = [&CABLE[..], &["ping -c 1 -q -W 0.1 10.0.0.9"]].concat();
    let [mut left, mut right] = two_machines();
    let late = right.now() + Duration::from_millis(250);
    right.idle_until(late).expect("a simulator can wait");
    run(&mut left, &nobody);
    run(&mut right, &nobody);
    let mut matching = FrameMatch::new();
    let mut seen = Vec::new();
    while left.now() < late + Duration::from_secs(7) {
        let frames = next(&mut matching, &mut left, &mut right);
        assert!(frames.equal, "{}", frames_side_by_side(&frames, ["one", "other"], 80));
        seen.extend(frames.links.into_iter().flat_map(|link| link.rows));
        run(&mut left, &["sleep 0.03"]);
        run(&mut right, &["sleep 0.03"]);
    }
    let counted = |word: &str| {
        let of = |row: &&FrameRow| {
            let out = row.left.as_ref().filter(|passage| passage.direction == Direction::Out);
            out.is_some_and(|passage| passage.what.starts_with(word))
        };
        seen.iter().filter(of).count()
    };
    // One ping asks once, the other one thrice in vain; then the far side asks whether the near one is still there.
    assert_eq!(["ARP who-has", "ARP reply", "ICMP host unreachable"].map(counted), [5, 2, 1]);
}

#[test]
fn a_frame_too_many_is_told_in_the_end() {
    let [mut left, mut right] = two_machines();
    run(&mut left, &CABLE);
    run(&mut right, &CABLE);
    let mut matching = FrameMatch::new();
    assert!(next(&mut matching, &mut left, &mut right).equal);
    run(&mut left, &["ping -c 1 -q 10.0.0.2"]);
    let frames = next(&mut matching, &mut left, &mut right);
    assert_eq!(frames.summary(), "2 and 0 frames on 2 links, not the same on 2");
    assert!(next(&mut matching, &mut left, &mut right).is_empty(), "it is told once");
}

#[test]
fn side_by_side_one_may_be_late_and_not_too_late() {
    let at = |milliseconds| Instant::START + Duration::from_millis(milliseconds);
    let nothing = Traffic::default;
    let mut lockstep = FrameLockstep::default();
    assert_eq!(lockstep.next([traffic(&CABLE, 0), nothing()], at(0)), None);
    assert_eq!(lockstep.next([nothing(), traffic(&CABLE, 1)], at(500)), None);
    assert_eq!(lockstep.next([nothing(), nothing()], at(5000)), None, "it came");
    assert_eq!(lockstep.next([nothing(), traffic(&CABLE, 1)], at(6000)), None);
    let how = lockstep.next([nothing(), nothing()], at(7000)).expect("it did not come");
    let said = "on host/veth0 the kernel saw 'ARP reply 10.0.0.2' (is-at red/veth1) come in where the simulator saw \
                nothing";
    assert_eq!(how, said);
    // What belongs to a namespace that is gone is not waited for.
    let mut lockstep = FrameLockstep::default();
    assert_eq!(lockstep.next([traffic(&CABLE, 0), nothing()], at(0)), None);
    lockstep.keep(&[]);
    assert_eq!(lockstep.next([nothing(), nothing()], at(1000)), None);
    // The field that differs is named.
    let lower = [&CABLE[..6], &["sysctl -q -w net.ipv4.ip_default_ttl=63", CABLE[6]]].concat();
    let how = FrameLockstep::default().next([traffic(&CABLE, 0), traffic(&lower, 1)], at(0));
    assert!(how.as_ref().is_some_and(|how| how.contains("ttl 63' (10.0.0.1 > 10.0.0.2)")), "{how:?}");
}

#[test]
fn side_by_side_each_neighbour_is_asked_for_at_its_own_time() {
    let ask = |first: &str, second: &str| {
        let asked = [first, second].map(|end| format!("ping -c 1 -q -W 0.1 10.0.0.{end}"));
        let network = CABLE[..6].iter().copied();
        let lines: Vec<&str> = network.chain(asked.iter().map(String::as_str)).collect();
        traffic(&lines, 0)
    };
    let mut lockstep = FrameLockstep::default();
    assert_eq!(lockstep.next([ask("8", "9"), ask("9", "8")], Instant::START), None);
    let how = lockstep.next([ask("8", "9"), ask("8", "7")], Instant::START);
    assert_eq!(how, None, "one of them may only be late");
    let how =
        lockstep.next([Traffic::default(), Traffic::default()], Instant::START + Duration::from_secs(1));
    assert!(how.as_ref().is_some_and(|how| how.contains("who-has 10.0.0.9")), "{how:?}");
}

/// A datagram in two pieces, which goes round between two routers until its time to live ends. The link between them has
/// that MTU.
fn two_pieces(time_to_live: u8, mtu: u16) -> Traffic {
    let width = format!("ip -n a link set a-b up mtu {mtu}");
    let peer_width = format!("ip -n b link set b-a up mtu {mtu}");
    let ping = format!("ping -M dont -c 1 -q -t {time_to_live} -s 525 10.9.9.9");
    let mut machine = Machine::on_sim(0);
    run(
        &mut machine,
        &[
            "ip netns add a",
            "ip netns add b",
            "ip link add host type veth peer name a-h netns a",
            "ip -n a link add a-b type veth peer name b-a netns b",
            "ip addr add 10.0.1.1/24 dev host",
            "ip -n a addr add 10.0.1.2/24 dev a-h",
            "ip -n a addr add 10.0.0.1/24 dev a-b",
            "ip -n b addr add 10.0.0.2/24 dev b-a",
            "ip link set host up mtu 548",
            "ip -n a link set a-h up",
            &width,
            &peer_width,
            "ip route add default via 10.0.1.2",
            "ip -n a route add default via 10.0.0.2",
            "ip -n b route add default via 10.0.0.1",
            "ip netns exec a sysctl -qw net.ipv4.ip_forward=1",
            "ip netns exec b sysctl -qw net.ipv4.ip_forward=1",
            "ping -q -c 1 -s 8 10.0.0.2",
        ],
    );
    let mut watch = FrameWatch::new();
    let (stack, journal) = machine.stack_and_journal();
    watch.look_at(stack, journal);
    machine.execute(&ping, &mut Transcript::default());
    let (stack, journal) = machine.stack_and_journal();
    watch.look_at(stack, journal)
}

/// The same with the second piece in front of the first.
fn second_piece_first(traffic: &Traffic) -> Traffic {
    let is_first =
        |passage: &Passage| passage.fragment_offset().is_none_or(|offset| offset.starts_with("0 "));
    let mut traffic = traffic.clone();
    for passages in traffic.links.values_mut() {
        passages.sort_by_key(is_first);
    }
    traffic
}

#[test]
fn a_piece_may_overtake_another_where_many_frames_pass() {
    let rounds = two_pieces(64, 1500);
    assert!(rounds.count() > SOFTIRQ_WEIGHT, "{}", rounds.count());
    let overtaken = FrameComparison::of(&rounds, &second_piece_first(&rounds));
    assert!(overtaken.equal, "{}", frames_side_by_side(&overtaken, ["one", "other"], 80));
    let mut one_less = rounds.clone();
    one_less.links.values_mut().for_each(|passages| drop(passages.pop()));
    assert!(!FrameComparison::of(&rounds, &one_less).equal);
    let once = two_pieces(2, 1500);
    assert!(!FrameComparison::of(&once, &second_piece_first(&once)).equal);
}

/// On Linux 6.18 the second piece is the 652nd packet on the link between the routers: 640 were received before, and of
/// them the first one came in eleven pieces. On a busy machine it comes earlier.
#[test]
fn a_sender_waits_for_640_frames() {
    let rounds = two_pieces(64, 68);
    let between = rounds
        .links
        .iter()
        .find_map(|((_, link), passages)| (link.as_str() == "a-b").then_some(passages))
        .expect("a link between the routers");
    let mut offsets = between.iter().filter_map(Passage::fragment_offset);
    assert_eq!(offsets.position(|offset| offset.starts_with("528 ")), Some(651));
}
