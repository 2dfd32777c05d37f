//! A lesson as a dialogue: it takes a line, and shows text, questions and what commands print, one step after another.

mod as_expected;
mod ask;
mod done;
mod heading;
mod pages;
mod turn;

use super::progress::Left;
use super::{Block, Check, Lesson, Play, Predict, Step, Trouble};
use crate::machine::Machine;
use crate::machines::Machines;
use crate::screen::Screen;
use heading::progress_bar;
use pages::{Pages, Printed};
use std::collections::BTreeSet;
use vethlab_shared::time::Instant;

pub use pages::{Screenful, show as show_screenful};

/// The words that a learner can type besides commands.
const HELP: &str = "\
The words of a lesson:
  check      what is done, what is not yet, and why where the network tells
  hint       a hint; type it again for the next
  solution   the commands that do it
  next       go on, where a step is done or wants nothing; so does Enter
  skip       have this step done, and go on
  back       read the step before once more
  lesson     read this step once more
  reset      the network as this step begins with it
  watch      the packets of the last command, as they moved
  frames     with --stack both: what both stacks sent last, next to each other
  quit       leave the lesson
All else is a command, as on Linux; 'packets', 'map', 'why', 'timeline' and
'undo' are vethlab's own, and '--help' behind each of them says how it is used.
On the simulator time stands still while you read and type: 'sleep 5' lets five
seconds pass.
'help modelled' lists the commands, 'help ip route' what one of them does.
";

/// The command that `watch` stands for.
const WATCH: &str = "map --live";

/// What stands before the cursor while there is more to read.
pub const MORE: &str = "-- Enter shows more, q stops -- ";

/// What is said of a lesson on the kernel, whose time cannot stand still.
const ON_THE_KERNEL: &str = "\
On the Linux kernel time goes on while you read and type. So yours may differ from the text: times, the numbers of \
packets and events, counters, how old neighbour entries are, and ARP questions that the kernel asks again by itself.";

/// What stands before the prompt where an empty line goes on.
const GOES_ON: &str = "[Enter goes on] ";

/// How a lesson ended, or how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Steps that the learner did, skipped ones not counted.
    pub done: usize,
    /// Whether the lesson was played to its end.
    pub finished: bool,
    /// Whether, on two stacks, every command did the same on both.
    pub agreed: bool,
}

/// A lesson being played. [`Dialogue::begin`] shows its beginning; then it takes one line after another until it
/// waits for none.
pub struct Dialogue<'a> {
    play: Play<'a>,
    machines: &'a mut Machines,
    place: Place<'a>,
    /// Whether it plays its solutions by itself.
    solves: bool,
    /// How many hints of the present step are open.
    hints: usize,
    /// The checks of the present step that were met already, to say each once.
    met: Vec<&'a Check>,
    /// The numbers of the steps that the learner did: one can be done again after `back`.
    done: BTreeSet<usize>,
    /// When the present step began, on the stack that the learner watches.
    began: Instant,
    agreed: bool,
    /// What is said first of all.
    greeting: Option<String>,
    /// What the commands of the present step printed, line by line.
    printed: Vec<Printed>,
    /// How many rows of the screen were taken by all that was shown so far, where text is shown by the screenful.
    rows: usize,
    /// How many questions of the present step were asked, those included that were answered before the lesson was left.
    asked: usize,
    /// How many of them were answered.
    answers: usize,
    /// What was told last of how the network differs from what a step expects.
    differs: Vec<String>,
    /// Text that waits until the learner has read what stands before it.
    held: String,
    /// Whether a person reads what is shown, and it waits for them.
    read: bool,
}

/// What a dialogue waits for.
#[derive(Clone, Debug)]
enum Place<'a> {
    /// The answer to a question, and what is shown behind it.
    Question(Asked<'a>),
    /// A line within the present step.
    Step,
    /// That the learner goes on: the present step is done.
    Done,
    /// Nothing more: the lesson was left, or played to its end.
    End { finished: bool },
}

/// A question that waits for its answer.
#[derive(Clone, Debug)]
struct Asked<'a> {
    question: &'a Predict,
    right: String,
    /// What is shown behind the question before the learner's turn.
    rest: &'a [Block],
}

/// What comes after a line.
enum After {
    /// The next line.
    Line,
    /// The present step from its beginning, which may be another one now.
    Step,
    /// The next step.
    Advance,
    /// Nothing more.
    Leave,
}

impl<'a> Dialogue<'a> {
    /// A lesson whose lines a learner types.
    pub fn new(lesson: &'a Lesson, machines: &'a mut Machines) -> Dialogue<'a> {
        Dialogue {
            play: Play::new(lesson),
            machines,
            place: Place::Step,
            solves: false,
            hints: 0,
            met: Vec::new(),
            done: BTreeSet::new(),
            began: Instant::START,
            agreed: true,
            greeting: None,
            printed: Vec::new(),
            rows: 0,
            asked: 0,
            answers: 0,
            differs: Vec::new(),
            held: String::new(),
            read: false,
        }
    }

    /// The same, going on in a step in the middle: the solutions of the steps before it make the network that it
    /// finds, and questions of that step that were answered are not asked again. A remark is shown first.
    #[must_use]
    pub fn going_on(mut self, from: Left, remark: Option<String>) -> Dialogue<'a> {
        let steps = self.play.lesson().steps.len();
        self.play.go_to(from.step.min(steps));
        self.done = from.done.into_iter().filter(|number| (1..=steps).contains(number)).collect();
        self.answers = from.answers;
        self.greeting = remark;
        self
    }

    /// A lesson that plays its solutions by itself, with [`Dialogue::solve`].
    pub fn solved(lesson: &'a Lesson, machines: &'a mut Machines) -> Dialogue<'a> {
        Dialogue { solves: true, ..Dialogue::new(lesson, machines) }
    }

    /// Prepares the lesson's network, and shows all up to where the learner has their turn.
    ///
    /// # Errors
    /// The lesson cannot go on.
    pub fn begin(&mut self, screen: &mut dyn Screen) -> Result<(), Trouble> {
        self.read = screen.interactive() && !self.solves;
        self.machines.let_time_stand_still(true);
        if self.play.number() > 1 && !self.machines.is_virtual() {
            // The kernel's time passes meanwhile.
            screen.note("One moment: the steps before this one are done again.");
        }
        self.in_pages(screen, |dialogue, screen| dialogue.show_beginning(screen))
    }

    fn show_beginning(&mut self, screen: &mut dyn Screen) -> Result<(), Trouble> {
        let lesson = self.play.lesson();
        let first = self.play.number() - 1;
        match first {
            0 => self.machines.set_up(&lesson.setup)?,
            _ => self.rebuild(first)?,
        }
        screen.show(&Block::Prose(format!("**{} ({} minutes)**", lesson.title, lesson.minutes)));
        if let Some(greeting) = self.greeting.take() {
            screen.note(&greeting);
            screen.out("\n");
        }
        if !self.machines.is_virtual() {
            screen.note(ON_THE_KERNEL);
            screen.out("\n");
        }
        let opening = if first == 0 { &lesson.opening[..] } else { &[] };
        opening.iter().for_each(|block| screen.show(block));
        self.go_on(After::Step, screen)
    }

    /// Whether it waits for a line.
    pub fn waits(&self) -> bool {
        !matches!(self.place, Place::End { .. }) || !self.held.is_empty()
    }

    /// Whether it waits for the answer to a question, and not for a command.
    pub fn asks(&self) -> bool {
        !self.holds_text() && matches!(self.place, Place::Question(_))
    }

    /// Whether it waits for its reader to go on, and not for a command.
    pub fn holds_text(&self) -> bool {
        !self.held.is_empty()
    }

    /// What stands before the cursor.
    pub fn prompt(&self) -> String {
        if self.holds_text() {
            return MORE.to_owned();
        }
        let wants_nothing = || self.read && self.play.step().is_some_and(|step| step.checks.is_empty());
        match &self.place {
            Place::Question(asked) => asked.prompt(),
            Place::Done => format!("{GOES_ON}{}", self.machines.prompt()),
            Place::Step if wants_nothing() => format!("{GOES_ON}{}", self.machines.prompt()),
            Place::Step | Place::End { .. } => self.machines.prompt(),
        }
    }

    /// The number of the present step, from 1; one more than there are at the end.
    pub fn number(&self) -> usize {
        self.play.number()
    }

    /// Where the learner is; `None` at the end.
    pub fn place(&self) -> Option<Left> {
        self.play.step().map(|_| Left { step: self.number(), done: self.done.clone(), answers: self.answers })
    }

    /// The stacks that it is played on.
    pub fn machines(&mut self) -> &mut Machines {
        self.machines
    }

    /// How it ended, or how far it is.
    pub fn ending(&self) -> Ending {
        let finished = matches!(self.place, Place::End { finished: true });
        Ending { done: self.done.len(), finished, agreed: self.agreed }
    }

    /// Takes a line that the learner typed.
    ///
    /// # Errors
    /// The lesson cannot go on.
    pub fn take(&mut self, line: &str, screen: &mut dyn Screen) -> Result<(), Trouble> {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            match line.trim() {
                "" => {
                    // The line that was typed stands above it.
                    let rest = pages::show(&held, 0, screen);
                    self.rows += 1 + pages::rows(&held[..held.len() - rest.len()], screen.width());
                    self.held = rest;
                    return Ok(());
                }
                "q" => return Ok(()),
                "quit" | "exit" => {
                    self.leave();
                    return Ok(());
                }
                // Who types a command has read enough.
                _ => {
                    self.rows += pages::rows(&held, screen.width());
                    screen.out(&held);
                }
            }
        }
        self.in_pages(screen, |dialogue, screen| dialogue.take_line(line, screen))
    }

    fn take_line(&mut self, line: &str, screen: &mut dyn Screen) -> Result<(), Trouble> {
        match (self.place.clone(), self.play.step()) {
            (Place::Question(asked), Some(step)) => self.answer(&asked, step, line, screen),
            (Place::Step | Place::Done, Some(step)) => {
                let after = self.line(step, line, screen)?;
                self.go_on(after, screen)
            }
            (Place::End { .. }, _) | (_, None) => Ok(()),
        }
    }

    /// Does something that shows text: to a person by the screenful.
    fn in_pages(
        &mut self,
        screen: &mut dyn Screen,
        show: impl FnOnce(&mut Self, &mut dyn Screen) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        if !self.read || screen.height().is_none() {
            return show(self, screen);
        }
        if screen.take_cleared() {
            self.printed.clear();
        }
        let mut pages = Pages::new(screen);
        let shown = show(self, &mut pages);
        let (held, rows) = pages.finish();
        self.held = held;
        self.rows += rows;
        shown
    }

    /// The learner leaves.
    pub fn leave(&mut self) {
        self.held.clear();
        self.place = Place::End { finished: false };
    }

    /// Does what is waited for by itself: answers a question rightly, or plays the solution of the present step.
    ///
    /// # Errors
    /// The lesson cannot go on.
    pub fn solve(&mut self, screen: &mut dyn Screen) -> Result<(), Trouble> {
        match (self.place.clone(), self.play.step()) {
            (Place::Question(asked), Some(step)) => {
                screen.out(&format!("{}{}\n", asked.prompt(), asked.right));
                self.answer(&asked, step, &asked.right, screen)
            }
            (Place::Step | Place::Done, Some(step)) => {
                let after = self.play_solution(step, screen);
                self.go_on(after, screen)
            }
            (Place::End { .. }, _) | (_, None) => Ok(()),
        }
    }

    /// Shows all up to where it is the learner's turn again.
    fn go_on(&mut self, mut after: After, screen: &mut dyn Screen) -> Result<(), Trouble> {
        loop {
            match after {
                After::Line => return Ok(()),
                After::Leave => {
                    self.leave();
                    return Ok(());
                }
                After::Advance => {
                    self.play.advance();
                    self.answers = 0;
                }
                After::Step => {}
            }
            let Some(step) = self.play.step() else {
                self.place = Place::End { finished: true };
                return Ok(());
            };
            self.begin_step(step, screen)?;
            after = self.show_until_turn(step, step.before_and_after().0, screen);
        }
    }

    /// Shows the heading of a step, and prepares what it has of its own.
    fn begin_step(&mut self, step: &'a Step, screen: &mut dyn Screen) -> Result<(), Trouble> {
        (self.hints, self.met, self.printed, self.asked) = (0, Vec::new(), Vec::new(), 0);
        self.machines.let_time_stand_still(!step.time_passes);
        let (number, steps) = (self.play.number(), self.play.lesson().steps.len());
        let heading = progress_bar(number, steps, &step.title, screen.width());
        let heading: Vec<String> = heading.lines().map(|line| screen.paint().heading(line)).collect();
        screen.out(&format!("{}\n\n", heading.join("\n")));
        if let Some(setup) = &step.setup {
            self.machines.reopen()?;
            self.machines.set_up(setup)?;
            screen.note("This step has a machine of its own.");
            screen.out("\n");
        } else if self.play.number() > 1 {
            self.tell_what_differs(screen);
        }
        self.began = self.now();
        Ok(())
    }

    /// Shows blocks of a step up to a question or to the last one; behind that it is the learner's turn.
    fn show_until_turn(&mut self, step: &'a Step, blocks: &'a [Block], screen: &mut dyn Screen) -> After {
        let asks = self.play.lesson().shows_commands || step.checks.is_empty();
        for (number, block) in blocks.iter().enumerate() {
            if asks || !matches!(block, Block::Try(_)) {
                screen.show(block);
            }
            let Block::Predict(question) = block else { continue };
            self.asked += 1;
            if let Some(right) = self.ask(question, screen) {
                if self.asked <= self.answers {
                    self.remind(question, &right, screen);
                    continue;
                }
                self.place = Place::Question(Asked { question, right, rest: &blocks[number + 1..] });
                return After::Line;
            }
        }
        self.place = Place::Step;
        if self.solves {
            return After::Line;
        }
        match step.checks.is_empty() {
            true if self.read => {}
            true => screen.note("Try what you like; an empty line goes on."),
            false if self.is_done_already(step) => {
                if !step.checks.iter().all(Check::is_answer) {
                    screen.note("Everything that this step asks for is done already.");
                }
                return self.step_done(step, screen);
            }
            false if !asks => self.show_tasks(step, screen),
            false => {}
        }
        After::Line
    }

    /// Shows what the step asks for, where it does not show the commands for it.
    fn show_tasks(&self, step: &Step, screen: &mut dyn Screen) {
        let open = step.checks.iter().filter(|check| !self.met.iter().any(|met| std::ptr::eq(*met, *check)));
        let tasks: String = open.map(|check| format!("- {}\n", check.say)).collect();
        screen.show(&Block::Prose(format!("**This step is done when:**\n{tasks}")));
        screen.note("`hint` helps, `solution` shows the commands.");
    }

    /// The network as a step, counted from 0, finds it.
    fn rebuild(&mut self, step: usize) -> Result<(), Trouble> {
        let (setup, steps) = self.play.lesson().way_to(step);
        self.machines.reopen()?;
        self.machines.set_up(setup)?;
        for step in steps {
            self.machines.play_quietly(&step.solution);
        }
        self.differs.clear();
        self.began = self.now();
        Ok(())
    }

    fn now(&self) -> Instant {
        self.machines.all().first().map_or(Instant::START, Machine::now)
    }
}

#[cfg(test)]
mod tests;
