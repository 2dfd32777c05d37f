//! A command that prints without an end is stopped where its text would be kept in memory.

mod process;

use process::{Folder, code, finish, text, vethlab};

const LIMITS: [&str; 4] = ["--max-memory", "1", "--max-work", "1000000"];

/// A command that goes through two namespaces, through which it goes, and so on: more often than anybody can wait for.
fn script() -> String {
    let names = ["a", "b"].map(|name| format!("ip netns add {}\n", name.repeat(200))).concat();
    format!("{names}{}true\necho done\n", "ip -all netns exec ".repeat(60))
}

#[test]
fn run_with_json_tells_the_limit_and_goes_on() {
    let output = finish(vethlab(&[&["run", "--json", "-"], &LIMITS[..]].concat()), &script());
    assert_eq!(code(&output), 1, "{output:?}");
    let records = text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let records: Vec<serde_json::Value> = records.collect();
    assert_eq!(records.len(), 4);
    assert_eq!(records[2]["status"], 124);
    let told = "vethlab: stopped: what is kept of it takes more than 1 MiB (--max-memory)\n";
    assert_eq!(records[2]["stderr"], told);
    assert_eq!(records[3]["stdout"], "done\n");
}

#[test]
fn a_shell_tells_the_limit_and_goes_on() {
    let output = finish(vethlab(&[&["shell"], &LIMITS[..]].concat()), &script());
    assert!(text(&output.stderr).contains("(--max-memory)"), "{}", text(&output.stderr));
    assert!(text(&output.stdout).ends_with("done\n"));
    assert!(output.stdout.len() < 1 << 20);
}

/// What goes out as it comes takes no memory: the same script is ended by another limit.
#[test]
fn a_run_that_keeps_no_text_is_not_stopped_for_it() {
    let folder = Folder::new("text-goes-out");
    let script = folder.file("script", script().as_bytes());
    let output = finish(vethlab(&["run", "--max-memory", "1", "--max-work", "100000", &script]), "");
    assert!(output.stdout.len() > 1 << 20, "{} bytes", output.stdout.len());
    assert!(text(&output.stderr).ends_with("it takes more than 100000 steps (--max-work)\n"));
}
