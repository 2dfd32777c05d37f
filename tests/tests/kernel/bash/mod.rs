//! Scripts, held against bash itself: the same output and the same status.

use libtest_mimic::Failed;
use std::fs;
use std::process::{Command, Stdio};
use vethlab_shell::{Demand, Machine, Mode, Read, Route, Script, State, System as _};
use vethlab_tests::scripted::Fake;
use vethlab_tests::tools;
use vethlab_tests::trial::{Trial, equal};

/// What `echo`, `cat`, `true` and `false` print, and how they end; `None` for any other.
fn program(words: &[String], input: &Read, fake: &Fake) -> Option<(String, u8)> {
    match words[0].as_str() {
        "echo" if words.get(1).is_some_and(|word| word == "-n") => Some((words[2..].join(" "), 0)),
        "echo" => Some((words[1..].join(" ") + "\n", 0)),
        "cat" if words.len() == 1 => {
            Some((if let Read::Text(text) = input { text.to_string() } else { String::new() }, 0))
        }
        "cat" => fake.files.get(&words[1]).map(|text| (text.clone(), 0)),
        "true" => Some((String::new(), 0)),
        "false" => Some((String::new(), 1)),
        _ => None,
    }
}

/// Standard output, standard error and status of a script here.
fn here(text: &str) -> Result<(String, String, u8), Failed> {
    let mut fake = Fake::default();
    let script = match Script::parse(text) {
        Ok(script) => script,
        Err(problem) => return Ok((String::new(), format!("../script: {problem}\n"), 2)),
    };
    let state = State::new("../script", &["one".to_owned(), "two words".to_owned()], true);
    let mut machine = Machine::new(&script, state, Mode::Script, None);
    for _ in 0..100_000 {
        match machine.next(&mut fake) {
            Demand::Run(call) => match program(&call.words, &call.input, &fake) {
                Some((printed, status)) => {
                    if call.words == ["cat"] {
                        machine.left_unread(0);
                    }
                    match call.out {
                        Route::Out => fake.print(false, &printed),
                        Route::Error => fake.print(true, &printed),
                        Route::Machine => machine.took(false, &printed, &mut fake),
                    }
                    machine.ended(status, false, &mut fake);
                }
                None => {
                    machine.took(true, "", &mut fake);
                    machine.not_found(&call.words[0], &mut fake);
                    machine.ended(127, false, &mut fake);
                }
            },
            Demand::Spawn { .. } => machine.spawned("2", 0),
            Demand::Pause => {}
            Demand::Ended { status, .. } => return Ok((fake.out, fake.err, status)),
        }
    }
    Err("it has no end".into())
}

/// The same of bash.
fn bash(text: &str) -> Result<(String, String, u8), Failed> {
    let folder = tempfile::tempdir()?;
    let inner = folder.path().join("files");
    fs::create_dir(&inner)?;
    fs::write(folder.path().join("script"), text)?;
    let done = Command::new("bash")
        .args(["../script", "one", "two words"])
        .current_dir(&inner)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/root")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let status = done.status.code().ok_or("a signal ended bash")?;
    Ok((text(done.stdout), text(done.stderr), status as u8))
}

fn agrees(text: &str) -> Result<(), Failed> {
    let (ours, mut theirs) = (here(text)?, bash(text)?);
    // Below a syntax error bash shows the line itself.
    if theirs.1.contains("syntax error near") {
        theirs.1 = theirs.1.lines().next().unwrap_or_default().to_owned() + "\n";
    }
    equal(text, &ours, &theirs)
}

pub(crate) fn trials() -> Vec<Trial> {
    let scripts = include_str!("scripts.txt").split("\n====\n").enumerate();
    let trial = |(number, text): (usize, &'static str)| {
        let first = text.lines().next().unwrap_or_default();
        let short: String = first.chars().take(40).collect();
        let missing = (!tools::is_installed("bash")).then_some("not installed: bash");
        Trial::with_tool(format!("{:02} {short}", number + 1), missing, move || agrees(text))
    };
    scripts.map(trial).collect()
}
