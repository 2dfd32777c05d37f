//! What `why` says in words, and that its numbers are those of `packets`.

use vethlab::history::TimeMachine;
use vethlab_shared::programs::{Console, Transcript};
use vethlab_shared::session::Outcome;
use vethlab_shared::why::{Cause, Diagnosis, Fact};

/// A router between two, and all is well.
const BASE: &[&str] = &[
    "ip netns add red",
    "ip netns add r",
    "ip netns add blue",
    "ip link add ra netns red type veth peer name ar netns r",
    "ip link add rb netns blue type veth peer name rr netns r",
    "ip -n red link set ra up",
    "ip -n red link set lo up",
    "ip -n r link set ar up",
    "ip -n r link set rr up",
    "ip -n r link set lo up",
    "ip -n blue link set rb up",
    "ip -n blue link set lo up",
    "ip -n red addr add 10.0.1.2/24 dev ra",
    "ip -n r addr add 10.0.1.1/24 dev ar",
    "ip -n r addr add 10.0.2.1/24 dev rr",
    "ip -n blue addr add 10.0.2.2/24 dev rb",
    "ip -n red route add default via 10.0.1.1",
    "ip -n blue route add default via 10.0.2.1",
    "ip netns exec r sysctl -w net.ipv4.ip_forward=1",
];

fn type_in(machine: &mut TimeMachine, line: &str) -> (Outcome, String) {
    let mut transcript = Transcript::default();
    let outcome = machine.execute(line, &mut transcript);
    (outcome, transcript.stdout + &transcript.stderr)
}

/// The network, with what breaks it.
fn network(more: &[&str]) -> TimeMachine {
    let mut machine = TimeMachine::new(1);
    for line in BASE.iter().chain(more) {
        let (outcome, said) = type_in(&mut machine, line);
        assert_eq!(outcome, Outcome::Ran(0), "{line}: {said}");
    }
    machine
}

/// What `why` says, in one line.
fn said(machine: &mut TimeMachine, line: &str) -> String {
    type_in(machine, line).1.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn diagnosis(machine: &mut TimeMachine, line: &str) -> Diagnosis {
    let text = type_in(machine, line).1;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"))
}

/// Runs a command, and asks why.
fn asked(more: &[&str], command: &str) -> String {
    let mut machine = network(more);
    type_in(&mut machine, command);
    said(&mut machine, "why")
}

fn has(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "'{word}' is missing: {text}");
    }
}

fn lacks(text: &str, words: &[&str]) {
    for word in words {
        assert!(!text.contains(word), "'{word}' is said: {text}");
    }
}

#[test]
fn a_traceroute_is_looked_at_as_a_whole() {
    let arrived = asked(&[], "ip netns exec red traceroute -n 10.0.2.2");
    has(&arrived, &["none: nothing is wrong", "traceroute takes for its arrival"]);
    lacks(&arrived, &["heard nothing", "icmpv4_xrlim_allow"]);

    let refused = asked(&[], "ip netns exec red traceroute -n 10.0.9.9");
    has(&refused, &["no-route in r", "red was told of it by r (10.0.1.1): 'Destination Net Unreachable'"]);
    has(&refused, &["Of 14 of the 16 probes r told nothing", "icmpv4_xrlim_allow", "prints '*'"]);
    lacks(&refused, &["heard nothing"]);

    let many = asked(&[], "ip netns exec red traceroute -n -q 10 -N 40 10.0.2.2");
    has(&many, &["none: nothing", "Of 4 of the 40 probes r told", "Of 4 of the 40 probes blue told"]);

    let short = asked(&[], "ip netns exec red traceroute -n -m 1 10.0.2.2");
    has(&short, &["ttl-exceeded in r"]);

    let silent = ["ip -n blue route del default"];
    let lost = asked(&silent, "ip netns exec red traceroute -n -m 3 10.0.2.2");
    has(&lost, &["no-return-route in blue", "ip netns exec blue ip route add 10.0.1.0/24 via 10.0.2.1"]);
    let silent = ["ip -n r route add blackhole 10.0.1.2"];
    has(&asked(&silent, "ip netns exec red traceroute -n -m 3 10.0.2.2"), &["blackhole-route in r"]);
}

/// Linux limits how fast a router tells of what has no route (`ip_error`), and all other errors
/// (`icmpv4_xrlim_allow`); and that limit is the reason why only some are told.
#[test]
fn it_is_said_that_too_many_errors_are_not_told() {
    let fast = asked(&[], "ip netns exec red ping -c 12 -i 0.01 10.0.9.9");
    has(&fast, &["no-route in r", "Of 10 of the 12 requests r told nothing", "icmpv4_xrlim_allow"]);

    let mut machine = network(&[]);
    type_in(&mut machine, "ip netns exec red traceroute -n -q 10 10.0.2.2");
    type_in(&mut machine, "ip netns exec red ping -c 1 -W 1 -t 1 10.0.2.2");
    let late = said(&mut machine, "why");
    has(&late, &["ttl-exceeded in r", "icmpv4_xrlim_allow"]);
    has(&late, &["r told nobody, as it had sent too many ICMP errors just before. red heard nothing."]);

    let all = ["ip netns exec r sysctl -w net.ipv4.icmp_msgs_per_sec=0"];
    let mut machine = network(&all);
    type_in(&mut machine, "ip netns exec red ping -c 1 -W 1 -t 1 10.0.2.2");
    has(&said(&mut machine, "why"), &["ttl-exceeded in r", "r told nobody, as it had sent too many"]);
}

#[test]
fn in_the_middle_of_a_command_it_is_under_way() {
    let commands = [
        ("ip netns exec red ping -c 2 -i 0.1 10.0.2.2", Cause::None),
        ("ip netns exec red ping -c 2 -i 0.1 10.0.9.9", Cause::NoRoute),
        ("ip netns exec red ping -c 1 -s 3000 10.0.2.2", Cause::None),
        ("ip netns exec red traceroute -n 10.0.2.2", Cause::None),
        ("ip netns exec red ping -c 1 -W 5 10.0.1.9", Cause::NeighbourFailed),
    ];
    for (command, end) in commands {
        let mut machine = network(&[]);
        type_in(&mut machine, &format!("step {command}"));
        let mut waiting = 0;
        while let Some((event, _)) = machine.place() {
            let found = diagnosis(&mut machine, "why --json");
            let expected = [Cause::UnderWay, end, Cause::TtlExceeded];
            assert!(expected.contains(&found.cause), "{command} at {event}: {found:#?}");
            let text = said(&mut machine, "why");
            lacks(&text, &["program ended", "heard nothing.", "did not arrive"]);
            if found.cause == Cause::UnderWay {
                has(&text, &["under-way in", "'step' goes on to the next event, 'continue' to the end."]);
                waiting += 1;
            }
            type_in(&mut machine, "step");
        }
        assert!(waiting > 10, "{command}: {waiting}");
        assert_eq!(diagnosis(&mut machine, "why --json").cause, end, "{command}");
    }
}

#[test]
fn what_is_on_its_wire_is_said_to_be_there() {
    let mut machine = network(&[]);
    has(
        &said(&mut machine, "why packet 1"),
        &["why: there is no packet 1: no frame has crossed a link so far"],
    );
    type_in(&mut machine, "step ip netns exec red ping -c 1 10.0.2.2");
    has(&said(&mut machine, "packets"), &["No frame has crossed a link so far in 'ip netns exec red ping"]);
    let mut wires = Vec::new();
    while machine.place().is_some() {
        let packets = said(&mut machine, "packets");
        lacks(&packets, &["nowhere", "not seen to arrive", "No frame crossed"]);
        for number in 1..=packets.matches(" > ").count() {
            lacks(&said(&mut machine, &format!("packet {number}")), &["nowhere", "not seen to arrive"]);
        }
        if let Some((before, _)) = packets.split_once(" > (on the wire)") {
            let from = before.rsplit(' ').next().unwrap_or_default().to_owned();
            let number = packets.matches("/").count().div_ceil(2);
            let whole = said(&mut machine, &format!("packet {number}"));
            has(&whole, &[&format!("{from} > (on the wire): not arrived yet")]);
            let why = said(&mut machine, &format!("why packet {number}"));
            has(&why, &["is on the wire that begins at"]);
            if whole.contains(": ARP ") {
                lacks(&why, &["the request", "the answer"]);
                has(&why, &["the ARP re"]);
            }
            if wires.last() != Some(&from) {
                wires.push(from);
            }
        }
        type_in(&mut machine, "step");
    }
    // To the router and on, and back, each time with the question for the neighbour before the first request.
    assert_eq!(wires, ["red/ra", "r/ar", "red/ra", "r/rr", "blue/rb", "r/rr", "blue/rb", "r/ar"]);
    lacks(&said(&mut machine, "packets"), &["on the wire"]);
}

/// A console of this width.
struct Narrow(usize, Transcript);

impl Console for Narrow {
    fn out(&mut self, text: &str) {
        self.1.out(text);
    }
    fn err(&mut self, text: &str) {
        self.1.err(text);
    }
    fn width(&self) -> usize {
        self.0
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        self.1.save(file, bytes)
    }
}

#[test]
fn it_is_as_wide_as_the_console() {
    let mut machine = network(&[]);
    type_in(&mut machine, "ip netns exec red ping -c 1 10.0.9.9");
    let mut lines = Vec::new();
    for width in [50, 80, 120] {
        let mut console = Narrow(width, Transcript::default());
        machine.execute("why", &mut console);
        let story = console.1.stdout.split("\nTry:").next().unwrap_or_default();
        let widest = story.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(widest <= width && widest + 16 > width, "{width}: {widest}: {story}");
        lines.push(story.lines().count());
    }
    assert!(lines.is_sorted_by(|wider, narrower| wider > narrower), "{lines:?}");
}

#[test]
fn numbers_are_those_of_packets() {
    let mut machine = network(&[]);
    type_in(&mut machine, "ip netns exec red ping -c 1 10.0.9.9");
    let found = diagnosis(&mut machine, "why --json");
    let frame = found.evidence.iter().find_map(|evidence| match evidence.fact {
        Fact::Dropped { frame, .. } => frame,
        _ => None,
    });
    let frame = frame.expect("a frame was dropped");
    has(&said(&mut machine, "why"), &[&format!("frame {frame} dropped: IP_INNOROUTES")]);
    has(&said(&mut machine, &format!("packet {frame}")), &["echo request", "IP_INNOROUTES"]);
    // What `packets` numbers `why` explains under the same number, also where others came in between.
    let explained = diagnosis(&mut machine, &format!("why --json packet {frame}"));
    assert_eq!(explained.cause, Cause::NoRoute);
    has(&said(&mut machine, "why packet 1"), &["frame 1 delivered"]);
    has(&said(&mut machine, "packet 1"), &["ARP who-has 10.0.1.1"]);
    has(&said(&mut machine, "why packet 99"), &["why: there is no packet 99; 'packets all' lists them"]);

    let timeline = type_in(&mut machine, "timeline").1;
    lacks(&timeline, &["packet 1", "packet 2"]);
    let line = timeline.lines().find(|line| line.contains("ICMP echo request")).expect("it left");
    has(line, &["skb ", &format!("as frame {frame}:")]);
    type_in(&mut machine, "goto start");
    type_in(&mut machine, "step frame");
    has(&said(&mut machine, "map"), &["◆ skb 2 is on the wire at red/ra as frame 1"]);
}

#[test]
fn it_is_said_as_it_is() {
    let own = asked(&[], "ip netns exec red ping -c 1 0.0.0.0");
    has(&own, &["none: nothing is wrong", "never left red"]);
    lacks(&own, &["Mind that"]);

    let from = asked(&[], "ip netns exec red ping -c 1 -I 10.9.9.9 10.0.2.2");
    has(&from, &["invalid-source in red", "wanted to send from 10.9.9.9"]);
    lacks(&from, &["send to 10.9.9.9"]);
    let mut machine = network(&[]);
    type_in(&mut machine, "ip netns exec red ping -c 1 -I 10.9.9.9 10.0.2.2");
    has(&said(&mut machine, "why 10.9.9.9"), &["nothing was sent to 10.9.9.9 here"]);

    let mute = asked(&["ip -n blue link set rb arp off"], "ip netns exec red ping -c 1 -W 1 10.0.2.2");
    has(&mute, &["link rb is set NOARP", "ip netns exec blue ip link set rb arp on"]);

    let bare = asked(&["ip -n red addr flush dev ra"], "ip netns exec red ping -c 1 -W 1 10.0.2.2");
    has(&bare, &["address-missing in red", "ra in red has no address", "ip addr add 10.0.1.2/24 dev ra"]);

    let deaf = asked(&["ip -n red link set lo down"], "ip netns exec red ping -c 1 -W 5 10.0.1.9");
    has(&deaf, &["lo is down there ('ip link set lo up' in red mends that)"]);

    let own = asked(&["ip -n red link set lo down"], "ip netns exec red ping -c 1 -W 1 10.0.1.2");
    has(&own, &["link-down in red", "The routes to the machine's own addresses stay", "ip link set lo up"]);
    lacks(&own, &["loses its routes"]);

    let name = asked(&[], "ip netns exec red ping nosuchhost");
    has(&name, &["nothing-sent in red"]);

    let filter =
        ["ip netns exec r sysctl -w net.ipv4.conf.ar.rp_filter=1", "ip -n r route add 10.0.1.2 via 10.0.2.2"];
    let asked_for = asked(&filter, "ip netns exec red ping -c 1 -W 1 10.0.2.2");
    has(&asked_for, &["The ARP request came in by ar, from 10.0.1.2."]);
}

#[test]
fn an_address_that_may_not_be_there_is_told_from_one_that_may_not_be_reached() {
    let said = asked(&[], "ip netns exec red ping -c 1 -W 1 -I 127.0.0.1 10.0.2.2");
    has(&said, &["invalid-source in red", "The source address was to be 127.0.0.1.", "may not leave it"]);
    lacks(&said, &["no entry", "Try:"]);
    let add = "ip netns exec red ip route add 127.0.5.0/24 via 10.0.1.1";
    let said = asked(&[add], "ip netns exec red ping -c 1 -W 1 127.0.5.1");
    has(
        &said,
        &[
            "invalid-destination in r",
            "because of where it goes, 127.0.5.1",
            "Try: ip netns exec red ip route del 127.0.5.0/24 via 10.0.1.1 dev ra",
        ],
    );
    lacks(&said, &["where it comes from"]);
}

#[test]
fn what_is_forced_out_by_loopback_comes_back() {
    let mut machine = network(&[]);
    type_in(&mut machine, "ip netns exec red ping -c 1 -W 1 -I lo 10.0.2.2");
    for line in ["why", "why packet 1"] {
        let said = said(&mut machine, line);
        has(
            &said,
            &[
                "invalid-destination in red",
                "What leaves by lo comes back to red, and 10.0.2.2 is no address of red",
                "Try: ip netns exec red ping -c 1 10.0.2.2",
            ],
        );
        lacks(&said, &["own address", "no entry"]);
    }
    type_in(&mut machine, "ip netns exec red traceroute -n -i lo -w 1 -q 1 -m 2 10.0.2.2");
    let traced = said(&mut machine, "why");
    has(&traced, &["invalid-destination in red", "10.0.2.2 is no address of red"]);
    lacks(&traced, &["no entry"]);
    // An address of its own is reached that way.
    type_in(&mut machine, "ip netns exec red ping -c 1 -W 1 -I lo 10.0.1.2");
    has(&said(&mut machine, "why"), &["10.0.1.2 is an address of red itself"]);
}

/// What breaks the network, the ping, what mends it, and what is still to be told then.
type Repair<'a> = (&'a str, &'a str, &'a [&'a str], &'a [&'a str]);

/// What is asked for late is told by the tables of then, and what mends it only while it does.
#[test]
fn what_was_changed_since_is_not_taken_for_what_was() {
    let ping = "ip netns exec red ping -c 1 -W 1 10.0.2.2";
    let long = "ip netns exec red ping -c 1 -W 1 -s 1200 10.0.1.1";
    let near = "ip netns exec red ping -c 1 -W 1 10.0.1.1";
    let cases: [Repair<'_>; 7] = [
        (
            "ip -n red link set ra down",
            near,
            &["ip -n red link set ra up"],
            &["link-down in red", "but ra is down"],
        ),
        (
            "ip -n r link set ar mtu 1000",
            long,
            &["ip -n r link set ar mtu 1500"],
            &["mtu-mismatch in r", "its mtu is only 1000"],
        ),
        (
            "ip -n red route replace default via 10.0.1.9",
            ping,
            &["ip -n red route replace default via 10.0.1.1"],
            &["wrong-gateway in red", "names a gateway that is not on that wire"],
        ),
        (
            "ip netns exec blue sysctl -w net.ipv4.icmp_echo_ignore_all=1",
            ping,
            &["ip netns exec blue sysctl -w net.ipv4.icmp_echo_ignore_all=0"],
            &["echo-ignored in blue", "net.ipv4.icmp_echo_ignore_all is 1"],
        ),
        (
            "ip -n blue route del default",
            ping,
            &["ip -n blue route add default via 10.0.2.1"],
            &["no-return-route in blue"],
        ),
        (
            "ip -n red neigh replace 10.0.1.1 lladdr 02:00:00:00:00:99 dev ra",
            near,
            &["ip -n red neigh del 10.0.1.1 dev ra"],
            &["wrong-neighbour in red", "02:00:00:00:00:99"],
        ),
        (
            "ip -n r link set ar down",
            near,
            &["ip -n red link set ra down", "ip -n r link set ar up"],
            &["no-carrier in red", "ar in r, and it is down"],
        ),
    ];
    for (breaks, ping, mends, told) in cases {
        let mut machine = network(&[breaks]);
        type_in(&mut machine, ping);
        let at_once = said(&mut machine, "why");
        has(&at_once, &["Try:"]);
        has(&at_once, told);
        lacks(&at_once, &["changed since"]);
        type_in(&mut machine, "ip netns exec red sleep 2");
        assert_eq!(
            said(&mut machine, "why").replace("FAILED", "INCOMPLETE"),
            at_once,
            "time alone changes nothing"
        );
        for line in mends {
            assert_eq!(type_in(&mut machine, line).0, Outcome::Ran(0), "{line}");
        }
        let later = said(&mut machine, "why");
        has(&later, told);
        has(&later, &["The network was changed since: try it again, and ask again."]);
        lacks(&later, &["Try:"]);
    }
}

/// Pieces are followed to the end of the way, whoever cut them, and each goes by the route of where it is.
#[test]
fn what_a_router_cuts_is_followed() {
    let narrow = ["ip -n r link set rr mtu 600", "ip -n blue link set rb mtu 600"];
    for (size, cut) in [(1000, &["r", "blue"][..]), (4000, &["red", "r", "blue"][..])] {
        let line = format!("ip netns exec red ping -c 1 -W 1 -M dont -s {size} 10.0.2.2");
        let said = asked(&narrow, &line);
        let cutters: Vec<&str> = said
            .split("so ")
            .filter_map(|rest| rest.split_once(" cut it into fragments").map(|(name, _)| name))
            .collect();
        assert_eq!(cutters, cut, "{said}");
        has(
            &said,
            &[
                "In red the route 'default via 10.0.1.1 dev ra' sent the request by ra, to the gateway 10.0.1.1.",
                "r took it in, and its route '10.0.2.0/24 dev rr' sent it on by rr, straight to 10.0.2.2.",
                "In blue the route 'default via 10.0.2.1 dev rb' sent the answer by rb",
                "r took it in, and its route '10.0.1.0/24 dev ar' sent it on by ar, straight to 10.0.1.2.",
                "The answer came back to red.",
            ],
        );
        lacks(&said, &["In r the route", "in all it crossed"]);
    }
}

#[test]
fn what_is_too_long_for_traceroute_is_not_measured_as_a_ping() {
    let said = asked(&[], "ip netns exec red traceroute -n -F 10.0.2.2 2000");
    has(&said, &["packet-too-big in red", "more than 1500 bytes long"]);
    lacks(&said, &["8 bytes of ICMP"]);
}

#[test]
fn a_route_that_competes_on_the_same_link_differs_by_its_gateway() {
    let said = asked(&["ip -n red addr add 10.0.2.9/24 dev ra"], "ip netns exec red ping -c 1 -W 1 10.0.2.2");
    has(&said, &["competing-route in red", "But 10.0.2.2 is reached by the gateway 10.0.1.1."]);
}

/// An earlier packet still waits for the same address on another wire, where it is asked for.
#[test]
fn what_is_asked_on_another_wire_is_another_question() {
    let second = [
        "ip -n red link add rc type veth peer name ac netns r",
        "ip -n red link set rc up",
        "ip -n r link set ac up",
        "ip netns exec r sysctl -w net.ipv4.conf.ac.arp_ignore=8",
    ];
    let mut machine = network(&second);
    type_in(&mut machine, "ip netns exec red ping -c 1 -W 1 -I rc 10.0.1.1");
    has(&said(&mut machine, "why"), &["arp-ignored in r"]);
    type_in(&mut machine, "ip -n r link set ar down");
    type_in(&mut machine, "ip netns exec red ping -c 1 -W 1 10.0.1.1");
    let late = said(&mut machine, "why");
    has(&late, &["no-carrier in red", "ar in r, and it is down", "Try: ip netns exec r ip link set ar up"]);
}

#[test]
fn what_is_for_many_is_nobodys_own_address() {
    let heed = ["ip netns exec r sysctl -w net.ipv4.icmp_echo_ignore_broadcasts=0"];
    for (to, meaning) in [
        ("10.0.1.255", "means every station of the network"),
        ("255.255.255.255", "means every station of the network"),
        ("224.0.0.1", "means a group of stations that it belongs to"),
    ] {
        let said = asked(&heed, &format!("ip netns exec red ping -c 1 -W 1 -b {to}"));
        has(&said, &["none: nothing", &format!("r took it in, for {to} {meaning}, and sent an answer.")]);
        lacks(&said, &["its own address"]);
    }
    let said = asked(&heed, "ip netns exec red ping -c 1 -W 1 224.0.0.5");
    has(
        &said,
        &["invalid-destination in r", "224.0.0.5 means a group of stations, and r does not belong to it"],
    );
    lacks(&said, &["no entry", "Nobody"]);
}

/// Each frame that `packets` lists is told of as what it is, wherever its packet began.
#[test]
fn every_packet_is_told_of_as_what_it_is() {
    let narrow = ["ip -n r link set rr mtu 600", "ip -n blue link set rb mtu 600"];
    let mut machine = network(&narrow);
    type_in(&mut machine, "ip netns exec red ping -c 1 -W 1 -M dont -s 1000 10.0.2.2");
    type_in(&mut machine, "ip netns exec red traceroute -n 10.0.2.2");
    let listed = type_in(&mut machine, "packets all").1;
    let mut kinds = std::collections::BTreeSet::new();
    for line in listed.lines() {
        let Some(number) = line.split_whitespace().next().and_then(|word| word.parse::<usize>().ok()) else {
            continue;
        };
        let why = said(&mut machine, &format!("why packet {number}"));
        lacks(&why, &["unexplained", "no closer reason"]);
        let (kind, words, none): (_, &[&str], &[&str]) = if line.contains(" ARP ") {
            ("arp", &["none: nothing", "ended well"], &["route '"])
        } else if line.contains("ICMP echo request") {
            (
                "request",
                &["none: nothing", "r cut it into fragments", "In red the route", "It ended well, in blue."],
                &[],
            )
        } else if line.contains(" fragment ") && line.contains(" r/rr > ") {
            ("piece", &["none: nothing", "In r the route", "sent the request by rr", "in blue."], &["port"])
        } else if line.contains(" fragment ") {
            (
                "answer",
                &["none: nothing", "In blue the route", "sent the answer by rb", "in red."],
                &["port", "request"],
            )
        } else if line.contains("ICMP ") {
            ("error", &["none: nothing", "sent the ICMP error by", "It ended well, in red."], &["request"])
        } else {
            ("probe", &["sent the request by ra"], &["answer"])
        };
        kinds.insert(kind);
        has(&why, words);
        lacks(&why, none);
    }
    assert_eq!(kinds.len(), 6, "{listed}");
}

#[test]
fn of_several_routes_that_compete_the_next_to_win_is_named() {
    let routes = [
        "ip -n red route add 10.0.2.0/24 via 10.0.1.1 metric 30",
        "ip -n red route add 10.0.2.0/24 via 10.0.1.8 metric 20",
    ];
    let said = asked(&routes, "ip netns exec red ping -c 1 -W 1 10.0.2.2");
    has(
        &said,
        &["competing-route in red", "and '10.0.2.0/24 via 10.0.1.1 dev ra'", "because its metric is lower"],
    );
}

#[test]
fn a_packet_that_cannot_be_is_given_no_length() {
    let said = asked(&[], "ip netns exec red ping -c 1 -s 70000 10.0.2.2");
    has(&said, &["packet-too-big in red", "longer than 65535 bytes, and no IPv4 packet can be."]);
    lacks(&said, &["65556"]);
}

#[test]
fn the_table_that_decided_is_the_one_that_is_shown() {
    has(
        &asked(&[], "ip netns exec red ping -c 1 10.0.1.2"),
        &["ip netns exec red ip route show table local"],
    );
    lacks(&asked(&[], "ip netns exec red ping -c 1 10.0.1.1"), &["table local"]);
}

#[test]
fn it_is_told_what_vethlab_does_not_model() {
    let mut machine = TimeMachine::new(1);
    has(&said(&mut machine, "why --help"), &["for stacks with rules: vethlab models none yet"]);
}
