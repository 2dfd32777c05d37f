//! `vethlab start`: a lesson at a prompt.

use super::super::course::{Course, Entry};
use super::super::{DIFFERS, Failure};
use super::{Arguments, playable};
use vethlab::shell::{self, Input, LineSource, Terminal};
use vethlab_engine::lesson::Edition;
use vethlab_engine::lesson::dialogue::{Dialogue, Ending};
use vethlab_engine::machines::Machines;
use vethlab_programs::Console;

/// Plays the lesson that is named, or the next one.
pub(super) fn run(course: &Course, arguments: &Arguments) -> Result<u8, Failure> {
    let entry = match &arguments.lesson {
        Some(name) => course.find(name)?,
        None => course.next().ok_or_else(|| Failure::bad_input("there are no lessons"))?,
    };
    let choices = arguments.stack.choices();
    let stack = playable(&entry.lesson.id, &entry.lesson.stacks, choices)?;
    let edition = Edition { seed: arguments.seed, stack };
    let lesson = entry.lesson.in_edition(edition).map_err(Failure::bad_input)?;
    let files = arguments.files.create(choices, course.files(&arguments.pack))?;
    // Before anything else that could start a thread: see `stacks::open`.
    let mut machines = shell::open(choices, arguments.seed, files)?;
    machines.set_limits(arguments.limits.allowed());
    let mut terminal = Terminal::open()?;
    machines.stop_when(terminal.stop());
    if arguments.auto {
        terminal.refuse_files();
    }
    let ending = match arguments.auto {
        true => solve(Dialogue::solved(&lesson, &mut machines), &mut terminal)?,
        false => learn(course, Entry { lesson: &lesson, ..entry }, &mut machines, &mut terminal)?,
    };
    machines.finish().map_err(Failure::bad_input)?;
    terminal.check()?;
    let failed = !ending.agreed || (arguments.auto && !ending.finished);
    Ok(terminal.asked_to_end().unwrap_or(if failed { DIFFERS } else { 0 }))
}

/// Plays the solutions.
fn solve(mut dialogue: Dialogue<'_>, terminal: &mut Terminal) -> Result<Ending, Failure> {
    dialogue.begin(terminal)?;
    while dialogue.waits() {
        terminal.check()?;
        dialogue.solve(terminal)?;
    }
    terminal.check()?;
    Ok(dialogue.ending())
}

/// Plays with a learner until the end, or until they leave. After each step `keep` is told how many are done.
fn play(
    mut dialogue: Dialogue<'_>,
    terminal: &mut Terminal,
    keep: &mut dyn FnMut(usize),
) -> Result<Ending, Failure> {
    let mut lines = shell::source()?;
    let mut number = dialogue.number();
    let mut taken = dialogue.begin(terminal);
    loop {
        if dialogue.number() > number {
            keep(dialogue.ending().done);
        }
        number = dialogue.number();
        taken?;
        terminal.check()?;
        if !dialogue.waits() {
            return Ok(dialogue.ending());
        }
        let Some(line) = read(&mut dialogue, lines.as_mut(), terminal)? else { return Ok(dialogue.ending()) };
        taken = dialogue.take(&line, terminal);
    }
}

/// The next line; `None` where the learner leaves.
fn read(
    dialogue: &mut Dialogue<'_>,
    lines: &mut dyn LineSource,
    terminal: &mut Terminal,
) -> Result<Option<String>, Failure> {
    if terminal.asked_to_end().is_some() {
        return Ok(None);
    }
    let prompt = dialogue.prompt();
    loop {
        match lines.read(&prompt, dialogue.machines())? {
            Input::Line(line) => return Ok(Some(line)),
            Input::Interrupted => {}
            Input::End if lines.is_terminal() => {
                terminal.out("exit\n");
                return Ok(Some("exit".to_owned()));
            }
            Input::End => return Ok(None),
        }
    }
}

/// Plays with a learner, whose progress is kept.
fn learn(
    course: &Course,
    entry: Entry<'_>,
    machines: &mut Machines,
    terminal: &mut Terminal,
) -> Result<Ending, Failure> {
    let dialogue = Dialogue::new(entry.lesson, machines);
    let ending = play(dialogue, terminal, &mut |steps| course.reached(entry, steps, false))?;
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
