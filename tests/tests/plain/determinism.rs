//! The simulator gives the same bytes for the same seed, whatever the machine and the moment.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use vethlab_engine::compare::Entry;
use vethlab_engine::machine::Machine;
use vethlab_engine::script;
use vethlab_programs::session::Outcome;
use vethlab_programs::{Hindsight, Transcript};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;
use vethlab_tests::{files, generate, report};

fn play(seed: u64, commands: &[String]) -> Vec<Entry> {
    script::play(commands, &mut World::new(seed))
}

#[test]
fn the_same_seed_gives_the_same_transcript() {
    for file in files::read_all("scripts", "sh").expect("scripts") {
        let commands = script::commands(file.text.as_bytes()).expect("text");
        assert_eq!(play(7, &commands), play(7, &commands), "{}", file.name);
    }
}

#[test]
fn the_same_seed_gives_the_same_frames_and_events() {
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    for _ in 0..20 {
        let operations = generate::operations(20).new_tree(&mut runner).expect("operations").current();
        let run = || report::run(&mut World::new(7), &operations, &[]);
        assert_eq!(run(), run());
    }
}

#[test]
fn where_nobody_looks_back_it_is_the_same_whether_or_not_all_is_kept() {
    let mut tried = 0;
    for file in files::read_all("scripts", "sh").expect("scripts") {
        let commands = script::commands(file.text.as_bytes()).expect("text");
        if script::hindsight(&commands) != Hindsight::Nothing {
            continue;
        }
        tried += 1;
        let mut machine = Machine::on_sim(7);
        let mut kept = Vec::new();
        for command in &commands {
            let mut console = Transcript::default();
            let outcome = machine.execute(command, &mut console);
            kept.extend(script::entry(command, outcome, console));
            if matches!(outcome, Outcome::Exit(_)) {
                break;
            }
        }
        assert_eq!(play(7, &commands), kept, "{}", file.name);
    }
    assert!(tried > 10, "only {tried} scripts");
}

#[test]
fn another_seed_gives_other_ethernet_addresses() {
    let addresses = |seed| {
        let mut world = World::new(seed);
        script::play(&["ip link add a0 type veth peer name b0".to_owned()], &mut world);
        let links = world.links(&NamespaceName::HOST).expect("links");
        links.iter().map(|link| link.address).filter(|address| address.is_valid_unicast()).collect::<Vec<_>>()
    };
    assert_eq!(addresses(1).len(), 2);
    assert_eq!(addresses(1), addresses(1));
    assert_ne!(addresses(1), addresses(2));
}
