//! Every lesson, on both stacks: at the start of each step its checks are not met, and its solution meets them.

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use vethlab::lesson::{Lesson, Rehearsal, packs, rehearse};
use vethlab::stacks::StackChoice;
use vethlab_shared::stack::NetworkStack;
use vethlab_tests::stacks;

fn main() -> ExitCode {
    let missing = stacks::missing();
    let packs = match packs() {
        Ok(packs) => packs,
        Err(error) => {
            eprintln!("the lessons cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Vec::new();
    for pack in packs {
        for lesson in pack.lessons {
            let name = |choice| format!("{}/{} on {choice}", pack.id, lesson.id);
            if lesson.stacks.contains(&StackChoice::Sim) {
                let lesson = lesson.clone();
                let test = move || check(&lesson, stacks::sim(0)?.as_mut());
                trials.push(Trial::test(name(StackChoice::Sim), test));
            }
            if lesson.stacks.contains(&StackChoice::Real) {
                let name = name(StackChoice::Real);
                let test = move || check(&lesson, stacks::real()?.as_mut());
                trials.push(stacks::trial(name, missing.as_deref(), test));
            }
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Plays a lesson's solutions and looks at each step.
fn check(lesson: &Lesson, stack: &mut dyn NetworkStack) -> Result<(), Failed> {
    for rehearsal in rehearse(lesson, stack)? {
        let Rehearsal { step, checks, unmet_before, unmet_after, entries } = rehearsal;
        if checks > 0 && unmet_before.is_empty() {
            return Err(format!("'{step}': nothing is left to do when it begins").into());
        }
        if !unmet_after.is_empty() {
            let problem = format!("'{step}': the solution does not do this: {unmet_after:?}\n{entries:#?}");
            return Err(problem.into());
        }
    }
    Ok(())
}
