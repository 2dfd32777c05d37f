//! How it is told: in the middle of a command, later than then, in how many columns, and by which numbers.

use super::*;

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
fn it_is_as_wide_as_the_console() {
    let mut machine = network(&[]);
    type_in(&mut machine, "ip netns exec red ping -c 1 10.0.9.9");
    let mut lines = Vec::new();
    for width in [50, 80, 120] {
        let mut console = Wide(Transcript::default(), width);
        machine.execute("why", &mut console);
        let story = console.0.stdout.split("\nTry:").next().unwrap_or_default();
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
    has(&own, &["nothing is wrong", "never left red"]);
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
fn what_would_cut_somebody_off_is_not_proposed() {
    let more = [
        "ip -n r addr flush dev ar",
        "ip -n r route add default via 10.0.2.2",
        "ip -n blue addr add 10.0.1.50/32 dev lo",
    ];
    let told = asked(&more, "ip netns exec red ping -c 1 -W 4 10.0.1.1");
    has(
        &told,
        &[
            "address-missing in r",
            "'ip netns exec r ip addr add 10.0.1.1/24 dev ar' would mend it, but then r would not reach 10.0.1.50 any \
             more, as it does now. So nothing is proposed.",
        ],
    );
    lacks(&told, &["Try:"]);
    let half = ["ip -n red route del default", "ip netns exec r sysctl -w net.ipv4.ip_forward=0"];
    let told = asked(&half, "ip netns exec red ping -c 1 -W 1 10.0.2.2");
    has(
        &told,
        &[
            "Try: ip netns exec red ip route add default via 10.0.1.1 dev ra Tried on a copy of this network, that is not \
             all: next comes forwarding-off in r.",
        ],
    );
}

#[test]
fn what_is_tried_on_a_copy_leaves_no_trace() {
    let mut machine = network(&["ip -n red route del default"]);
    type_in(&mut machine, "ip netns exec red ping -c 1 -W 1 10.0.2.2");
    let look = ["ip -n red route", "ip -n red neigh", "ip -n r neigh", "packets all", "timeline"];
    let before = look.map(|line| said(&mut machine, line));
    let (first, second) = (said(&mut machine, "why"), said(&mut machine, "why"));
    has(&first, &["Try:"]);
    assert_eq!(first, second, "a copy is the same each time");
    assert_eq!(look.map(|line| said(&mut machine, line)), before);
}

#[test]
fn the_last_of_refusals_and_pings_is_told_of() {
    let mut machine = network(&[]);
    let missing = "ip -n red route add 10.9.0.0/24 via 10.0.9.9";
    type_in(&mut machine, missing);
    has(&said(&mut machine, "why"), &["refused in red", "(fib_check_nh_v4_gw)", "Nobody in this laboratory"]);
    // Who only looks around is still told of it; where something was sent or altered since, it is over.
    type_in(&mut machine, "ip -n red route");
    has(&said(&mut machine, "why"), &["refused in red"]);
    type_in(&mut machine, "ip netns exec red ping -c 1 10.0.2.2");
    has(&said(&mut machine, "why"), &["nothing is wrong"]);
    type_in(&mut machine, missing);
    has(&said(&mut machine, "why"), &["refused in red"]);
    has(&said(&mut machine, "why 10.0.2.2"), &["nothing is wrong"]);
    type_in(&mut machine, "ip -n red link set ra mtu 1400");
    has(&said(&mut machine, "why"), &["nothing is wrong"]);
    // Words that have nothing to do with a network are nothing to ask about.
    type_in(&mut machine, "nano notes.txt");
    has(&said(&mut machine, "why"), &["nothing is wrong"]);
}

/// What takes something away, what is done then, the ping that fails, and what is told of it.
type Taken<'a> = (&'a [&'a str], &'a str, &'a [&'a str]);

#[test]
fn the_command_that_took_something_away_is_named() {
    let far = "ip netns exec red ping -c 1 -W 4 10.0.2.2";
    let cases: [Taken<'_>; 7] = [
        (
            &["ip -n red link set ra down"],
            far,
            &[
                "link-down in red",
                "'ip -n red link set ra down' set ra down. With it went the route 'default via 10.0.1.1 dev ra', which \
                 does not come back by itself. 'undo 2' takes back that command",
                "Try: ip netns exec red ip link set ra up ip netns exec red ip route add default via 10.0.1.1 dev ra",
            ],
        ),
        (
            &["ip -n red link set ra down", "ip -n red link set ra up"],
            far,
            &[
                "no-route in red",
                "red had the route 'default via 10.0.1.1 dev ra', until 'ip -n red link set ra down' took it away with \
                 something else: the routes of a link go when it is set down (fib_sync_down_dev). 'undo 3' takes",
                "Try: ip netns exec red ip route add default via 10.0.1.1 dev ra",
            ],
        ),
        (
            &["ip -n red route del default"],
            far,
            &[
                "red had the route 'default via 10.0.1.1 dev ra', until 'ip -n red route del default' took it away.",
            ],
        ),
        (
            &["ip -n red addr flush dev ra"],
            far,
            &[
                "red had the address 10.0.1.2/24 on ra, until 'ip -n red addr flush dev ra' took it away. With it went \
                 the route 'default via 10.0.1.1 dev ra'",
                "ip addr add 10.0.1.2/24 dev ra ip netns exec red ip route add default via 10.0.1.1 dev ra",
            ],
        ),
        (
            &[
                "ip -n red addr add 10.0.1.9/24 dev ra",
                "ip -n red route replace default via 10.0.1.1 src 10.0.1.9",
                "ip -n red addr del 10.0.1.9/24 dev ra",
            ],
            far,
            &["a route goes with the address that it prefers as its source (fib_sync_down_addr)."],
        ),
        (
            &["ip -n r addr del 10.0.1.1/24 dev ar"],
            far,
            &[
                "address-missing in r",
                "r had the address 10.0.1.1/24 on ar, until 'ip -n r addr del 10.0.1.1/24 dev ar' took it away.",
            ],
        ),
        (
            &["ip -n red link del ra"],
            far,
            &[
                "until 'ip -n red link del ra' took it away with something else: what belongs to a link goes with it",
            ],
        ),
    ];
    for (breaks, ping, told) in cases {
        let mut machine = network(breaks);
        type_in(&mut machine, ping);
        let all = said(&mut machine, "why");
        has(&all, told);
        // What is said of 'undo' is so: after it all works as before.
        let number =
            all.split_once("'undo").and_then(|(_, rest)| rest.split_once('\'')).map(|(number, _)| number);
        let back = format!("undo{}", number.unwrap_or_else(|| panic!("no undo in {all}")));
        let (outcome, _) = type_in(&mut machine, &back);
        assert_eq!(outcome, Outcome::Ran(0), "{back}");
        if breaks.len() < 3 {
            let (outcome, said) = type_in(&mut machine, ping);
            assert_eq!(outcome, Outcome::Ran(0), "{back}: {said}");
        }
    }
    // What is there again is not missing, and what went after the ping did not make it fail.
    let mut machine = network(&["ip -n red route del default", "ip -n red route add default via 10.0.1.1"]);
    type_in(&mut machine, "ip netns exec r sysctl -w net.ipv4.ip_forward=0");
    type_in(&mut machine, far);
    lacks(&said(&mut machine, "why"), &["took it away"]);
    type_in(&mut machine, "ip -n red route del default");
    lacks(&said(&mut machine, "why"), &["took it away"]);
}

#[test]
fn what_vethlab_refused_is_named() {
    let mut machine = network(&[]);
    let dummy = "ip link add d0 type dummy";
    type_in(&mut machine, dummy);
    let told = said(&mut machine, "why");
    has(&told, &["refused in host", "'ip link add … type dummy' is not modelled: nothing was done"]);
    lacks(&told, &["this answer may not hold"]);
    for line in
        ["tc qdisc add dev lo root netem", "nft add flowtable ip t m", "pign 10.0.0.2", "brctl addbr br0"]
    {
        type_in(&mut machine, line);
    }
    type_in(&mut machine, "ip netns exec red ping -c 1 10.0.2.2");
    let told = said(&mut machine, "why");
    let named = "vethlab refused 'ip link add d0 type dummy', 'tc qdisc add dev lo root netem', 'nft add flowtable ip t m' \
                 and 1 more, because it does not model that. Its effect is missing here, so this answer may not hold.";
    has(&told, &["nothing is wrong", named]);
    lacks(&told, &["pign"]);
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
            said(&mut machine, "why").replace("FAILED", "INCOMPLETE").replace("'undo 3'", "'undo 2'"),
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
            ("arp", &["nothing is wrong", "ended well"], &["route '"])
        } else if line.contains("ICMP echo request") {
            (
                "request",
                &[
                    "nothing is wrong",
                    "r cut it into fragments",
                    "In red the route",
                    "It ended well, in blue.",
                ],
                &[],
            )
        } else if line.contains(" fragment ") && line.contains(" r/rr > ") {
            (
                "piece",
                &["nothing is wrong", "In r the route", "sent the request by rr", "in blue."],
                &["port"],
            )
        } else if line.contains(" fragment ") {
            (
                "answer",
                &["nothing is wrong", "In blue the route", "sent the answer by rb", "in red."],
                &["port", "request"],
            )
        } else if line.contains("ICMP ") {
            ("error", &["nothing is wrong", "sent the ICMP error by", "It ended well, in red."], &["request"])
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
fn rules_and_translations_are_named() {
    let mut machine = TimeMachine::new(1);
    for line in [
        "ip link set lo up",
        "iptables -t nat -A OUTPUT -d 127.9.9.9 -j DNAT --to-destination 127.0.0.1",
        "iptables -A INPUT -p icmp -m icmp --icmp-type 8 -j DROP",
        "ping -c 1 -W 1 127.9.9.9",
    ] {
        said(&mut machine, line);
    }
    has(
        &said(&mut machine, "why"),
        &[
            "filtered in host",
            "rule 1 of the chain INPUT in the table filter dropped the request",
            "iptables -S INPUT 1",
        ],
    );
}

/// To look at what a command takes away must not cost more than the command: in a large namespace nobody looks.
#[test]
fn what_a_command_took_is_known_of_namespaces_that_are_not_large() {
    let losses = |addresses: usize| {
        let mut machine = vethlab_engine::machine::Machine::on_sim(0);
        let mut run =
            |line: &str| assert_eq!(machine.execute(line, &mut Transcript::default()), Outcome::Ran(0));
        run("ip link add veth0 type veth peer name veth1");
        for number in 0..addresses {
            run(&format!("ip addr add 10.0.{}.{}/32 dev veth0", number / 250, number % 250));
        }
        run("ip addr flush dev veth0");
        run("ip link del veth0");
        machine
            .journal()
            .commands()
            .map(|(command, _)| command.results.losses.len())
            .rev()
            .take(2)
            .collect::<Vec<_>>()
    };
    assert_eq!(losses(3), [2, 3], "the pair, and the addresses before it");
    assert_eq!(losses(100), [2, 64], "the first ones are kept");
    assert_eq!(losses(1100), [0, 0]);
}
