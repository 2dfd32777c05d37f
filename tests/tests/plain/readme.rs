//! What the README shows is what the command prints.

use std::fmt::Write;
use vethlab_engine::script;
use vethlab_sim::World;

const README: &str = include_str!("../../../README.md");

#[test]
fn the_transcript_is_what_a_run_on_sim_prints() {
    let shown = README.split("```console\n").nth(1).and_then(|rest| rest.split("```").next());
    let shown = shown.expect("a transcript in the README");
    let commands: Vec<String> =
        shown.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect();
    let mut printed = String::new();
    for entry in script::play(&commands, &mut World::new(0)) {
        write!(printed, "$ {}\n{}{}", entry.command, entry.stdout, entry.stderr).expect("text");
    }
    assert_eq!(shown, printed);
}
