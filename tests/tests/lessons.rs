//! Every lesson, on both stacks: at the start of each step its checks are not met, its solution meets them, and
//! the output that it shows is what its commands print. Lessons that are drawn from a seed, for many seeds.

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use vethlab::compare::{Entry, Normaliser};
use vethlab::lesson::{Block, Edition, Lesson, Rehearsal, Step, packs, rehearse};
use vethlab::seat::Seat;
use vethlab::stacks::StackChoice;
use vethlab_tests::stacks;

/// For how many seeds a lesson that varies is tried on a stack.
fn seeds(lesson: &Lesson, stack: StackChoice) -> std::ops::Range<u64> {
    match (lesson.varies(), stack) {
        (false, _) => 0..1,
        (true, StackChoice::Sim) => 0..40,
        (true, StackChoice::Real) => 0..4,
    }
}

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
            for &stack in &lesson.stacks {
                for seed in seeds(&lesson, stack) {
                    let name = format!("{}/{} on {stack}, seed {seed}", pack.id, lesson.id);
                    let lesson = lesson.clone();
                    let test = move || check(&lesson.in_edition(Edition { seed, stack })?);
                    trials.push(match stack {
                        StackChoice::Sim => Trial::test(name, test),
                        StackChoice::Real => stacks::trial(name, missing.as_deref(), test),
                    });
                }
            }
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Plays a lesson's solutions and looks at each step.
fn check(lesson: &Lesson) -> Result<(), Failed> {
    let Edition { seed, stack } = lesson.edition();
    let rehearsals = rehearse(lesson, || Seat::open(stack, seed).map_err(Failed::from))?;
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
        output_is_true(step, &entries).map_err(|problem| format!("'{title}': {problem}"))?;
    }
    Ok(())
}

/// Whether each line of the output that a step shows is one that the solution printed, in the same order. Times,
/// and Ethernet addresses that the kernel makes up, may be others.
fn output_is_true(step: &Step, entries: &[Entry]) -> Result<(), String> {
    let printed: Vec<String> = entries
        .iter()
        .flat_map(|entry| [&entry.stdout, &entry.stderr])
        .flat_map(|text| lines(text))
        .collect();
    for block in &step.blocks {
        let Block::Output(shown) = block else { continue };
        let shown = lines(shown);
        let mut rest = shown.iter().peekable();
        // Each block begins anew: two blocks may show the same line.
        for line in &printed {
            rest.next_if(|wanted| *wanted == line);
        }
        if let Some(line) = rest.next() {
            return Err(format!("it shows '{line}', which its solution does not print there:\n{printed:#?}"));
        }
    }
    Ok(())
}

/// The lines of a text, without what is different in every run: times, made-up addresses, and what `packets` says of
/// a frame besides its way and its kind.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| usual(Normaliser::new().text(line).trim_end())).collect()
}

/// A line without the number, the time and the identification of a frame, and without the rest of a lifetime.
fn usual(line: &str) -> String {
    if let Some(("", rest)) = line.trim_start().split_once("cache expires ")
        && let Some((seconds, rest)) = rest.split_once("sec")
        && seconds.parse::<u32>().is_ok()
    {
        return format!("    cache expires Nsec{rest}");
    }
    let frame = without_number(line).unwrap_or(line);
    match frame.split_once(" id ") {
        Some((fragment, _)) if fragment.contains("  fragment ") => fragment.to_owned(),
        _ => frame.to_owned(),
    }
}

/// A line of `packets` without what stands before the frame: ` 3  0.000020  host/eth0 > …`.
fn without_number(line: &str) -> Option<&str> {
    let (number, rest) = line.trim_start().split_once("  ")?;
    let (time, frame) = rest.split_once("  ")?;
    (number.parse::<u32>().is_ok() && time.parse::<f64>().is_ok()).then_some(frame)
}
