//! The simulator remembers the ways of packets while nobody listens, and takes the long way while somebody does. What
//! happens must be the same: what programs and sockets hear, every table, every counter, every timer, every frame that
//! is still under way.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::time::Duration;
use vethlab_engine::script;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;
use vethlab_tests::operation::{Action, Operation};
use vethlab_tests::row::row_of_routers;
use vethlab_tests::{files, generate, report};

/// Everything there is in a world but what was told: tables and counters, neighbours with their times, sockets with what
/// waits in them, timers, frames under way, the clock.
fn everything(world: &World) -> String {
    let shown = format!("{world:?}");
    let (before, rest) = shown.split_once(" trace: Trace {").expect("what was told");
    let (told, after) = rest.split_once(" random: ").expect("what is behind it");
    let packets =
        told.split(", ").find(|field| field.trim_start().starts_with("last_packet")).expect("a number");
    format!("{before} {packets} {after}")
}

/// Asserts that two worlds are the same, and shows where they part if not.
fn assert_same(what: &str, observed: &World, unobserved: &World) {
    let (one, other) = (everything(observed), everything(unobserved));
    if one != other {
        let place = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
        let near = |text: &str| {
            let from = (0..=place.saturating_sub(300)).rev().find(|&from| text.is_char_boundary(from));
            text[from.unwrap_or(0)..].chars().take(500).collect::<String>()
        };
        panic!("{what}\nobserved:\n…{}…\nunobserved:\n…{}…", near(&one), near(&other));
    }
}

/// The same operations, with each that sends done four times, a moment and some seconds apart: by then ways are known,
/// and neighbours have grown old.
fn repeated(operations: &[Operation]) -> Vec<Operation> {
    let mut all = Vec::new();
    for operation in operations {
        all.push(operation.clone());
        if matches!(operation.action, Action::Ping(_) | Action::Udp(_) | Action::Tcp(_)) {
            for wait in [0, 0, 6_000] {
                let action = Action::Wait(Duration::from_millis(wait));
                all.push(Operation { namespace: operation.namespace.clone(), action });
                all.push(operation.clone());
            }
        }
    }
    all
}

/// Does operations observed and unobserved.
fn operate(what: &str, operations: &[Operation]) {
    let operations = repeated(operations);
    let (mut observed, mut unobserved) = (World::new(3), World::new(3));
    let seen = report::run(&mut observed, &operations, &[]);
    let unseen = report::run_unobserved(&mut unobserved, &operations);
    for (number, (seen, unseen)) in seen.iter().zip(&unseen).enumerate() {
        let lines = seen.seen.lines().filter(|line| !line.starts_with("frame "));
        let same = lines.eq(unseen.seen.lines()) && seen.ended == unseen.ended;
        assert!(same, "{what}, {number}: {:?}\n{}\n\n{}", operations[number], seen.seen, unseen.seen);
        assert!(unseen.events.is_empty(), "nothing is told to nobody");
    }
    assert_same(what, &observed, &unobserved);
}

#[test]
fn scripts_end_the_same() {
    let mut told = 0;
    for file in files::read_all("scripts", "sh").expect("scripts") {
        let commands = script::commands(file.text.as_bytes()).expect("text");
        let play = |observe: bool| {
            let mut world = World::new(3);
            world.observe(observe);
            let entries = script::play(&commands, &mut world);
            world.observe(false);
            (entries, world)
        };
        let ((said, observed), (also_said, unobserved)) = (play(true), play(false));
        assert_eq!(said, also_said, "{}", file.name);
        assert_eq!(unobserved.last_event(), 0, "{}", file.name);
        told += observed.last_event();
        assert_same(&file.name, &observed, &unobserved);
    }
    assert!(told > 1000, "{told} events");
}

#[test]
fn regressions_end_the_same() {
    for file in files::read_all("regressions", "json").expect("regressions") {
        operate(&file.name, &serde_json::from_str::<Vec<Operation>>(&file.text).expect("operations"));
    }
}

#[test]
fn random_sequences_end_the_same() {
    // `VETHLAB_SEED` draws others, `VETHLAB_UNOBSERVED_CASES` more.
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a whole number"))
    };
    let seed = number("VETHLAB_SEED", 11);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for case in 0..number("VETHLAB_UNOBSERVED_CASES", 60) {
        let operations = generate::operations(20).new_tree(&mut runner).expect("operations").current();
        operate(&format!("seed {seed}, case {case}"), &operations);
    }
}

/// Many pings through routers, so that nearly every hop goes by a way that is remembered, with changes in between that
/// make it void, and times in which neighbours grow old.
#[test]
fn a_row_of_routers_ends_the_same() {
    const ROUTERS: usize = 4;
    let (router, far) = ("ip -n n2", ROUTERS + 1);
    let disturbances = [
        "ip netns exec n2 sysctl -w net.ipv4.ip_forward=0".to_owned(),
        "ip netns exec n2 sysctl -w net.ipv4.ip_forward=1".to_owned(),
        format!("{router} link set right mtu 1000"),
        format!("{router} route replace blackhole 10.0.{far}.0/24"),
        format!("{router} route replace 10.0.{far}.0/24 via 10.0.3.2"),
        format!("{router} neigh replace 10.0.3.2 lladdr 02:00:00:00:00:09 dev right"),
        format!("{router} neigh del 10.0.3.2 dev right"),
        format!("{router} link set right address 02:00:00:00:00:08"),
        format!("{router} addr add 10.0.{far}.2/32 dev lo"),
        format!("{router} addr del 10.0.{far}.2/32 dev lo"),
        "ip -n n3 link set left mtu 900".to_owned(),
        "ip -n n3 link set left down".to_owned(),
        "ip -n n3 link set left up".to_owned(),
        "ip -n n3 route add 10.0.1.0/24 via 10.0.3.1".to_owned(),
        "sleep 4".to_owned(),
        "sleep 31".to_owned(),
        "sleep 70".to_owned(),
    ];
    let mut worlds = [row_of_routers(ROUTERS), row_of_routers(ROUTERS)];
    worlds[0].observe(true);
    let mut last = 0;
    let pings = [56, 900, 1400]
        .map(|size| format!("ip netns exec n0 ping -c 20 -i 0.002 -W 1 -t 255 -s {size} 10.0.{far}.2"));
    for disturbance in disturbances {
        let mut commands = vec![disturbance];
        commands.extend_from_slice(&pings);
        let [said, also_said] = worlds.each_mut().map(|world| script::play(&commands, world));
        assert_eq!(said, also_said, "{commands:?}");
        let [observed, unobserved] = &worlds;
        let told = observed.last_event() - last;
        assert!(told > 100, "{told} events of {commands:?}");
        assert_eq!(unobserved.last_event(), 0, "nothing is told to nobody");
        last = observed.last_event();
        assert_same(&commands[0], observed, unobserved);
    }
}
