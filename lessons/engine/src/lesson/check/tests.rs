use super::*;
use crate::script;
use vethlab_explain::journal::{Command, Results};
use vethlab_shared::time::Instant;
use vethlab_sim::World;

/// Two namespaces joined by a cable, with a static route and a neighbour entry.
const NETWORK: &str = "
        ip netns add red
        ip link add veth-host type veth peer name veth-red netns red
        ip addr add 192.168.1.1/24 dev veth-host
        ip link set veth-host up mtu 1400
        ip -n red addr add 192.168.1.2/24 dev veth-red
        ip -n red link set veth-red up
        ip route add 10.0.0.0/8 via 192.168.1.2
        ip route add unreachable 10.9.0.0/16
        ip neigh add 192.168.1.9 lladdr 02:00:00:00:00:09 dev veth-host
    ";

fn network() -> World {
    let mut world = World::new(1);
    let commands = script::commands(NETWORK.as_bytes()).expect("text");
    for entry in script::play(&commands, &mut world) {
        assert_eq!(entry.status, 0, "{entry:?}");
    }
    world
}

fn check(keys: &str) -> Check {
    let body = format!("[[check]]\nsay = \"it holds\"\n{keys}\n");
    Check::parse(1, &body, Use::Exercise)
        .or_else(|_| Check::parse(1, &body, Use::Step))
        .expect(keys)
        .remove(0)
}

fn holds(keys: &str) -> bool {
    check(keys).holds(&mut network(), &Learner::new())
}

#[test]
fn what_is_true_of_the_network_holds() {
    for keys in [
        "namespace = 'red'",
        "namespace = 'blue'\nexists = false",
        "link = 'veth-host'",
        "link = 'veth-host'\nup = true\ncarrier = true\nmtu = 1400\npeer_in = 'red'",
        "link = 'veth-red'\nin = 'red'\npeer_in = 'host'",
        "link = 'lo'\nin = 'red'\nup = false",
        "link = 'veth-red'\nexists = false",
        "address = '192.168.1.1/24'",
        "address = '192.168.1.1/24'\ndev = 'veth-host'",
        "address = '192.168.1.1/24'\ndev = 'lo'\nexists = false",
        "route = '192.168.1.0/24'\ndev = 'veth-host'",
        "route = '10.0.0.0/8'\nvia = '192.168.1.2'",
        "route = 'default'\nexists = false",
        "route_to = '192.168.1.2'\ndev = 'veth-host'\nprefix = '192.168.1.0/24'\nsource = '192.168.1.1'",
        "route_to = '10.1.1.1'\nvia = '192.168.1.2'\nprefix = '10.0.0.0/8'",
        "route_to = '192.168.1.1'\ndev = 'lo'\nprefix = '192.168.1.1/32'",
        "route_to = '10.9.1.1'\nunreachable = true",
        "route_to = '8.8.8.8'\nunreachable = true",
        "neighbour = '192.168.1.9'\nstate = ['PERMANENT', 'REACHABLE']\ndev = 'veth-host'",
        "neighbour = '192.168.1.2'\nexists = false",
        "ping = '192.168.1.2'",
        "ping = '8.8.8.8'\nsucceed = false",
        "sysctl = 'net.ipv4.ip_forward'\nvalue = '0'",
    ] {
        assert!(holds(keys), "{keys}");
    }
}

#[test]
fn what_is_not_true_does_not_hold() {
    for keys in [
        "namespace = 'blue'",
        "link = 'veth-red'",
        "link = 'veth-host'\nup = false",
        "link = 'veth-host'\npeer_in = 'host'",
        "link = 'veth-host'\nmtu = 1500",
        "link = 'veth-host'\npeer_in = 'blue'",
        "address = '192.168.1.1/32'",
        "address = '192.168.1.1/24'\ndev = 'lo'",
        "route = '192.168.1.0/24'\nvia = '192.168.1.2'",
        "route_to = '192.168.1.2'\nprefix = '192.168.1.2/32'",
        "route_to = '192.168.1.2'\nunreachable = true",
        "route_to = '8.8.8.8'",
        "route_to = '8.8.8.8'\nunreachable = true\nin = 'blue'",
        "neighbour = '192.168.1.9'\nstate = ['STALE']",
        "ping = '192.168.1.2'\nsucceed = false",
        "ping = '192.168.1.2'\nin = 'blue'\nsucceed = false",
        "sysctl = 'net.ipv4.ip_forward'\nvalue = '1'",
        "answered = true",
        "looked = ['ip link']",
    ] {
        assert!(!holds(keys), "{keys}");
    }
}

#[test]
fn what_the_learner_did_holds() {
    let mut learner = Learner::new();
    learner.answer();
    let line = "ip -n red l";
    let command = Command {
        line: line.to_owned(),
        invocation: vethlab_programs::invocation(line).expect("a command"),
        namespace: NamespaceName::HOST,
        status: 0,
        results: Results::default(),
        began: Instant::START,
        ended: Instant::START,
    };
    learner.typed(&command, "1: lo: <LOOPBACK>");
    let mut world = network();
    assert!(check("answered = true").holds(&mut world, &learner));
    assert!(check("in = 'red'\nlooked = ['ip link']").holds(&mut world, &learner));
    assert!(check("in = 'red'\nlooked = ['ip link']\nshows = 'lo:'").holds(&mut world, &learner));
    assert!(!check("in = 'red'\nlooked = ['ip link']\nshows = 'veth-red'").holds(&mut world, &learner));
    assert!(!check("looked = ['ip link']").holds(&mut world, &learner));
    // Every text holds an empty one.
    let empty = "[[check]]\nsay = 'you saw it'\nlooked = ['ip link']\nshows = ' '\n";
    let error = Check::parse(1, empty, Use::Step).expect_err("it shows nothing");
    assert!(error.line == 5 && error.problem.contains("'shows' is empty"), "{error}");
}

#[test]
fn a_ping_can_be_typed_where_one_is() {
    let (host, red) = (NamespaceName::HOST, NamespaceName::new("red").expect("a name"));
    let line = |keys: &str, from: &NamespaceName| check(keys).ping_line(from);
    let here = "ping = '10.0.0.2'";
    let there = "ping = '10.0.0.2'\nin = 'red'";
    assert_eq!(line(here, &host).as_deref(), Some("ping -c 1 -W 1 10.0.0.2"));
    assert_eq!(line(there, &red).as_deref(), Some("ping -c 1 -W 1 10.0.0.2"));
    let from_host = line(there, &host);
    assert_eq!(from_host.as_deref(), Some("ip netns exec red ping -c 1 -W 1 10.0.0.2"));
    assert_eq!(line(here, &red), None, "nothing leads from red back to the host");
    assert_eq!(line("link = 'lo'", &host), None);
    assert_eq!(line("ping = '10.0.0.2'\nsucceed = false", &host), None);
}

#[test]
fn packets_are_sent_only_when_all_else_is_met() {
    let checks = [check("ping = '192.168.1.2'"), check("namespace = 'blue'")];
    let mut world = network();
    assert_eq!(unmet(&checks, &mut world, &Learner::new()).len(), 2);
    assert!(check("neighbour = '192.168.1.2'\nexists = false").holds(&mut world, &Learner::new()));
    assert!(unmet(&checks[..1], &mut world, &Learner::new()).is_empty());
}

#[test]
fn facts_of_the_filter_say_what_is_wrong_with_them() {
    let problem = |keys: &str, place: Use| {
        let body = format!("[[check]]\nsay = \"it holds\"\n{keys}\n");
        let error = Check::parse(1, &body, place).expect_err(keys);
        format!("{}: {}", error.line, error.problem)
    };
    for (keys, said) in [
        ("rule = '--foo'\nchain = 'INPUT'", "4: iptables does not take this rule (unknown option \"--foo\""),
        ("rule = '-p tcp --dport x'\nchain = 'INPUT'", "4: iptables does not take this rule (invalid port"),
        ("rule = '-A INPUT'\nchain = 'INPUT'", "4: iptables does not take this rule"),
        ("rule = '-j DROP'\nchain = 'INPUT'\ntable = 'x'", "4: iptables does not take this rule (table 'x'"),
        ("rule = '-j DROP'\nchain = 'INPUT'\nnumber = 0", "6: rules are counted from 1"),
        ("connection = 'tcp'\nstate = 'OPEN'", "5: 'OPEN' is no state"),
        ("connection = 'any'\nfrom = 'red'", "5: 'from' goes with 'while_pinging'"),
    ] {
        let found = problem(keys, Use::Exercise);
        assert!(found.starts_with(said), "{keys}: {found}");
    }
    let in_lesson = problem("connection = 'any'\nwhile_pinging = '10.0.0.1'", Use::Step);
    assert!(in_lesson.contains("are for exercises"), "{in_lesson}");
}
