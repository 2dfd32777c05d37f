//! The tests that enter namespaces, and those that start the programs which do: one process, so that it enters a user
//! namespace once, before any thread starts.
//!
//! A test is named after the module that it stands in: `cargo test -p vethlab-tests --test kernel -- fidelity::` runs
//! those of [`fidelity`]. What needs the kernel has the kind `real`: the filter `[real]` chooses it.

mod agreement;
mod bash;
mod capture;
mod checks;
mod command_line;
mod connections;
mod denied;
mod drop_reasons;
mod exercises;
mod exhausted;
mod families;
mod faults;
mod fidelity;
mod frames;
mod grade;
mod group_reports;
mod help;
mod learners;
mod lessons;
mod lint;
mod memory;
mod platforms;
mod reports;
mod scenes;
mod strange_files;
mod tcpdump;
mod terminal;
mod text;
mod tracking;
mod why;
mod why_real;

use libtest_mimic::{Arguments, Failed};
use std::process::ExitCode;
use vethlab_tests::stacks;
use vethlab_tests::trial::{self, Trial};

fn main() -> ExitCode {
    if let Some(code) = denied::become_another() {
        return code;
    }
    let arguments = Arguments::from_args();
    // It enters the user namespace.
    let missing = stacks::missing();
    match trials(missing.as_deref()) {
        Ok(trials) => trial::run(arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("{}", error.message().unwrap_or("the tests cannot be listed"));
            ExitCode::FAILURE
        }
    }
}

fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    // What takes long comes first, so that nothing is left to be waited for at the end.
    let groups = [
        ("learners", learners::trials(missing)?),
        ("lint", lint::trials(missing)?),
        ("fidelity", fidelity::trials(missing)?),
        ("frames", frames::trials(missing)?),
        ("capture", capture::trials(missing)?),
        ("lessons", lessons::trials(missing)?),
        ("memory", memory::trials()),
        ("help", help::trials()),
        ("tcpdump", tcpdump::trials()),
        ("bash", bash::trials()),
        ("text", text::trials()),
        ("agreement", agreement::trials(missing)?),
        ("drop_reasons", drop_reasons::trials(missing)),
        ("checks", checks::trials(missing)),
        ("exhausted", exhausted::trials(missing)),
        ("faults", faults::trials(missing)),
        ("connections", connections::trials(missing)),
        ("tracking", tracking::trials(missing)),
        ("families", families::trials(missing)),
        ("group_reports", group_reports::trials(missing)),
        ("why", why::trials(missing)?),
        ("why_real", why_real::trials(missing)),
        ("command_line", command_line::trials(missing)?),
        ("exercises", exercises::trials(missing)?),
        ("grade", grade::trials(missing)?),
        ("reports", reports::trials()),
        ("scenes", scenes::trials(missing)),
        ("platforms", platforms::trials()),
        ("strange_files", strange_files::trials()),
        ("denied", denied::trials(missing)),
        ("terminal", terminal::trials(missing)),
    ];
    let named =
        |(group, trials): (&'static str, Vec<Trial>)| trials.into_iter().map(move |trial| trial.of(group));
    Ok(groups.into_iter().flat_map(named).collect())
}
