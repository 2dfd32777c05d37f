//! `vethlab start`: a lesson at a prompt.

use super::super::course::{Course, Entry};
use super::super::{DIFFERS, Failure};
use super::{Arguments, playable};
use std::collections::BTreeSet;
use vethlab::shell::{self, Input, LineSource, Terminal, Wanted};
use vethlab_engine::lesson::dialogue::{Dialogue, Ending};
use vethlab_engine::lesson::progress::Left;
use vethlab_engine::lesson::{Edition, Lesson};
use vethlab_engine::machines::Machines;
use vethlab_programs::Console;

/// Plays the lesson that is named, or the next one; a person at a terminal is then offered the one after it.
pub(super) fn run(course: &Course, arguments: &Arguments) -> Result<u8, Failure> {
    let entry = match &arguments.lesson {
        Some(name) => course.find(name)?,
        None => course.next().ok_or_else(|| Failure::bad_input("there are no lessons"))?,
    };
    let lesson = in_edition(entry, arguments)?;
    let from = wanted(&lesson, arguments.step)?;
    let choices = arguments.stack.choices();
    let (files, spared) = arguments.files.create(choices, course.files(&arguments.pack))?;
    // Before anything else that could start a thread: see `stacks::open`.
    let mut machines = shell::open(choices, arguments.seed, files)?;
    machines.set_limits(arguments.limits.allowed());
    let mut terminal = Terminal::open(spared)?;
    machines.stop_when(terminal.stop());
    let succeeded = match arguments.auto {
        true => {
            terminal.refuse_files();
            let dialogue = Dialogue::solved(&lesson, &mut machines);
            let from = from.unwrap_or(Left { step: 1, done: BTreeSet::new(), answers: 0 });
            let ending = solve(dialogue.going_on(from, None), &mut terminal)?;
            ending.agreed && ending.finished
        }
        false => {
            let lines = shell::source()?;
            let mut sitting =
                Sitting { course, arguments, machines: &mut machines, terminal: &mut terminal, lines };
            sitting.run(entry, lesson, from)?
        }
    };
    machines.finish().map_err(Failure::bad_input)?;
    terminal.check()?;
    Ok(terminal.asked_to_end().unwrap_or(if succeeded { 0 } else { DIFFERS }))
}

/// The lesson as it is on the stack that is wanted, with what the seed draws.
fn in_edition(entry: Entry<'_>, arguments: &Arguments) -> Result<Lesson, Failure> {
    let stack = playable(&entry.lesson.id, &entry.lesson.stacks, arguments.stack.choices())?;
    entry.lesson.in_edition(Edition { seed: arguments.seed, stack }).map_err(Failure::bad_input)
}

/// The step that `--step` names.
fn wanted(lesson: &Lesson, step: Option<usize>) -> Result<Option<Left>, Failure> {
    let steps = lesson.steps.len();
    match step {
        Some(step) if !(1..=steps).contains(&step) => Err(Failure::bad_input(format_args!(
            "'{}' has no step {step}: '--step' takes a number from 1 to {steps}",
            lesson.id
        ))),
        step => Ok(step.map(|step| Left { step, done: BTreeSet::new(), answers: 0 })),
    }
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

/// A learner at a prompt, who may play one lesson after another.
struct Sitting<'a> {
    course: &'a Course,
    arguments: &'a Arguments,
    machines: &'a mut Machines,
    terminal: &'a mut Terminal,
    lines: Box<dyn LineSource>,
}

impl<'a> Sitting<'a> {
    /// Plays a lesson, and those behind it as long as the learner goes on. Whether the stacks agreed all the time.
    fn run(&mut self, entry: Entry<'a>, lesson: Lesson, from: Option<Left>) -> Result<bool, Failure> {
        let (mut entry, mut lesson, mut from) = (entry, lesson, from);
        let mut agreed = true;
        loop {
            let ending = self.learn(Entry { lesson: &lesson, ..entry }, from.take())?;
            agreed &= ending.agreed;
            match self.next(entry, ending)? {
                Some((next, in_edition)) => (entry, lesson) = (next, in_edition),
                None => return Ok(agreed),
            }
            self.machines.reopen()?;
        }
    }

    /// Plays a lesson, and keeps the learner's progress.
    fn learn(&mut self, entry: Entry<'_>, wanted: Option<Left>) -> Result<Ending, Failure> {
        let steps = entry.lesson.steps.len();
        let is_on_the_way =
            |left: &Left| (1..=steps).contains(&left.step) && (left.step > 1 || left.answers > 0);
        let kept = self.course.progress_of(entry).left.filter(is_on_the_way);
        let (from, remark) = match (wanted, kept) {
            (Some(wanted), Some(kept)) if wanted.step > 1 => (Some(Left { done: kept.done, ..wanted }), None),
            (Some(wanted), _) => (Some(wanted), None),
            (None, Some(kept)) => {
                let remark = format!(
                    "You stopped at step {} of {steps}: the network is as that step begins with it. To begin anew: \
                     `vethlab start {} --step 1`",
                    kept.step, entry.lesson.id
                );
                (Some(kept), Some(remark))
            }
            (None, None) => (None, None),
        };
        let mut dialogue = Dialogue::new(entry.lesson, self.machines);
        if let Some(from) = from {
            dialogue = dialogue.going_on(from, remark);
        }
        let course = self.course;
        let all_done = |ending: Ending| ending.finished && ending.done == steps;
        let ending = play(dialogue, self.terminal, self.lines.as_mut(), &mut |ending, place| {
            course.reached(entry, ending.done, all_done(ending), place);
        })?;
        self.terminal.out(&farewell(entry, ending, all_done(ending)));
        Ok(ending)
    }

    /// The lesson behind this one, where it was played to its end and the learner goes on.
    fn next(&mut self, entry: Entry<'a>, ending: Ending) -> Result<Option<(Entry<'a>, Lesson)>, Failure> {
        if !ending.finished {
            return Ok(None);
        }
        let following = self.course.entries().skip_while(|other| other.lesson.id != entry.lesson.id).nth(1);
        let Some(next) = following else {
            self.terminal.out("That was the last lesson. Well done.\n");
            return Ok(None);
        };
        let Lesson { id, title, minutes, .. } = next.lesson;
        if self.lines.is_terminal() && self.terminal.asked_to_end().is_none() {
            // One that this stack does not have is left out: the command to start it says why.
            if let Ok(lesson) = in_edition(next, self.arguments) {
                self.terminal.out(&format!("Next: {title} ({minutes} minutes)\n"));
                if self.agrees("Go on? [Y/n] ")? {
                    self.terminal.out("\n");
                    return Ok(Some((next, lesson)));
                }
            }
        }
        self.terminal.out(&format!("Next: vethlab start {id} ({title})\n"));
        Ok(None)
    }

    /// Asks a question that Enter agrees to.
    fn agrees(&mut self, question: &str) -> Result<bool, Failure> {
        loop {
            let line = match self.lines.read(question, Wanted::Answer, self.machines)? {
                Input::Line(line) | Input::Pasted(line) => line.trim().to_lowercase(),
                Input::Interrupted => return Ok(false),
                Input::End => {
                    self.terminal.out("\n");
                    return Ok(false);
                }
            };
            match line.as_str() {
                "" | "y" | "yes" => return Ok(true),
                "n" | "no" | "quit" | "exit" => return Ok(false),
                _ => self.terminal.out("Type y or n.\n"),
            }
        }
    }
}

/// Plays with a learner until the end, or until they leave. `keep` is told how far they are whenever that changes.
fn play(
    mut dialogue: Dialogue<'_>,
    terminal: &mut Terminal,
    lines: &mut dyn LineSource,
    keep: &mut dyn FnMut(Ending, Option<Left>),
) -> Result<Ending, Failure> {
    let mut kept = dialogue.place();
    let mut taken = dialogue.begin(terminal);
    loop {
        let place = dialogue.place();
        if place != kept {
            keep(dialogue.ending(), place.clone());
            kept = place;
        }
        taken?;
        terminal.check()?;
        if !dialogue.waits() {
            return Ok(dialogue.ending());
        }
        let Some(line) = read(&mut dialogue, lines, terminal)? else { return Ok(dialogue.ending()) };
        taken = dialogue.take(&line, terminal);
    }
}

/// The next line; `None` where the learner leaves.
fn read(
    dialogue: &mut Dialogue<'_>,
    lines: &mut dyn LineSource,
    terminal: &mut Terminal,
) -> Result<Option<String>, Failure> {
    let wanted = match dialogue.asks() {
        true => Wanted::Answer,
        false if dialogue.holds_text() => Wanted::More,
        false => Wanted::Command,
    };
    let prompt = dialogue.prompt();
    Ok(shell::next_line(&prompt, wanted, lines, dialogue.machines(), terminal)?)
}

/// What is said at the end of a lesson, or where it was left.
fn farewell(entry: Entry<'_>, ending: Ending, all_done: bool) -> String {
    let id = &entry.lesson.id;
    match (ending.finished, all_done) {
        (true, true) if entry.lesson.varies() => {
            let seed = entry.lesson.edition().seed.wrapping_add(1);
            format!(
                "You have done this lesson. Once more, with other networks: vethlab start {id} --seed {seed}\n"
            )
        }
        (true, true) => "You have done this lesson.\n".to_owned(),
        (true, false) => "You have seen this lesson, with steps skipped.\n".to_owned(),
        (false, _) => format!("See you: vethlab start {id}\n"),
    }
}
