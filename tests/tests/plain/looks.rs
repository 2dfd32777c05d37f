//! A check that asks for a look is met by a look that showed the thing, and by no other.

use vethlab_engine::lesson::{Check, Learner, Lesson};
use vethlab_engine::machine::Machine;
use vethlab_programs::Transcript;

fn lessons() -> Vec<Lesson> {
    let packs = vethlab::packs::packs().expect("the packs");
    let lessons: Vec<Lesson> = packs.into_iter().flat_map(|pack| pack.lessons).collect();
    assert!(lessons.len() >= 12);
    lessons
}

fn looks(lesson: &Lesson) -> impl Iterator<Item = &Check> {
    lesson.steps.iter().flat_map(|step| &step.checks).filter(|check| check.looks_at().is_some())
}

#[test]
fn every_look_says_what_is_to_be_seen() {
    let mut number = 0;
    for lesson in &lessons() {
        for check in looks(lesson) {
            number += 1;
            assert!(!check.takes_any_look(), "{}:{}: {}: add 'shows'", lesson.file(), check.line, check.say);
        }
    }
    assert!(number > 80, "{number}");
}

/// What a fresh machine has is what is asked for: an empty firewall, and a loopback link.
const FRESH: [&str; 2] = ["iptables", "ping 127.0.0.1"];

/// An empty namespace, a setting that nobody altered, a name that there is not, and no way, are what is to be seen.
const EMPTY: [&str; 7] = [
    "You have looked for a listener on the host",
    "You have seen that the host is no router",
    "You have asked for the way to 192.168.2.1",
    "You have tried the long name",
    "You have looked at the links of red",
    "You have looked at what is left in red",
    "You have read the host's setting",
];

#[test]
fn a_look_at_a_machine_with_nothing_on_it_ticks_nothing() {
    for lesson in &lessons() {
        for check in looks(lesson).filter(|check| !check.wants_nothing_shown()) {
            let (namespace, commands) = check.looks_at().expect("a look");
            let fresh = commands.iter().all(|command| FRESH.contains(&command.as_str()));
            if fresh || EMPTY.contains(&check.say.as_str()) {
                continue;
            }
            let mut machine = Machine::on_sim(0);
            let mut learner = Learner::new();
            let mut prepared = Vec::new();
            let mut prefix = String::new();
            if !namespace.is_host() {
                prepared.push(format!("ip netns add {namespace}"));
                prefix = format!("ip netns exec {namespace} ");
            }
            let commands: Vec<String> = commands.iter().map(|command| format!("{prefix}{command}")).collect();
            for line in prepared.iter().chain(&commands) {
                let mut shown = Transcript::default();
                machine.execute(line, &mut shown);
                let ran = machine.last_command(line).expect("a command");
                learner.typed(ran, &format!("{}{}", shown.stdout, shown.stderr));
            }
            let met = check.holds(machine.stack(), &learner);
            assert!(!met, "{}:{}: {}: {commands:?}", lesson.file(), check.line, check.say);
        }
    }
}

/// Where nothing is to be seen, a table with something in it ticks nothing either.
#[test]
fn a_table_that_is_not_empty_is_not_taken_for_an_empty_one() {
    let mut number = 0;
    for lesson in &lessons() {
        for check in looks(lesson).filter(|check| check.wants_nothing_shown()) {
            number += 1;
            let (namespace, commands) = check.looks_at().expect("a look");
            let (mut machine, mut learner) = (Machine::on_sim(0), Learner::new());
            let inside =
                if namespace.is_host() { String::new() } else { format!("ip netns exec {namespace} ") };
            let mut lines = vec!["ip link add va type veth peer name vb".to_owned()];
            if !namespace.is_host() {
                lines.push(format!("ip netns add {namespace}"));
                lines.push(format!("ip link set va netns {namespace}"));
            }
            lines.extend(
                [
                    "ip addr add 10.0.0.1/24 dev va",
                    "ip link set va up",
                    "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev va",
                ]
                .map(|line| format!("{inside}{line}")),
            );
            lines.push("ip link set vb up".to_owned());
            lines.extend(commands.iter().map(|command| format!("{inside}{command}")));
            for line in &lines {
                let mut shown = Transcript::default();
                machine.execute(line, &mut shown);
                let ran = machine.last_command(line).expect("a command");
                assert_eq!(ran.status, 0, "{line}: {}", shown.stderr);
                learner.typed(ran, &format!("{}{}", shown.stdout, shown.stderr));
            }
            assert!(!check.holds(machine.stack(), &learner), "{}:{}: {lines:?}", lesson.file(), check.line);
        }
    }
    assert!(number > 2, "{number}");
}
