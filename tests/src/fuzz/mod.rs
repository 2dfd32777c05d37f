//! What is done with bytes that anybody may have written: a body for each kind of them.
//!
//! libFuzzer calls the bodies (`tests/fuzz`), and so do random tests and a replay of the corpus (`tests/tests/plain/fuzz`).
//! A body fails where something panics, and where what it asserts does not hold; whatever it does has an end.

mod answer;
mod events;
mod filter;
mod frame;
mod line;
mod pack;
mod progress;
mod report;
mod roster;
mod script;
mod shell;
mod simulator;
mod text;

use std::path::PathBuf;
use vethlab_engine::bounded::Bounded;
use vethlab_engine::limits::Allowed;
use vethlab_engine::machine::Machine;
use vethlab_programs::Transcript;
use vethlab_programs::session::Outcome;
use vethlab_shared::budget::Limits;
use vethlab_shared::time::Duration;

/// A kind of bytes, and what is done with them.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: that of the program for libFuzzer, and of the folder of its corpus.
    pub name: &'static str,
    /// What the bytes are.
    pub reads: &'static str,
    /// What is done with them.
    pub run: fn(&[u8]),
}

/// All of them, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "answer", reads: "an answer that is graded", run: answer::run },
    Target { name: "events", reads: "a file of events", run: events::run },
    Target { name: "filter", reads: "a filter of tcpdump, and behind its line a frame", run: filter::run },
    Target { name: "frame", reads: "a frame that is shown", run: frame::run },
    Target { name: "line", reads: "lines at a prompt", run: line::run },
    Target { name: "pack", reads: "the files of a pack, each behind a line '=== NAME'", run: pack::run },
    Target { name: "progress", reads: "a file of a learner's progress", run: progress::run },
    Target { name: "report", reads: "a report that is resumed", run: report::run },
    Target { name: "roster", reads: "a class", run: roster::run },
    Target { name: "script", reads: "a file of commands", run: script::run },
    Target { name: "shell", reads: "a script, as bash takes it", run: shell::run },
    Target {
        name: "simulator",
        reads: "choices: a network, frames, packets and commands",
        run: simulator::run,
    },
    Target {
        name: "text",
        reads: "a tool, its arguments a line each, and behind an empty line its input",
        run: text::run,
    },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Does what the target of this name does with the bytes.
///
/// # Panics
/// There is no such target, or it has found something.
pub fn run(name: &str, bytes: &[u8]) {
    (target(name).expect("a target").run)(bytes);
}

/// The folder with the corpus of a target.
pub fn corpus(target: &Target) -> PathBuf {
    crate::files::crate_folder().join("fuzz/corpus").join(target.name)
}

/// What a piece of work may use here: little, so that many inputs are tried in a second.
const LIMITS: Limits = Limits { work: 20_000, time: Duration::from_secs(86_400), memory: 4 << 20 };

/// The same for a command and for a setup.
const ALLOWED: Allowed = Allowed { command: LIMITS, answer: LIMITS };

/// The commands of a network in which something can happen: the machine, `red`, which forwards, and `blue`.
const NETWORK: [&str; 15] = [
    "ip netns add red",
    "ip netns add blue",
    "ip link add a0 type veth peer name b0 netns red",
    "ip -n red link add c0 type veth peer name d0 netns blue",
    "ip addr add 10.0.0.1/24 dev a0",
    "ip link set a0 up",
    "ip -n red addr add 10.0.0.2/24 dev b0",
    "ip -n red link set b0 up",
    "ip -n red addr add 10.0.1.1/24 dev c0",
    "ip -n red link set c0 up",
    "ip -n blue addr add 10.0.1.2/24 dev d0",
    "ip -n blue link set d0 up",
    "ip netns exec red sysctl -q -w net.ipv4.ip_forward=1",
    "ip route add default via 10.0.0.2",
    "ip -n blue route add default via 10.0.1.1",
];

/// A machine with that network, on which each command may use little.
fn machine() -> Machine {
    let mut machine = Machine::on_sim(1);
    for line in NETWORK {
        let mut said = Transcript::default();
        let outcome = machine.execute(line, &mut said);
        assert_eq!(outcome, Outcome::Ran(0), "{line}: {said:?}");
    }
    machine.set_limits(ALLOWED);
    machine
}

/// Takes lines on such a machine, one after another; what each came to. They end like those of an answer: with the
/// first that has to be stopped.
fn execute<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<(Outcome, Transcript)> {
    let mut machine = machine();
    let mut console = Bounded::until(&|| None);
    let mut done = Vec::new();
    for line in lines {
        let outcome = machine.execute(line, &mut console);
        done.push((outcome, console.take()));
        if console.stopped().is_some() || matches!(outcome, Outcome::Exit(_)) {
            break;
        }
    }
    done
}

/// Fails unless a message is one that people are shown: a line, in which nothing acts on a terminal.
fn is_one_line(message: &str) {
    assert!(!message.is_empty() && !message.chars().any(char::is_control), "no line of text: {message:?}");
}
