//! What was seen on Linux 6.18, played again.

use super::*;
use crate::fib::fixture::{Lab, at, to};
use vethlab_shared::event::Verdict;

/// A short form of an answer: link, source and gateway.
fn way(lab: &Lab, query: &OutputQuery) -> Result<String, Errno> {
    let route = output(&lab.view(), query, None)?;
    let name = &lab.links[&route.output].name;
    let gateway = route.gateway.map_or(String::new(), |gateway| format!(" via {gateway}"));
    let source = route.source.map_or(String::new(), |source| format!(" src {source}"));
    Ok(format!("{:?} dev {name}{gateway}{source} {:#x}", route.kind, route.flags))
}

fn sends_to(lab: &Lab, destination: &str) -> Result<String, Errno> {
    way(lab, &to(destination))
}

#[test]
fn output_takes_the_kernels_way() {
    let mut lab = Lab::with_address();
    for words in [
        "10.9.0.0/16 via 10.0.0.2",
        "10.7.0.0/16 via 10.0.0.1",
        "127.0.0.9/32 via 10.0.0.2",
        "blackhole 10.5.0.0/16",
        "prohibit 10.6.0.0/16",
        "throw 9.0.0.0/8",
        "unreachable 0.0.0.0/0",
        "0.0.0.0/0 dev v0 table 253",
    ] {
        lab.route(words).expect("a good route");
    }
    let ways: &[(&str, Result<&str, Errno>)] = &[
        ("10.0.0.9", Ok("Unicast dev v0 src 10.0.0.1 0x0")),
        ("10.9.0.1", Ok("Unicast dev v0 via 10.0.0.2 src 10.0.0.1 0x0")),
        // A gateway that is an own address is not asked.
        ("10.7.0.1", Ok("Unicast dev v0 src 10.0.0.1 0x0")),
        ("10.0.0.1", Ok("Local dev lo src 10.0.0.1 0x80000000")),
        ("0.0.0.0", Ok("Local dev lo src 127.0.0.1 0x80000000")),
        ("127.0.0.5", Ok("Local dev lo src 127.0.0.1 0x80000000")),
        // main and local are one trie: the longer prefix wins.
        ("127.0.0.9", Ok("Unicast dev v0 via 10.0.0.2 src 10.0.0.1 0x0")),
        ("10.0.0.255", Ok("Broadcast dev v0 src 10.0.0.1 0x90000000")),
        ("10.5.0.1", Err(Errno::EINVAL)),
        ("10.6.0.1", Err(Errno::EACCES)),
        ("8.8.8.8", Err(Errno::EHOSTUNREACH)),
        ("9.9.9.9", Ok("Unicast dev v0 src 10.0.0.1 0x0")),
    ];
    for (destination, expected) in ways {
        assert_eq!(sends_to(&lab, destination), expected.map(str::to_owned), "{destination}");
    }
}

#[test]
fn a_source_or_a_link_that_was_named_counts() {
    let lab = Lab::with_address();
    let ask = |destination: &str, source: Option<&str>, link: Option<&str>| {
        let (source, output) = (source.map(at), link.map(|name| lab.index(name)));
        way(&lab, &OutputQuery { source, output, ..to(destination) })
    };
    let from = |destination, source| ask(destination, Some(source), None);
    let by = |destination, link| ask(destination, None, Some(link));
    assert_eq!(from("10.0.0.9", "10.0.0.3"), Err(Errno::ENETUNREACH));
    assert_eq!(from("10.0.0.9", "127.0.0.1"), Err(Errno::EINVAL));
    assert_eq!(from("10.0.0.9", "224.0.0.1"), Err(Errno::EINVAL));
    let broadcast = "Broadcast dev v0 src 10.0.0.1 0x90000000";
    assert_eq!(sends_to(&lab, "255.255.255.255"), Err(Errno::ENETUNREACH));
    assert_eq!(from("255.255.255.255", "10.0.0.1").as_deref(), Ok(broadcast));
    assert_eq!(by("255.255.255.255", "v0").as_deref(), Ok(broadcast));
    assert_eq!(by("224.0.0.1", "v0").as_deref(), Ok("Multicast dev v0 src 10.0.0.1 0xa0000000"));
    assert_eq!(by("224.1.0.1", "v0").as_deref(), Ok("Multicast dev v0 src 10.0.0.1 0x20000000"));
    assert_eq!(by("8.8.8.8", "v0").as_deref(), Ok("Unicast dev v0 src 10.0.0.1 0x0"));
    assert_eq!(by("10.0.0.5", "v1").as_deref(), Ok("Unicast dev v1 src 10.0.0.1 0x0"));
    assert_eq!(by("8.8.8.8", "lo").as_deref(), Ok("Unicast dev lo src 10.0.0.1 0x80000000"));
    assert_eq!(by("8.8.8.8", "v2"), Err(Errno::ENETUNREACH));
    assert_eq!(by("8.8.8.8", "nothing"), Err(Errno::ENODEV));
}

#[test]
fn the_route_sets_the_mtu() {
    let mut lab = Lab::with_address();
    lab.route("1.2.3.0/24 dev v0 mtu 1400").expect("a good route");
    let mtu = |destination| lab.send(destination).map(|route| (route.mtu, route.route_mtu));
    assert_eq!(mtu("1.2.3.4"), Ok((1400, Some(1400))));
    assert_eq!(mtu("10.0.0.9"), Ok((1500, None)));
    assert_eq!(mtu("10.0.0.1"), Ok((65535, None)));
}

#[test]
fn a_lookup_tells_what_it_came_by() {
    let mut lab = Lab::with_address();
    lab.route("10.0.0.9/32 via 10.0.0.2").expect("a good route");
    lab.route("0.0.0.0/0 via 10.0.0.2").expect("a good route");
    let mut trace = Findings::default();
    let query = OutputQuery { output: Some(lab.index("v1")), ..to("10.0.0.9") };
    output(&lab.view(), &query, Some(&mut trace)).expect("a way by the link that was named");
    let told: Vec<_> = trace
        .considered
        .iter()
        .map(|step| (step.prefix.to_string(), step.verdict == Verdict::Taken))
        .collect();
    assert_eq!(
        told,
        [("10.0.0.9/32", false), ("10.0.0.0/24", false), ("0.0.0.0/0", false)]
            .map(|(prefix, taken)| (prefix.to_owned(), taken))
    );
    let mut trace = Findings::default();
    output(&lab.view(), &to("10.0.0.9"), Some(&mut trace)).expect("a way");
    assert_eq!(trace.considered.len(), 1);
    assert!(trace.considered[0].verdict == Verdict::Taken);
}

/// A short form of a decision.
fn verdict(decision: InputDecision) -> String {
    match decision {
        InputDecision::Local(route) => format!("{:?} {:#x}", route.kind, route.flags),
        InputDecision::Forward(route) => format!("to {} {:#x}", route.output, route.flags),
        InputDecision::Unreachable { errno, reason, icmp_code } => {
            format!("{errno:?} {} {icmp_code:?}", reason.name())
        }
        InputDecision::Drop(reason) => reason.name().to_owned(),
    }
}

#[test]
fn input_without_forwarding() {
    let lab = Lab::with_address();
    for (from, whom, by, expected) in [
        ("10.0.0.9", "10.0.0.1", "v0", "Local 0x80000000"),
        // The weak host model: the address is another link's.
        ("10.0.0.9", "10.0.0.1", "v1", "Local 0x80000000"),
        ("10.0.0.9", "10.0.0.255", "v0", "Broadcast 0x90000000"),
        ("10.0.0.9", "255.255.255.255", "v0", "Broadcast 0x90000000"),
        ("0.0.0.0", "255.255.255.255", "v0", "Broadcast 0x90000000"),
        ("10.0.0.9", "224.0.0.1", "v0", "Multicast 0xa0000000"),
        ("10.0.0.9", "224.1.1.1", "v0", "NOT_SPECIFIED"),
        ("10.0.0.9", "10.0.0.8", "v0", "EHOSTUNREACH IP_INADDRERRORS None"),
        ("10.0.0.9", "8.8.8.8", "v0", "EHOSTUNREACH IP_INADDRERRORS None"),
        ("10.0.0.1", "10.0.0.1", "v0", "IP_LOCAL_SOURCE"),
        ("224.0.0.1", "10.0.0.1", "v0", "IP_INVALID_SOURCE"),
        ("0.0.0.0", "10.0.0.1", "v0", "IP_INVALID_SOURCE"),
        ("10.0.0.9", "0.0.0.0", "v0", "IP_INVALID_DEST"),
        ("127.0.0.1", "10.0.0.1", "v0", "IP_LOCALNET"),
        ("10.0.0.9", "127.0.0.1", "v0", "IP_LOCALNET"),
    ] {
        assert_eq!(verdict(lab.receive(from, whom, by)), expected, "from {from} to {whom} by {by}");
    }
}

#[test]
fn input_with_forwarding() {
    let mut lab = Lab::with_address();
    lab.address("10.1.0.1/24 dev v1").expect("a good address");
    for words in
        ["10.5.0.0/16", "10.6.0.0/16", "10.7.0.0/16"].iter().zip(["blackhole", "unreachable", "prohibit"])
    {
        lab.route(&format!("{} {}", words.1, words.0)).expect("a good route");
    }
    lab.set("all.forwarding", "1");
    for (from, whom, expected) in [
        ("10.0.0.9", "10.1.0.9", "to 2 0x0"),
        ("10.0.0.9", "10.0.0.8", "to 3 0x1000000"),
        ("10.0.0.9", "8.8.8.8", "ENETUNREACH IP_INNOROUTES Some(0)"),
        ("10.0.0.9", "10.5.0.1", "EINVAL NOT_SPECIFIED None"),
        ("10.0.0.9", "10.6.0.1", "EHOSTUNREACH NOT_SPECIFIED Some(1)"),
        ("10.0.0.9", "10.7.0.1", "EACCES NOT_SPECIFIED Some(13)"),
        ("10.0.0.1", "10.1.0.9", "IP_LOCAL_SOURCE"),
    ] {
        assert_eq!(verdict(lab.receive(from, whom, "v0")), expected, "from {from} to {whom}");
    }
}

#[test]
fn the_reverse_path_filter_has_three_settings() {
    let mut lab = Lab::with_address();
    lab.address("10.1.0.1/24 dev v1").expect("a good address");
    let mut ask = |rp_filter, from| {
        lab.set("all.rp_filter", rp_filter);
        verdict(lab.receive(from, "10.0.0.1", "v0"))
    };
    let taken = "Local 0x80000000";
    assert_eq!(ask("0", "10.1.0.9"), taken);
    assert_eq!(ask("1", "10.1.0.9"), "IP_RPFILTER");
    assert_eq!(ask("2", "10.1.0.9"), taken);
    assert_eq!(ask("0", "8.8.8.8"), taken);
    assert_eq!(ask("1", "8.8.8.8"), "IP_RPFILTER");
    assert_eq!(ask("2", "8.8.8.8"), "IP_RPFILTER");
    assert_eq!(ask("1", "10.0.0.9"), taken);
    assert_eq!(ask("1", "10.0.0.255"), "IP_INVALID_SOURCE");
}
