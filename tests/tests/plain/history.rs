//! Walking through time: every way to a moment shows the same moment, and going on from there is as if nobody had
//! looked.

use std::collections::BTreeMap;
use vethlab_engine::history::TimeMachine;
use vethlab_engine::script;
use vethlab_programs::Transcript;
use vethlab_programs::session::Outcome;
use vethlab_shared::event::EventKind;
use vethlab_shared::time::Duration;
use vethlab_tests::files;
use vethlab_tests::machine::{Wide, type_in};

/// What there is to see on a machine.
const LOOKS: [&str; 6] = [
    "ip -s link",
    "ip addr",
    "ip route show table all",
    "ip neigh",
    "sysctl net.ipv4.ip_forward",
    "packets all",
];

/// All that can be seen where the machine stands, in every namespace.
fn look(machine: &mut TimeMachine) -> String {
    let (_, names) = type_in(machine, "ip netns list");
    let names: Vec<&str> = names.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let mut seen = String::new();
    for command in LOOKS {
        seen.push_str(&type_in(machine, command).1);
        for name in &names {
            seen.push_str(&type_in(machine, &format!("ip netns exec {name} {command}")).1);
        }
    }
    seen
}

fn commands(script: &str) -> Vec<String> {
    let scripts = files::read_all("scripts", "sh").expect("tests/scripts");
    let found = scripts.iter().find(|known| known.name == script).expect("a script");
    script::commands(found.text.as_bytes()).expect("text")
}

fn played(script: &str) -> TimeMachine {
    let mut machine = TimeMachine::new(5);
    for command in commands(script) {
        type_in(&mut machine, &command);
    }
    machine
}

const SCRIPTS: [&str; 3] = ["walkthrough", "two-routers", "mtu"];

#[test]
fn every_way_to_a_moment_shows_the_same_moment() {
    for script in SCRIPTS {
        let mut machine = played(script);
        let (_, last) = {
            type_in(&mut machine, "goto end");
            machine.place().expect("events")
        };
        let mut moments = BTreeMap::new();
        // Back from the end, looking at each stop; at most 400 stops, spread over all.
        let stride = usize::try_from(last / 400 + 1).expect("small");
        while let Some((event, _)) = machine.place() {
            moments.insert(event, look(&mut machine));
            if type_in(&mut machine, &format!("step back {stride}")).0 != Outcome::Ran(0) {
                break;
            }
        }
        assert!(moments.len() > 10, "{script}: {} moments", moments.len());
        type_in(&mut machine, "continue");
        let first = *moments.keys().next().expect("a moment");
        type_in(&mut machine, &format!("goto {first}"));
        for (event, seen) in &moments {
            assert_eq!(machine.place().map(|place| place.0), Some(*event), "{script}");
            assert_eq!(look(&mut machine), *seen, "{script}: forward to {event}");
            type_in(&mut machine, &format!("step {stride}"));
        }
        for event in moments.keys().rev().step_by(7) {
            type_in(&mut machine, &format!("goto {event}"));
            assert_eq!(look(&mut machine), moments[event], "{script}: straight to {event}");
        }
    }
}

#[test]
fn a_neighbour_is_seen_in_the_state_that_was_told() {
    for script in SCRIPTS {
        let mut machine = played(script);
        let updates: Vec<_> = machine
            .session()
            .journal()
            .events()
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::NeighUpdate { link, destination, to, .. } => {
                    let (name, _) = to.iter_names().next()?;
                    Some((event.number, event.namespace.clone(), link.clone(), *destination, name.to_owned()))
                }
                _ => None,
            })
            .collect();
        assert!(!updates.is_empty(), "{script}");
        for (event, namespace, link, destination, state) in updates {
            type_in(&mut machine, &format!("goto {event}"));
            assert_eq!(machine.place().map(|place| place.0), Some(event), "{script}");
            let words = match namespace.is_host() {
                true => "ip neigh show nud all".to_owned(),
                false => format!("ip netns exec {namespace} ip neigh show nud all"),
            };
            let (_, table) = type_in(&mut machine, &words);
            let start = format!("{destination} dev {link} ");
            let line = table.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
            assert!(line.trim_end().ends_with(&state), "{script}, event {event}: {state} in\n{table}");
        }
    }
}

#[test]
fn looking_back_changes_nothing() {
    for script in SCRIPTS {
        let (mut straight, mut wandering) = (TimeMachine::new(5), TimeMachine::new(5));
        for (number, command) in commands(script).into_iter().enumerate() {
            let expected = type_in(&mut straight, &command);
            for wander in
                ["step back", "step back frame", "ip neigh", "ip link set lo down", "goto 3", "step 2"]
            {
                // In the present these would be commands like any other.
                let about_time = wander.starts_with("step") || wander.starts_with("goto");
                if (about_time || wandering.place().is_some()) && (number + wander.len()) % 3 != 0 {
                    type_in(&mut wandering, wander);
                }
            }
            type_in(&mut wandering, "continue");
            assert_eq!(type_in(&mut wandering, &command), expected, "{script}: {command}");
        }
        assert_eq!(straight.session().journal().events(), wandering.session().journal().events(), "{script}");
        assert_eq!(look(&mut straight), look(&mut wandering), "{script}");
    }
}

#[test]
fn what_runs_in_the_background_stands_still_in_the_past() {
    let mut machine = TimeMachine::new(5);
    for line in ["ip link set lo up", "tcpdump -n -i lo &", "ping -c 1 127.0.0.1", "goto start"] {
        type_in(&mut machine, line);
    }
    for line in ["ip neigh", "true"] {
        assert_eq!(type_in(&mut machine, line), (Outcome::Ran(0), String::new()), "{line}");
    }
    let (_, jobs) = type_in(&mut machine, "jobs");
    assert!(jobs.contains("Running"), "{jobs}");
    type_in(&mut machine, "continue");
    let (_, said) = type_in(&mut machine, "ping -c 1 127.0.0.1");
    assert!(said.contains("> 127.0.0.1: ICMP echo request"), "it hears the next frames: {said}");
}

#[test]
fn what_was_undone_is_as_if_it_had_never_been() {
    for script in SCRIPTS {
        let commands = commands(script);
        let mut machine = TimeMachine::new(5);
        let mut first = Vec::new();
        // What looks before anything is there to be taken back stays.
        let mut stays = 0;
        for command in &commands {
            first.push(type_in(&mut machine, command));
            stays += usize::from(machine.commands() == 0);
        }
        let (end, all) = (machine.session().journal().events().to_vec(), machine.commands());
        for taken in [1, all / 2, all] {
            assert_eq!(type_in(&mut machine, &format!("undo {taken}")).0, Outcome::Ran(0), "{script}");
            assert_eq!(machine.commands(), all - taken);
            assert_eq!(type_in(&mut machine, &format!("redo {taken}")).0, Outcome::Ran(0), "{script}");
            assert_eq!(machine.session().journal().events(), end, "{script}: redone");
        }
        type_in(&mut machine, &format!("undo {all}"));
        for (command, before) in commands.iter().zip(&first).skip(stays) {
            assert_eq!(type_in(&mut machine, command), *before, "{script}: {command} once more");
        }
        assert_eq!(machine.session().journal().events(), end, "{script}: done once more");
        assert_eq!(
            type_in(&mut machine, "redo").0,
            Outcome::Ran(1),
            "a new command leaves nothing to do again"
        );
    }
}

const TWO: [&str; 6] = [
    "ip netns add red",
    "ip link add v type veth peer name w netns red",
    "ip addr add 10.0.0.1/24 dev v",
    "ip link set v up",
    "ip -n red addr add 10.0.0.2/24 dev w",
    "ip -n red link set w up",
];

#[test]
fn what_nobody_typed_is_taken_back_with_what_was_typed() {
    let mut machine = TimeMachine::new(5);
    for line in ["ip netns add red", "ip -n red link set lo up"] {
        type_in(&mut machine, line);
    }
    for line in ["ip netns exec red bash", "ping -c 1 127.0.0.1"] {
        machine.execute_untyped(line, &mut Transcript::default());
    }
    assert_eq!(machine.session().prompt(), "red# ");
    assert_eq!(type_in(&mut machine, "undo").1, "Undone: ip -n red link set lo up\n");
    assert_eq!(machine.session().prompt(), "host# ");
    assert_eq!(type_in(&mut machine, "redo").1, "Done again: ip -n red link set lo up\n");
    assert_eq!(machine.session().prompt(), "red# ", "all of it is done again");
}

#[test]
fn what_only_looks_is_skipped_and_clears_nothing() {
    let mut machine = TimeMachine::new(5);
    for line in TWO.iter().chain(&["ping -c 1 10.0.0.2"]) {
        type_in(&mut machine, line);
    }
    let looks =
        ["ip neigh", "packets", "why", "map", "nonsense", "ip route get 10.0.0.2", "timeline", "jobs"];
    let after_ping = look(&mut machine);
    looks.iter().for_each(|line| drop(type_in(&mut machine, line)));
    assert_eq!(type_in(&mut machine, "undo").1, "Undone: ping -c 1 10.0.0.2\n");
    looks.iter().for_each(|line| drop(type_in(&mut machine, line)));
    // Something may happen while nobody types, which is then not what happened.
    let later = machine.now() + Duration::from_secs(3600);
    machine.idle_until(later).expect("a world can wait");
    assert_eq!(type_in(&mut machine, "undo").1, "Undone: ip -n red link set w up\n");
    assert_eq!(type_in(&mut machine, "redo 2").0, Outcome::Ran(0));
    assert_eq!(look(&mut machine), after_ping);
    let numbers: Vec<u64> = machine.journal().events().iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert_eq!(type_in(&mut machine, "goto 1").0, Outcome::Ran(0));
    type_in(&mut machine, "continue");

    // What changes or sends anything, waits, or goes elsewhere, takes its place.
    for line in
        ["sleep 1", "ip netns exec red bash", "ip netns add more", "ping -c 1 10.0.0.1", "tcpdump -i any &"]
    {
        type_in(&mut machine, "ip netns add one");
        assert_eq!(type_in(&mut machine, "undo").1, "Undone: ip netns add one\n");
        type_in(&mut machine, line);
        assert_eq!(type_in(&mut machine, "redo").0, Outcome::Ran(1), "{line}");
        assert_eq!(type_in(&mut machine, "undo").1, format!("Undone: {line}\n"));
    }
}

#[test]
fn a_ping_is_walked_through() {
    let mut machine = TimeMachine::new(1);
    for command in TWO {
        assert_eq!(type_in(&mut machine, command).0, Outcome::Ran(0), "{command}");
    }
    let (_, text) = type_in(&mut machine, "step ping -c 1 10.0.0.2");
    assert!(text.contains("the way to 10.0.0.2") && !text.contains("PING"), "{text}");
    let (_, text) = type_in(&mut machine, "step frame");
    assert!(
        text.starts_with("PING 10.0.0.2") && text.contains("leaves by v as frame 1: ARP who-has 10.0.0.2"),
        "{text}"
    );
    assert_eq!(type_in(&mut machine, "ip neigh").1, "10.0.0.2 dev v INCOMPLETE \n");
    for refused in ["ip link set v down", "ping -c 1 10.0.0.2", "sysctl -w net.ipv4.ip_forward=1", "sleep 1"]
    {
        let (outcome, text) = type_in(&mut machine, refused);
        assert_eq!(outcome, Outcome::Ran(1), "{refused}: {text}");
        assert!(text.contains("this is the past"), "{refused}: {text}");
    }
    let (_, text) = type_in(&mut machine, "continue");
    assert!(
        text.starts_with("64 bytes from 10.0.0.2") && text.ends_with("This is the present again.\n"),
        "{text}"
    );
    assert!(type_in(&mut machine, "ip neigh").1.contains("REACHABLE"));
}

#[test]
fn no_line_of_what_happened_is_too_wide() {
    for width in [50, 80, 120] {
        let mut machine = played("two-routers");
        let last = machine.place().map_or(0, |(_, last)| last);
        assert_eq!(last, 0);
        let mut lines = vec!["timeline all".to_owned(), "packets all".to_owned(), "goto end".to_owned()];
        lines.extend((1..20).map(|number| format!("packet {number}")));
        lines.extend((1..40).map(|_| "step back".to_owned()));
        let mut shown = String::new();
        for line in &lines {
            let mut console = Wide(Transcript::default(), width);
            assert_eq!(machine.execute(line, &mut console), Outcome::Ran(0), "{line}: {}", console.0.stderr);
            shown += &console.0.stdout;
        }
        // What was typed is shown as it was typed.
        let own = shown.lines().filter(|line| !line.starts_with("$ ") && !line.contains("# "));
        let too_wide: Vec<&str> = own.filter(|line| line.chars().count() > width).collect();
        assert_eq!(too_wide, Vec::<&str>::new());
        assert!(shown.contains("fits best"), "{shown}");
    }
}

#[test]
fn a_routing_decision_says_what_was_weighed() {
    let mut machine = TimeMachine::new(1);
    let more = [
        "ip route add 10.1.0.0/16 dev v",
        "ip route add 10.1.2.0/25 dev v src 10.0.0.1 metric 5",
        "ip -n red route add default via 10.0.0.1",
        "ping -c 1 -W 0.1 10.1.2.3",
    ];
    for command in TWO.iter().chain(&more) {
        let (_, said) = type_in(&mut machine, command);
        assert!(!said.contains("rror"), "{command}: {said}");
    }
    let mut console = Wide(Transcript::default(), 200);
    machine.execute("timeline", &mut console);
    let told = &console.0.stdout;
    let expected = [
        "the way to 10.1.2.3: 10.1.2.0/25 wins dev v src 10.0.0.1",
        "rule 32766, table main: 10.1.2.0/25 dev v metric 5: fits best",
        "source 10.0.0.1: the route names it (src)",
    ];
    for (line, expected) in told.lines().skip(1).zip(expected) {
        assert!(line.ends_with(expected), "{expected}: {told}");
    }

    type_in(&mut machine, "ip route add 10.0.9.0/24 via 10.0.0.2");
    type_in(&mut machine, "ip -n red route add 10.0.9.0/24 dev w");
    type_in(&mut machine, "ping -c 1 -W 0.1 10.0.9.9");
    let mut console = Wide(Transcript::default(), 200);
    machine.execute("timeline", &mut console);
    let stays = "10.0.9.0/24 fits, but this namespace does not forward: No route to host";
    assert!(console.0.stdout.contains(stays), "{}", console.0.stdout);
}

#[test]
fn the_map_shows_the_packet_at_every_step_on_its_way() {
    let mut machine = TimeMachine::new(1);
    TWO.iter().for_each(|command| drop(type_in(&mut machine, command)));
    type_in(&mut machine, "step ping -c 1 10.0.0.2");
    let mut neighbours = 0;
    let mut under_way = false;
    loop {
        let (_, told) = type_in(&mut machine, "step");
        if machine.place().is_none() {
            break;
        }
        let shown = type_in(&mut machine, "map").1.contains("skb ");
        under_way |= told.contains("is made");
        // Right after its end a packet is nowhere, and neither is one where a timer runs out.
        if told.contains("neighbour") && told.contains(": ") && !told.contains("timer") {
            neighbours += 1;
            assert!(shown, "{told}");
        }
    }
    assert!(under_way && neighbours >= 4, "{neighbours}");
}

#[test]
fn what_cannot_be_is_told() {
    let mut machine = TimeMachine::new(1);
    for line in ["step", "step back", "goto 1", "undo", "redo", "goto start"] {
        assert_eq!(type_in(&mut machine, line).0, Outcome::Ran(1), "{line}");
    }
    for line in ["goto", "goto soon", "step 0", "undo all"] {
        assert_eq!(type_in(&mut machine, line).0, Outcome::Ran(2), "{line}");
    }
    TWO.iter().for_each(|command| drop(type_in(&mut machine, command)));
    type_in(&mut machine, "step ping -c 1 10.0.0.2");
    for (line, words) in [
        ("step foo", "'foo' is no program"),
        ("step -3", "'step back 3'"),
        ("step frame back", "'step back frame'"),
        ("step back to it", "takes a number"),
    ] {
        let (outcome, said) = type_in(&mut machine, line);
        assert_eq!(outcome, Outcome::Ran(2), "{line}");
        assert!(said.contains(words), "{line}: {said}");
    }
    type_in(&mut machine, "goto 1");
    for line in ["step back", "step back 3", "step back frame"] {
        let (outcome, said) = type_in(&mut machine, line);
        assert_eq!(
            (outcome, said.as_str()),
            (Outcome::Ran(1), "vethlab: this is the first event\n"),
            "{line}"
        );
    }
    for line in ["goto 1us", "goto 1e9s"] {
        let (outcome, said) = type_in(&mut machine, line);
        assert_eq!(outcome, Outcome::Ran(1), "{line}");
        assert!(said.contains("events are from 0.014000 to 0.0140"), "{line}: {said}");
    }
    for word in ["step", "continue", "goto", "timeline", "undo", "redo"] {
        let (outcome, said) = type_in(&mut machine, &format!("{word} --help"));
        assert_eq!(outcome, Outcome::Ran(0));
        assert!(said.starts_with(&format!("{word}: ")) && said.lines().all(|line| line.len() <= 84));
    }
}
