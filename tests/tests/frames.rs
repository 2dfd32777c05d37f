//! The simulator's frames against the running kernel's: every script of `tests/scripts` leads to the same frames
//! on each link, field by field.

use libtest_mimic::{Arguments, Failed};
use std::process::ExitCode;
use vethlab::compare::{FrameComparison, frames_side_by_side, record};
use vethlab::script;
use vethlab::seat::Seat;
use vethlab::stacks::StackChoice;
use vethlab_tests::files::{self, NamedFile};
use vethlab_tests::stacks;

/// How wide a difference is shown.
const WIDTH: usize = 120;

/// Scripts mostly wait for answers that do not come; so many can wait at a time.
const AT_A_TIME: usize = 6;

/// A busy machine may delay the kernel's timers; a difference that is none goes away.
const ATTEMPTS: usize = 3;

fn main() -> ExitCode {
    let missing = stacks::missing();
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_A_TIME);
    let scripts = match files::read_all("scripts", "sh") {
        Ok(scripts) => scripts,
        Err(error) => {
            eprintln!("tests/scripts cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let trials = scripts
        .into_iter()
        .map(|file| stacks::trial(file.name.clone(), missing.as_deref(), move || check(&file)))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn check(file: &NamedFile) -> Result<(), Failed> {
    let commands = script::commands(file.text.as_bytes())?;
    let mut found = String::new();
    for _ in 0..ATTEMPTS {
        found = differences(&commands)?;
        if found.is_empty() {
            return Ok(());
        }
    }
    Err(format!("tests/scripts/{}.sh\n{found}", file.name).into())
}

/// Where the frames are not the same.
fn differences(commands: &[String]) -> Result<String, Failed> {
    let (real, sim) = (Seat::open(StackChoice::Real, 1)?, Seat::open(StackChoice::Sim, 1)?);
    let recording = record(commands, &mut [sim, real], true)?;
    let mut found = String::new();
    for one in &recording.commands {
        let [Some(entry), Some(_)] = &one.entries else {
            return Err("the stacks did not run as many commands".into());
        };
        found += &show(&entry.command, &one.frames);
    }
    found += &show("after the last command", &recording.rest);
    Ok(found)
}

fn show(command: &str, frames: &FrameComparison) -> String {
    match frames.equal {
        true => String::new(),
        false => format!("$ {command}\n{}\n", frames_side_by_side(frames, ["sim", "real"], WIDTH)),
    }
}
