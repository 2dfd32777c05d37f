//! `vethlab start`: a lesson or an exercise at a prompt.

mod exercise;
mod lesson;

pub(super) use exercise::kept_at;

use super::course::{Course, OwnPack};
use super::limits::LimitOptions;
use super::{Failure, Files, Stacks};
use std::path::PathBuf;
use vethlab_engine::classroom::StudentId;
use vethlab_engine::lesson::Trouble;
use vethlab_engine::stacks::StackChoice;

/// Play a lesson, or do an exercise, at a prompt.
///
/// Without a name it is the first lesson that you have not done yet. At the prompt type commands as on Linux;
/// 'help' lists the other words: check, hint, solution, next, skip, back, lesson, reset, quit. Your progress
/// is kept: a lesson goes on in the step where you left it, and --step 1 begins it anew.
///
/// An exercise is drawn for you from your id: your neighbour has another network. 'submit' writes the file to
/// hand in. What you did is kept, and the next start goes on from there.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab start                      the next lesson, on the simulator
  vethlab start loopback             the lesson of that name; 'vethlab list' has them all
  vethlab start 6 --stack real       the sixth lesson, on the Linux kernel
  vethlab start veth --stack both    each command on both, with any difference shown
  vethlab start 6 --step 4           its fourth step; --step 1 begins a lesson anew
  vethlab start 1 --auto             watch the solution being played
  vethlab start debug --seed 7       other faults to find: the same seed, the same faults
  vethlab start two-namespaces --student ann   an exercise, for the student ann
  vethlab start two-namespaces --student ann --save a.answer   with what is done written to this file too")]
pub(crate) struct Arguments {
    /// The lesson or exercise: its word in 'vethlab list', or the lesson's number
    lesson: Option<String>,
    /// Whose answer to an exercise it is, as your teacher knows you: a login, a number, a mail address
    #[arg(long, value_name = "ID")]
    student: Option<StudentId>,
    /// Write the answer to an exercise into this file after each command
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// The step of a lesson to begin at, from 1: the solutions of those before it are done for you
    #[arg(long, value_name = "N")]
    step: Option<usize>,
    /// The stack to play on
    #[arg(long, value_enum, default_value_t)]
    stack: Stacks,
    /// Play the solution, as if typed: the exit code is 0 when all checks are met, else 1
    #[arg(long)]
    auto: bool,
    /// What the simulator's random choices start from, and what a lesson that varies is drawn from
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = super::seed, allow_negative_numbers = true)]
    #[arg(conflicts_with = "student")]
    seed: u64,
    #[command(flatten)]
    pack: OwnPack,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    limits: LimitOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let course = Course::load(&arguments.pack)?;
    if let Some(name) = &arguments.lesson
        && course.names_exercise(name)
    {
        if arguments.step.is_some() {
            return Err(Failure::bad_input("'--step' goes with a lesson: an exercise has no steps"));
        }
        return exercise::run(&course, name, arguments);
    }
    if arguments.student.is_some() || arguments.save.is_some() {
        let problem = "'--student' and '--save' go with an exercise; 'vethlab list' has them";
        return Err(Failure::bad_input(problem));
    }
    lesson::run(&course, arguments)
}

/// The stack whose edition is played, where a lesson or exercise can be played on all that are wanted.
fn playable(id: &str, stacks: &[StackChoice], wanted: &[StackChoice]) -> Result<StackChoice, Failure> {
    if let Some(choice) = wanted.iter().find(|choice| !stacks.contains(choice)) {
        return Err(Failure::bad_input(format_args!("'{id}' cannot be played on the {choice} stack")));
    }
    Ok(wanted.iter().copied().max().unwrap_or_default())
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        match trouble {
            Trouble::SetUp(error) => Failure::bad_input(error),
            Trouble::Stack(error) => error.into(),
        }
    }
}

impl Stacks {
    pub(crate) fn choices(self) -> &'static [StackChoice] {
        match self {
            Stacks::Sim => &[StackChoice::Sim],
            Stacks::Real => &[StackChoice::Real],
            Stacks::Both => &StackChoice::BOTH,
        }
    }
}
