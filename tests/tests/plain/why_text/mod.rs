//! What `why` says in words, and that its numbers are those of `packets`.

mod telling;
mod ways;

use vethlab_engine::history::TimeMachine;
use vethlab_explain::why::{Cause, Diagnosis, Fact};
use vethlab_programs::Transcript;
use vethlab_programs::session::Outcome;
use vethlab_tests::machine::{Wide, type_in};

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
