//! What README.md and GUIDE.md show is what the command prints.

use std::fmt::Write;
use vethlab_engine::script;
use vethlab_sim::World;

const README: &str = include_str!("../../../README.md");
const GUIDE: &str = include_str!("../../../lessons/GUIDE.md");

#[test]
fn the_transcript_is_what_a_run_on_sim_prints() {
    let shown = GUIDE.split("```console\n").nth(1).and_then(|rest| rest.split("```").next());
    let shown = shown.expect("a transcript in GUIDE.md");
    let commands: Vec<String> =
        shown.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect();
    let mut printed = String::new();
    for entry in script::play(&commands, &mut World::new(0)) {
        write!(printed, "$ {}\n{}{}", entry.command, entry.stdout, entry.stderr).expect("text");
    }
    assert_eq!(shown, printed);
}

#[test]
fn the_recording_is_what_its_commands_print_today() {
    let shown = include_str!("../../../lessons/recording.svg");
    let advice = "cargo run -p vethlab-tests --example recording > lessons/recording.svg";
    assert!(README.contains("lessons/recording.svg"), "the README shows the recording");
    assert!(shown == vethlab_tests::recording::svg(), "the recording is out of date: {advice}");
}
