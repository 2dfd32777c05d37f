//! `vethlab check`: what holds of an answer, and what does not and why.

use super::course::{Course, OwnPack, warn};
use super::limits::LimitOptions;
use super::{DIFFERS, Failure, OneStack, WARNINGS};
use std::path::PathBuf;
use vethlab::classroom::grade::{collect, grade_one};
use vethlab::output;
use vethlab::stacks;
use vethlab_engine::classroom::Assignment;
use vethlab_engine::classroom::{Grade, Graded, Submission};
use vethlab_engine::classroom::{StudentId, show};
use vethlab_engine::text::printable_line;
use vethlab_shared::budget::Limits;

/// Look at an answer to an exercise: what holds, what does not and why, and the points.
///
/// The commands of the file run on a fresh network, as they do when your teacher grades them. The exit code is 0 when
/// all checks hold that are not optional, 1 when one does not, 2 for a file that is no answer, and 4 when the real stack
/// is not available here.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab check two-namespaces two-namespaces.ann.answer    an answer that vethlab wrote
  vethlab check two-namespaces commands.txt --student ann   a plain file of commands
  vethlab check two-namespaces commands.txt --student ann --stack real")]
pub(crate) struct Arguments {
    /// The exercise: its word in 'vethlab list', or PACK/EXERCISE
    exercise: String,
    /// The answer: a file that vethlab wrote, or a plain file of commands
    file: PathBuf,
    /// Whose answer it is, where the file does not say so
    #[arg(long, value_name = "ID")]
    student: Option<StudentId>,
    /// The stack to run it on
    #[arg(long, value_enum, default_value_t)]
    stack: OneStack,
    /// Exit with 3 when only optional checks do not hold
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    pack: OwnPack,
}

/// How an answer is looked at.
pub(super) struct Look {
    /// The stack that it runs on.
    pub(super) stack: OneStack,
    /// What it may use.
    pub(super) limits: Limits,
    /// Whether an optional check that does not hold has an exit code of its own.
    pub(super) strict: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let course = Course::without_progress(&arguments.pack)?;
    let assignment = course.find_exercise(&arguments.exercise)?;
    let files = collect(std::slice::from_ref(&arguments.file), &assignment.name);
    let answers = files.map_err(Failure::bad_input)?.answers;
    let [answer] = &answers[..] else {
        let folder = output::shown(&arguments.file);
        return Err(Failure::bad_input(format_args!(
            "'{folder}' is a folder: 'vethlab check' looks at one file, 'vethlab grade' at many"
        )));
    };
    let submission = answer.read();
    if let (Some(student), Some(named)) = (&arguments.student, submission.named_inside())
        && *student != named
    {
        let file = printable_line(&submission.file);
        return Err(Failure::bad_input(format_args!(
            "'{file}' is an answer of {named}, and not of {student}"
        )));
    }
    let submission = Submission {
        student: arguments.student.clone().or_else(|| submission.student.clone()),
        ..submission
    };
    let (stack, limits) = (arguments.stack, arguments.limits.allowed().answer);
    look(&assignment, &submission, Look { stack, limits, strict: arguments.strict })
}

/// Shows what holds of one answer.
pub(super) fn look(
    assignment: &Assignment,
    submission: &Submission,
    Look { stack, limits, strict }: Look,
) -> Result<u8, Failure> {
    // Whether there is such a stack is asked first: it says nothing about the answer.
    drop(stacks::open(stack.into(), 0)?);
    let Grade { result, notes, .. } = grade_one(assignment, submission, stack.into(), limits);
    let file = printable_line(&submission.file);
    for note in &notes {
        warn(&format!("{file}: {note}"));
    }
    match &result {
        Graded::Missing => Ok(DIFFERS),
        Graded::Refused { problem } => {
            Err(Failure::bad_input(format_args!("'{file}' cannot be looked at: {problem}")))
        }
        Graded::Graded(verdict) => {
            let seen = verdict.for_students();
            let text = show::verdict(&seen, super::terminal_width(), vethlab::output::paint());
            let unseen = show::unseen(assignment.exercise.unseen_checks());
            output::tell(&(text + &unseen.map_or_else(String::new, |words| words + "\n")))?;
            let all = seen.checks.iter().all(|check| check.worth == check.points);
            Ok(match (all, seen.warns()) {
                (false, _) => DIFFERS,
                (true, true) if strict => WARNINGS,
                (true, _) => 0,
            })
        }
    }
}
