//! A lesson goes on where it was left, and begins at the step that is asked for.

mod process;

use process::{Folder, code, finish, text, vethlab};
use std::process::Output;

/// A learner with progress of their own.
struct Learner(Folder);

impl Learner {
    fn new(name: &str) -> Learner {
        Learner(Folder::new(name))
    }

    fn start(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = vethlab(&[&["start"], arguments].concat());
        command.env("VETHLAB_DATA_DIR", self.0.0.join("data"));
        finish(command, input)
    }

    /// What is said, without its line breaks.
    fn said(&self, arguments: &[&str], input: &str) -> String {
        let output = self.start(arguments, input);
        assert_eq!((code(&output), text(&output.stderr)), (0, ""), "{arguments:?}");
        text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn a_lesson_goes_on_in_the_step_where_it_was_left() {
    let learner = Learner::new("left");
    let first = learner.said(&["loopback"], "1\nping -c 1 127.0.0.1\nip -s link\npackets\nquit\n");
    assert!(first.contains("Step 2 of") && !first.contains("You stopped"), "{first}");
    let second = learner.said(&["loopback"], "quit\n");
    let told = "You stopped at step 2 of 7: the network is as that step begins with it. To begin anew: `vethlab start loopback --step 1`";
    let (told, from) = second.split_once(told).unwrap_or_else(|| panic!("{second}"));
    assert!(!told.contains("Step"), "{second}");
    assert!(from.trim_start().starts_with("Step 2 of 7"), "{second}");
    // It is still there: nothing was done meanwhile.
    assert!(learner.said(&["loopback"], "quit\n").contains("You stopped at step 2"));
    let anew = learner.said(&["loopback", "--step", "1"], "quit\n");
    assert!(anew.contains("Step 1 of 7") && !anew.contains("You stopped"), "{anew}");
}

#[test]
fn a_step_that_was_left_keeps_its_answers() {
    let learner = Learner::new("answers");
    let first = learner.said(&["loopback"], "2\n");
    assert!(first.contains("Step 1 of") && first.contains("See you"), "{first}");
    let second = learner.said(&["loopback"], "quit\n");
    assert!(second.contains("You stopped at step 1 of 7"), "{second}");
    assert!(second.contains("You have answered this: it is ") && !second.contains("your answer"), "{second}");
}

#[test]
fn a_lesson_that_was_done_in_two_sittings_is_done() {
    let learner = Learner::new("sittings");
    let lesson = |steps: &[&str]| steps.iter().map(|step| format!("{step}\n")).collect::<String>();
    let folder = &learner.0;
    folder.file(
        "pack.toml",
        b"format = 1\nid = \"two\"\ntitle = \"T\"\nabout = \"A.\"\nlessons = [\"two.md\"]\n",
    );
    let step = |name: &str| {
        format!(
            "## {name}\n```vethlab check\n[[check]]\nsay = \"{name} is there\"\nnamespace = \"{name}\"\n```\n\
             ```vethlab solution\nip netns add {name}\n```\n"
        )
    };
    let steps: String = ["red", "blue", "green"].map(step).concat();
    folder
        .file("two.md", format!("---\nid = \"two\"\ntitle = \"Two\"\nminutes = 1\n---\n{steps}").as_bytes());
    let pack = folder.0.display().to_string();
    let start = |input: &[&str]| learner.said(&["two", "--pack", &pack], &lesson(input));
    start(&["ip netns add red", "quit"]);
    // The network has what the step before brought about.
    let second = start(&["ip netns", "ip netns add blue", "quit"]);
    assert!(second.contains("Step 2 of 3 [######----] blue red ✓ blue is there"), "{second}");
    let third = start(&["ip netns add green"]);
    assert!(third.contains("You stopped at step 3 of 3"), "{third}");
    assert!(third.contains("You have done this lesson."), "{third}");
    let again = start(&["quit"]);
    assert!(again.contains("Step 1 of 3") && !again.contains("You stopped"), "{again}");
}

#[test]
fn a_step_that_is_named_finds_the_network_of_those_before_it() {
    let learner = Learner::new("named");
    let said = learner.said(&["routes", "--step", "6"], "skip\nip route\nquit\n");
    assert!(said.contains("Step 6 of 9"), "{said}");
    let routes = "192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.50 \
                  192.168.1.0/24 dev veth-host proto kernel scope link src 192.168.1.2";
    assert!(said.contains(routes), "{said}");
    let auto = learner.said(&["routes", "--step", "9", "--auto"], "");
    assert!(auto.contains("Step 9 of 9") && !auto.contains("Step 8 of 9"), "{auto}");
}

#[test]
fn a_step_that_there_is_not_is_told_in_a_line() {
    let learner = Learner::new("no-step");
    for (arguments, words) in [
        (&["routes", "--step", "0"][..], "'routes' has no step 0: '--step' takes a number from 1 to 9"),
        (&["routes", "--step", "10"], "'routes' has no step 10"),
        (&["two-namespaces", "--step", "1"], "'--step' goes with a lesson"),
    ] {
        let output = learner.start(arguments, "");
        let said = text(&output.stderr);
        assert_eq!((code(&output), said.lines().count()), (2, 1), "{said}");
        assert!(said.contains(words), "{said}");
    }
}
