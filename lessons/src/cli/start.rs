//! `vethlab start`: a lesson at a prompt.

use super::course::{Course, Entry, OwnPack};
use super::{DIFFERS, Failure, Pcap, Stacks};
use vethlab::lesson::Edition;
use vethlab::lesson::dialogue::{Dialogue, Ending, Trouble};
use vethlab::shell::{self, Stage, Terminal};
use vethlab::stacks::StackChoice;
use vethlab_shared::programs::Console;

/// Play a lesson at a prompt.
///
/// Without a name it is the first lesson that you have not done yet. At the prompt type commands as on Linux;
/// 'help' lists the other words: check, hint, solution, next, skip, back, lesson, reset, quit. Your progress
/// is kept.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  vethlab start                      the next lesson, on the simulator
  vethlab start loopback             the lesson of that name; 'vethlab list' has them all
  vethlab start 6 --stack real       the sixth lesson, on the Linux kernel
  vethlab start veth --stack both    each command on both, with any difference shown
  vethlab start 1 --auto             watch the solution being played
  vethlab start debug --seed 7       other faults to find: the same seed, the same faults")]
pub(crate) struct Arguments {
    /// The lesson: its word or its number in 'vethlab list'
    lesson: Option<String>,
    /// The stack to play on
    #[arg(long, value_enum, default_value_t)]
    stack: Stacks,
    /// Play the solution, as if typed: the exit code is 0 when all checks are met, else 1
    #[arg(long)]
    auto: bool,
    /// What the simulator's random choices start from, and what a lesson that varies is drawn from
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    #[command(flatten)]
    pack: OwnPack,
    #[command(flatten)]
    pcap: Pcap,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let course = Course::load(&arguments.pack)?;
    let entry = match &arguments.lesson {
        Some(name) => course.find(name)?,
        None => course.next().ok_or_else(|| Failure::bad_input("there are no lessons"))?,
    };
    let choices = arguments.stack.choices();
    if let Some(choice) = choices.iter().find(|choice| !entry.lesson.stacks.contains(choice)) {
        let id = &entry.lesson.id;
        return Err(Failure::bad_input(format_args!(
            "the lesson '{id}' cannot be played on the {choice} stack"
        )));
    }
    let stack = choices.iter().copied().max().unwrap_or_default();
    let edition = Edition { seed: arguments.seed, stack };
    let lesson = entry.lesson.in_edition(edition).map_err(Failure::bad_input)?;
    let capture = arguments.pcap.create()?;
    // Before anything else that could start a thread: see `stacks::open`.
    let mut stage = Stage::open(choices, arguments.seed)?;
    stage.write_frames(capture);
    let mut terminal = Terminal::open()?;
    if arguments.auto {
        terminal.refuse_files();
    }
    let ending = match arguments.auto {
        true => Dialogue::solved(&lesson, &mut stage, &mut terminal).run(&mut |_| {})?,
        false => learn(&course, Entry { lesson: &lesson, ..entry }, &mut stage, &mut terminal)?,
    };
    stage.finish_capture().map_err(Failure::bad_input)?;
    terminal.check()?;
    let failed = !ending.agreed || (arguments.auto && !ending.finished);
    Ok(if failed { DIFFERS } else { 0 })
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
