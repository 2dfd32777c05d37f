//! What is told of the ways of packets: pieces, probes, wires, routes and addresses.

use super::*;

#[test]
fn a_traceroute_is_looked_at_as_a_whole() {
    let arrived = asked(&[], "ip netns exec red traceroute -n 10.0.2.2");
    has(&arrived, &["nothing is wrong", "traceroute takes for its arrival"]);
    lacks(&arrived, &["heard nothing", "icmpv4_xrlim_allow"]);

    let refused = asked(&[], "ip netns exec red traceroute -n 10.0.9.9");
    has(&refused, &["no-route in r", "red was told of it by r (10.0.1.1): 'Destination Net Unreachable'"]);
    has(&refused, &["Of 14 of the 16 probes r told nothing", "icmpv4_xrlim_allow", "prints '*'"]);
    lacks(&refused, &["heard nothing"]);

    let many = asked(&[], "ip netns exec red traceroute -n -q 10 -N 40 10.0.2.2");
    has(&many, &["nothing is wrong", "Of 4 of the 40 probes r told", "Of 4 of the 40 probes blue told"]);

    let short = asked(&[], "ip netns exec red traceroute -n -m 1 10.0.2.2");
    has(&short, &["ttl-exceeded in r"]);

    let silent = ["ip -n blue route del default"];
    let lost = asked(&silent, "ip netns exec red traceroute -n -m 3 10.0.2.2");
    has(&lost, &["no-return-route in blue", "ip netns exec blue ip route add default via 10.0.2.1 dev rb"]);
    let silent = ["ip -n r route add blackhole 10.0.1.2"];
    has(&asked(&silent, "ip netns exec red traceroute -n -m 3 10.0.2.2"), &["blackhole-route in r"]);
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
        has(&said, &["nothing is wrong", &format!("r took it in, for {to} {meaning}, and sent an answer.")]);
        lacks(&said, &["its own address"]);
    }
    let said = asked(&heed, "ip netns exec red ping -c 1 -W 1 224.0.0.5");
    has(
        &said,
        &["invalid-destination in r", "224.0.0.5 means a group of stations, and r does not belong to it"],
    );
    lacks(&said, &["no entry", "Nobody"]);
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
fn the_command_is_named_that_replaced_what_a_mend_brings_back() {
    let replaced = ["ip -n red route del default", "ip -n red route replace 10.0.1.0/24 via 10.0.1.1"];
    let told = asked(&replaced, "ip netns exec red ping -c 1 -W 1 10.0.2.2");
    has(
        &told,
        &[
            "no-route in red",
            "red had the route '10.0.1.0/24 dev ra', until 'ip -n red route replace 10.0.1.0/24 via 10.0.1.1' took it away.",
            "Try: ip netns exec red ip route replace 10.0.1.0/24 dev ra ip netns exec red ip route add",
        ],
    );
    // It would mend it, too, where it is not proposed as it does harm.
    let turned = asked(
        &[
            "ip -n r addr add 10.0.8.1/32 dev lo",
            "ip -n r link set lo up",
            "ip -n red addr add 10.0.9.1/32 dev lo",
            "ip -n red link set lo up",
            "ip -n r route add default via 10.0.2.2",
            "ip -n blue addr add 10.0.7.1/32 dev lo",
            "ip -n blue link set lo up",
            "ip -n r route replace default via 10.0.1.2",
            "ip netns exec red sysctl -w net.ipv4.ip_forward=1",
        ],
        "ip netns exec r ping -c 1 -W 1 10.0.7.1",
    );
    has(
        &turned,
        &[
            "'ip netns exec r ip route replace default via 10.0.2.2 dev rr' would mend it, but then r would not reach 10.0.9.1",
            "r had the route 'default via 10.0.2.2 dev rr', until 'ip -n r route replace default via 10.0.1.2' took it away.",
        ],
    );
}

#[test]
fn a_source_address_is_said_to_choose_no_link() {
    let set = [
        "ip -n r addr add 10.0.9.1/32 dev rr",
        "ip -n red route replace default via 10.0.1.1",
        "ip -n r link add x0 type veth peer name y0 netns red",
        "ip -n r addr add 10.0.5.1/24 dev x0",
        "ip -n red addr add 10.0.5.2/24 dev y0",
        "ip -n r link set x0 up",
        "ip -n red link set y0 up",
        "ip netns exec red sysctl -w net.ipv4.conf.all.rp_filter=1",
    ];
    let told = asked(&set, "ip netns exec red ping -c 1 -W 1 -I 10.0.5.2 10.0.2.2");
    has(
        &told,
        &[
            "reverse-path-filter in red",
            "The command names the source 10.0.5.2, an address of y0. A source does not choose the link: the routing \
             table does, and it chose ra.",
            "Try: ip netns exec red sysctl -w net.ipv4.conf.y0.rp_filter=2",
        ],
    );
}
