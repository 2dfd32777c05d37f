//! What a lesson says to a learner who gets stuck: why a check is not met, hints one after the other, and that the
//! past is not the place to check.

use std::io::Write;
use std::process::{Command, Stdio};
use vethlab_tests::binary;

/// Plays a lesson on the simulator with these lines, and takes what it says, a space for each line break.
fn played(arguments: &[&str], lines: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(binary::path().expect("the command"))
        .arg("start")
        .args(arguments)
        .env("VETHLAB_DATA_DIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let input = lines.join("\n") + "\n";
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{:?}", output.status);
    let said = String::from_utf8(output.stdout).expect("text");
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_ping_that_is_not_answered_is_explained() {
    // Questions are skipped like steps; behind the thirteenth word "Set it right" begins.
    let lines = [&["skip"; 13][..], &["check", "why"]].concat();
    let said = played(&["ping"], &lines);
    let line = "- not yet: red answers at 192.168.1.1 (Take the wrong number out of the neighbour table) \
                (wrong-neighbour in host: type `why` for the story)";
    assert!(said.contains(line), "{said}");
    assert!(
        said.contains("ping -c 1 -W 1 192.168.1.1: wrong-neighbour in host host sent a request"),
        "{said}"
    );
}

#[test]
fn a_command_that_failed_is_explained_with_any_check() {
    let said = played(&["veth"], &["skip", "ping -c 1 10.9.9.9", "ip link", "check"]);
    assert!(said.contains("- not yet: There is a link called veth-host"), "{said}");
    assert!(
        said.contains("Your 'ping -c 1 10.9.9.9' failed: no-route in host. 'why' tells the story."),
        "{said}"
    );
    let said = played(&["veth"], &["skip", "ping -c 1 10.9.9.9", "ip netns add blue", "check"]);
    assert!(said.contains("- not yet: ") && !said.contains("failed:"), "{said}");
}

#[test]
fn the_past_is_not_the_place_to_check() {
    let lines = ["3", "2", "step ping -c 1 192.168.1.1", "ip -s link", "check", "lesson", "continue"];
    let said = played(&["ping"], &lines);
    let told = "You are looking at the past: 'continue' first, then 'check'.";
    let (before, behind) = said.split_once(told).expect("it is told");
    let done = "✓ host knows the MAC address of 192.168.1.1";
    assert!(!before.contains(done) && behind.contains(done), "{said}");
}

#[test]
fn hints_open_one_after_the_other_and_why_is_the_last() {
    let said = played(&["debug", "--seed", "3"], &["hint", "hint", "hint", "hint", "hint"]);
    let places: Vec<usize> = (1..=4)
        .map(|n| said.find(&format!("Hint {n} of 4: ")).unwrap_or_else(|| panic!("{n}: {said}")))
        .collect();
    assert!(places.is_sorted(), "{said}");
    assert!(said[places[3]..].contains("and then `why`: it follows the packet"), "{said}");
    assert!(said.contains("That was the last hint; 'solution' shows the commands."), "{said}");
}

#[test]
fn what_was_not_looked_at_is_not_said_to_be_unmet() {
    let lines =
        ["skip", "ip -n lab route add default via 10.2.0.1", "ping -c 1 10.2.0.2", "check", "packets"];
    let said = played(&["router"], &[&["skip"; 6][..], &lines].concat());
    assert!(said.contains("- not yet: You have seen the frames (packets)"), "{said}");
    let checked = &said[said.find("- not yet: You have seen").expect("the check")..];
    assert!(!checked.contains("not yet: lab answers at 10.2.0.2"), "{said}");
    assert!(checked.contains("✓ lab answers at 10.2.0.2"), "{said}");
}

/// What is to be seen may be there only once the network works: that may not keep its ping from being looked into.
#[test]
fn a_ping_does_not_wait_for_a_look() {
    let said = played(&["router"], &[&["skip"; 7][..], &["check"]].concat());
    assert!(said.contains("- not yet: You have seen the frames (packets)"), "{said}");
    assert!(said.contains("(no-return-route in lab: type `why`"), "{said}");
}

#[test]
fn a_question_stays_while_one_looks_around() {
    let lines = [
        "hint",
        "ip route add default via 10.1.0.1",
        "ping -c 1 10.1.0.1",
        "map",
        "ip neigh",
        "eth0",
        "quit",
    ];
    let said = played(&["router"], &lines);
    // Neither the words of a lesson nor what alters or sends something.
    assert_eq!(said.matches("The question comes first.").count(), 3, "{said}");
    assert!(!said.contains("bytes of data"), "{said}");
    assert_eq!(said.matches("With a default route via 10.1.0.1, by which").count(), 6, "{said}");
    let (before, _) = said.split_once("Right. The route names the gateway").expect("the answer");
    assert!(before.contains("┌"), "{said}");
}

#[test]
fn what_is_so_before_anything_was_done_is_no_news() {
    let said = played(&["debug"], &["ping -c 1 -W 1 10.0.0.1", "quit"]);
    assert!(said.contains("Step 1 of 6") && !said.contains('✓'), "{said}");

    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write(
        "pack.toml",
        "format = 1\nid = \"two\"\ntitle = \"Two\"\nabout = \"Two.\"\nlessons = [\"two.md\"]\n",
    );
    let step = |name: &str| {
        format!(
            "## {name}\n```vethlab check\n[[check]]\nsay = \"{name} is there\"\nnamespace = \"{name}\"\n```\n\
             ```vethlab solution\nip netns add {name}\n```\n"
        )
    };
    let head = "---\nid = \"two\"\ntitle = \"Two\"\nminutes = 1\n---\n";
    write("two.md", &format!("{head}{}{}## End\nDone.\n", step("red"), step("blue")));
    let pack = folder.path().to_str().expect("a path");
    let said = played(&["two", "--pack", pack], &["ip netns add blue", "ip netns add red", ""]);
    assert!(said.contains("✓ red is there Step 2 of 3"), "{said}");
    assert!(said.contains("Everything that this step asks for is done already. Step 3 of 3"), "{said}");
    assert!(!said.contains("✓ blue"), "{said}");
}
