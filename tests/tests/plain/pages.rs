//! The pages of programs are true: what they name is modelled, and their examples run.

use vethlab_engine::script;
use vethlab_programs::{Form, Page, Transcript, modelled, session::Session, table};
use vethlab_sim::World;

const LIST: &str = include_str!("../../../shared/PROGRAMS.md");

/// What the examples need: a cable to another namespace, and addresses.
const SETUP: [&str; 10] = [
    "ip netns add red",
    "ip link add v0 type veth peer name v1",
    "ip link set v1 netns red",
    "ip addr add 10.0.0.1/24 dev v0",
    "ip link set v0 up",
    "ip netns exec red ip addr add 10.0.0.2/24 dev v1",
    "ip netns exec red ip link set v1 up",
    "ping -c 1 10.0.0.2",
    "ip netns exec red python3 -m http.server 8000 &",
    "ip netns exec red python3 -m http.server 80 &",
];

fn pages() -> impl Iterator<Item = &'static Page> {
    table().iter().flat_map(|program| std::iter::once(program.page).chain(program.page.objects))
}

fn prepared() -> (World, Session) {
    let (mut world, mut session) = (World::new(0), Session::new());
    for line in SETUP {
        session.execute(line, &mut world, &mut Transcript::default());
    }
    (world, session)
}

fn said(line: &str) -> Transcript {
    let (mut world, mut session) = prepared();
    let mut said = Transcript::default();
    session.execute(line, &mut world, &mut said);
    said
}

#[test]
fn examples_run() {
    let examples: Vec<&str> =
        pages().flat_map(|page| page.examples).map(|Form(command, _)| *command).collect();
    assert!(examples.len() > 25, "{}", examples.len());
    for example in examples {
        let commands: Vec<String> =
            SETUP.iter().map(|line| (*line).to_owned()).chain([example.to_owned()]).collect();
        let entries = script::play(&commands, &mut World::new(0));
        let entry = entries.last().expect("an entry");
        let is_refused = entry.stderr.contains("is not modelled") || entry.stderr.contains("did you mean");
        assert!(entry.status == 0 && !is_refused, "{example}: {} {}", entry.status, entry.stderr);
    }
}

/// An option that lacks its value, or that wants more, is no option that is not modelled.
#[test]
fn the_options_of_a_page_are_modelled() {
    let mut options = 0;
    for page in pages() {
        for Form(form, _) in page.forms {
            for option in form
                .split([' ', ',', '[', ']', '|', '='])
                .filter(|word| word.len() > 1 && word.starts_with('-'))
            {
                options += 1;
                let line = format!("{} {option}", page.command);
                let stderr = said(&line).stderr;
                assert!(
                    !stderr.contains("is not modelled") && !stderr.contains("nknown option"),
                    "{line}: {stderr}"
                );
            }
        }
    }
    assert!(options > 60, "{options}");
}

/// The first word of each form of an object of `ip` is one of its commands.
#[test]
fn the_commands_of_an_object_are_modelled() {
    let objects: Vec<&Page> = pages().filter(|page| page.command.starts_with("ip ")).collect();
    assert_eq!(objects.len(), 5);
    for Page { command, forms, .. } in objects {
        for Form(form, _) in *forms {
            let verb = form.split([' ', ',']).next().expect("a word");
            if verb != "…" {
                let line = format!("{command} {verb}");
                let stderr = said(&line).stderr;
                assert!(
                    !stderr.contains("is unknown") && !stderr.contains("is not modelled"),
                    "{line}: {stderr}"
                );
            }
        }
    }
}

#[test]
fn the_list_of_all_programs_is_what_help_modelled_prints() {
    let shown = LIST.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a list");
    let printed = said("help modelled").stdout;
    assert_eq!(printed, modelled());
    let hint = "to write it anew: (sed '/^```text$/q' shared/PROGRAMS.md; echo 'help modelled' | vethlab shell; \
                echo '```') >new, and move it there";
    assert!(shown == printed, "shared/PROGRAMS.md is not what 'help modelled' prints; {hint}");
}
