//! `vethlab start`: a lesson or an exercise at a prompt.

use super::course::{Course, Entry, OwnPack};
use super::{DIFFERS, Failure, Files, Stacks, work};
use std::path::PathBuf;
use vethlab::lesson::dialogue::{Dialogue, Ending, Trouble};
use vethlab::shell::{self, Stage, Terminal};
use vethlab_engine::classroom::StudentId;
use vethlab_engine::lesson::Edition;
use vethlab_engine::stacks::StackChoice;
use vethlab_programs::Console;

/// Play a lesson, or do an exercise, at a prompt.
///
/// Without a name it is the first lesson that you have not done yet. At the prompt type commands as on Linux;
/// 'help' lists the other words: check, hint, solution, next, skip, back, lesson, reset, quit. Your progress
/// is kept.
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
  vethlab start 1 --auto             watch the solution being played
  vethlab start debug --seed 7       other faults to find: the same seed, the same faults
  vethlab start two-namespaces --student ann   an exercise, for the student ann
  vethlab start two-namespaces --student ann --save a.answer   with what is done written to this file too")]
pub(crate) struct Arguments {
    /// The lesson or exercise: its word in 'vethlab list', or the lesson's number
    lesson: Option<String>,
    /// Whose answer to an exercise it is, as your teacher knows you: a login, a number, a mail address
    #[arg(long, value_name = "ID")]
    pub(super) student: Option<StudentId>,
    /// Write the answer to an exercise into this file after each command
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
    /// The stack to play on
    #[arg(long, value_enum, default_value_t)]
    pub(super) stack: Stacks,
    /// Play the solution, as if typed: the exit code is 0 when all checks are met, else 1
    #[arg(long)]
    pub(super) auto: bool,
    /// What the simulator's random choices start from, and what a lesson that varies is drawn from
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = super::seed, allow_negative_numbers = true)]
    #[arg(conflicts_with = "student")]
    pub(super) seed: u64,
    #[command(flatten)]
    pack: OwnPack,
    #[command(flatten)]
    pub(super) files: Files,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let course = Course::load(&arguments.pack)?;
    if let Some(name) = &arguments.lesson
        && course.names_exercise(name)
    {
        return work::run(&course, name, arguments);
    }
    if arguments.student.is_some() || arguments.save.is_some() {
        let problem = "'--student' and '--save' go with an exercise; 'vethlab list' has them";
        return Err(Failure::bad_input(problem));
    }
    let entry = match &arguments.lesson {
        Some(name) => course.find(name)?,
        None => course.next().ok_or_else(|| Failure::bad_input("there are no lessons"))?,
    };
    let choices = arguments.stack.choices();
    let stack = playable(&entry.lesson.id, &entry.lesson.stacks, choices)?;
    let edition = Edition { seed: arguments.seed, stack };
    let lesson = entry.lesson.in_edition(edition).map_err(Failure::bad_input)?;
    let files = arguments.files.create(choices, None)?;
    // Before anything else that could start a thread: see `stacks::open`.
    let mut stage = Stage::open(choices, arguments.seed)?;
    stage.write_to(files);
    let mut terminal = Terminal::open()?;
    if arguments.auto {
        terminal.refuse_files();
    }
    let ending = match arguments.auto {
        true => Dialogue::solved(&lesson, &mut stage, &mut terminal).run(&mut |_| {})?,
        false => learn(&course, Entry { lesson: &lesson, ..entry }, &mut stage, &mut terminal)?,
    };
    stage.finish_files().map_err(Failure::bad_input)?;
    terminal.check()?;
    let failed = !ending.agreed || (arguments.auto && !ending.finished);
    Ok(terminal.asked_to_end().unwrap_or(if failed { DIFFERS } else { 0 }))
}

/// The stack whose edition is played, where a lesson or exercise can be played on all that are wanted.
pub(super) fn playable(
    id: &str,
    stacks: &[StackChoice],
    wanted: &[StackChoice],
) -> Result<StackChoice, Failure> {
    if let Some(choice) = wanted.iter().find(|choice| !stacks.contains(choice)) {
        return Err(Failure::bad_input(format_args!("'{id}' cannot be played on the {choice} stack")));
    }
    Ok(wanted.iter().copied().max().unwrap_or_default())
}

/// Plays with a learner, whose progress is kept.
fn learn(
    course: &Course,
    entry: Entry<'_>,
    stage: &mut Stage,
    terminal: &mut Terminal,
) -> Result<Ending, Failure> {
    let mut lines = shell::source()?;
    let dialogue = Dialogue::new(entry.lesson, stage, terminal, lines.as_mut());
    let ending = dialogue.run(&mut |steps| course.reached(entry, steps, false))?;
    let all_done = ending.finished && ending.done == entry.lesson.steps.len();
    if all_done {
        course.reached(entry, ending.done, true);
    }
    terminal.out(&farewell(course, entry, ending, all_done));
    Ok(ending)
}

fn farewell(course: &Course, entry: Entry<'_>, ending: Ending, all_done: bool) -> String {
    let following = course.entries().skip_while(|other| other.lesson.id != entry.lesson.id).nth(1);
    let next = match following {
        Some(next) => format!("Next: vethlab start {} ({})\n", next.lesson.id, next.lesson.title),
        None => "That was the last lesson. Well done.\n".to_owned(),
    };
    match (ending.finished, all_done) {
        (true, true) if entry.lesson.varies() => {
            let (id, seed) = (&entry.lesson.id, entry.lesson.edition().seed.wrapping_add(1));
            format!(
                "You have done this lesson. Once more, with other networks: vethlab start {id} --seed {seed}\n{next}"
            )
        }
        (true, true) => format!("You have done this lesson. {next}"),
        (true, false) => format!("You have seen this lesson, with steps skipped. {next}"),
        (false, _) => format!("See you: vethlab start {}\n", entry.lesson.id),
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Streams(error) => error.into(),
            Trouble::SetUp(error) => Failure::bad_input(error),
            Trouble::Stack(error) => error.into(),
        }
    }
}

impl Stacks {
    pub(super) fn choices(self) -> &'static [StackChoice] {
        match self {
            Stacks::Sim => &[StackChoice::Sim],
            Stacks::Real => &[StackChoice::Real],
            Stacks::Both => &StackChoice::BOTH,
        }
    }
}
