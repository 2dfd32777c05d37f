//! The simulator's frames against the running kernel's: every script of `tests/scripts` leads to the same frames
//! on each link, field by field.

use libtest_mimic::Failed;
use vethlab_engine::compare::{FrameComparison, frames_side_by_side, record};
use vethlab_engine::script;
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::files::{self, NamedFile};
use vethlab_tests::trial::Trial;

/// How wide a difference is shown.
const WIDTH: usize = 120;

/// How many frames these scripts lead to depends on how fast the machine is: they stop programs by a signal, or bridges send by
/// their timers meanwhile. What they print is compared by `fidelity`.
const PACED_BY_THE_MACHINE: &[&str] = &["background-stopped", "bridge-stp"];

/// Scripts in which a router puts fragments together and cuts them up again: the kernel writes the new headers over the old
/// ones in memory that it shares with who has captured them (`findings/kernel-captured-fragments-rewritten.sh`).
const REWRITTEN: &[&str] = &["nat-fragments"];

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let scripts = files::read_all("scripts", "sh")?.into_iter();
    let compared = |name: &str| !PACED_BY_THE_MACHINE.contains(&name) && !REWRITTEN.contains(&name);
    let scripts = scripts.filter(|file| compared(&file.name));
    Ok(scripts
        .map(|file| Trial::on_kernel(file.name.clone(), missing, move || check(&file)).timed())
        .collect())
}

fn check(file: &NamedFile) -> Result<(), Failed> {
    let commands = script::commands(file.text.as_bytes())?;
    let found = differences(&commands)?;
    match found.is_empty() {
        true => Ok(()),
        false => Err(format!("tests/scripts/{}.sh\n{found}", file.name).into()),
    }
}

/// Where the frames are not the same.
fn differences(commands: &[String]) -> Result<String, Failed> {
    let (real, sim) =
        (vethlab::stacks::machine(StackChoice::Real, 1)?, vethlab::stacks::machine(StackChoice::Sim, 1)?);
    let mut found = String::new();
    let rest = record(commands, &mut [sim, real], true, |one| {
        let [Some(entry), Some(_)] = &one.entries else {
            return Err(Failed::from("the stacks did not run as many commands"));
        };
        found += &show(&entry.command, &one.frames);
        Ok(())
    })?;
    Ok(found + &show("after the last command", &rest))
}

fn show(command: &str, frames: &FrameComparison) -> String {
    match frames.equal {
        true => String::new(),
        false => format!("$ {command}\n{}\n", frames_side_by_side(frames, ["sim", "real"], WIDTH)),
    }
}
