//! Every lesson, on both stacks: at the start of each step its checks are not met, its solution meets them, and
//! the output that it shows is what its commands print. Lessons that are drawn from a seed, for many seeds.

use libtest_mimic::Failed;
use vethlab::packs::packs;
use vethlab_engine::lesson::{Edition, Lesson, Rehearsal, rehearse, untrue_line};
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::trial::Trial;

/// For how many seeds a lesson that varies is tried on a stack.
fn seeds(lesson: &Lesson, stack: StackChoice) -> std::ops::Range<u64> {
    match (lesson.varies(), stack) {
        (false, _) => 0..1,
        (true, StackChoice::Sim) => 0..40,
        (true, StackChoice::Real) => 0..4,
    }
}

pub(crate) fn trials(missing: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let mut trials = Vec::new();
    for pack in packs()? {
        for lesson in pack.lessons {
            for &stack in &lesson.stacks {
                for seed in seeds(&lesson, stack) {
                    let name = format!("{}/{} on {stack}, seed {seed}", pack.id, lesson.id);
                    let lesson = lesson.clone();
                    let test = move || check(&lesson.in_edition(Edition { seed, stack })?);
                    trials.push(match stack {
                        StackChoice::Sim => Trial::new(name, test),
                        StackChoice::Real => Trial::on_kernel(name, missing, test).timed(),
                    });
                }
            }
        }
    }
    Ok(trials)
}

/// Plays a lesson's solutions and looks at each step.
fn check(lesson: &Lesson) -> Result<(), Failed> {
    let Edition { seed, stack } = lesson.edition();
    let fresh = || vethlab::stacks::machine(stack, seed).map_err(Failed::from);
    let rehearsals = rehearse(lesson, fresh, vethlab::bounds::within_setup)?;
    for (step, rehearsal) in lesson.steps.iter().zip(rehearsals) {
        let Rehearsal { step: title, checks, unmet_before, unanswered, entries, unmet_after } = rehearsal;
        if checks > 0 && unmet_before.is_empty() {
            return Err(format!("'{title}': nothing is left to do when it begins").into());
        }
        if !unanswered.is_empty() {
            return Err(format!("'{title}': the network does not answer this: {unanswered:?}").into());
        }
        if !unmet_after.is_empty() {
            let problem = format!("'{title}': the solution does not do this: {unmet_after:?}\n{entries:#?}");
            return Err(problem.into());
        }
        if let Some(line) = untrue_line(step, &entries) {
            let problem = format!("'{title}': it shows '{line}', which its solution does not print there");
            return Err(format!("{problem}:\n{entries:#?}").into());
        }
    }
    Ok(())
}
