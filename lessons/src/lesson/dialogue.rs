//! A lesson at the prompt: text, questions, commands, checks, one step after another.

mod ask;

use crate::lesson::reason;
use crate::shell::{
    FRAMES_USAGE, Input, LineSource, Stage, Terminal, more_than_a_word, show_difference, show_frames,
};
use crate::stacks::Unavailable;
use std::collections::BTreeSet;
use std::io;
use vethlab_engine::lesson::{Answer, Block, Check, CommandFailed, Lesson, Play, Step};
use vethlab_engine::page;
use vethlab_engine::paint::Paint;
use vethlab_engine::seat::Seat;
use vethlab_explain::why::Diagnosis;
use vethlab_programs::Console;
use vethlab_programs::session::Outcome;
use vethlab_shared::time::Instant;

/// The words that a learner can type besides commands.
const HELP: &str = "\
The words of a lesson:
  check      what is done, what is not yet, and why where the network tells
  hint       a hint; type it again for the next
  solution   the commands that do it
  next       go on, where a step wants nothing
  skip       have this step done, and go on
  back       read the step before once more
  lesson     read this step once more
  reset      the network as this step found it
  frames     with --stack both: what both stacks sent last, next to each other
  quit       leave the lesson
All else is a command, as on Linux; 'packets', 'map', 'why', 'timeline' and
'undo' are vethlab's own, and '--help' behind each of them says how it is used.
";

/// How a lesson ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Steps that the learner did, skipped ones not counted.
    pub done: usize,
    /// Whether the lesson was played to its end.
    pub finished: bool,
    /// Whether, on two stacks, every command did the same on both.
    pub agreed: bool,
}

/// Why a lesson cannot go on.
#[derive(Debug)]
pub enum Trouble {
    /// Lines cannot be read, or text cannot be printed.
    Streams(io::Error),
    /// Its network cannot be prepared.
    SetUp(CommandFailed),
    /// A stack cannot be had.
    Stack(Unavailable),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Streams(error)
    }
}

impl From<CommandFailed> for Trouble {
    fn from(error: CommandFailed) -> Trouble {
        Trouble::SetUp(error)
    }
}

impl From<Unavailable> for Trouble {
    fn from(error: Unavailable) -> Trouble {
        Trouble::Stack(error)
    }
}

/// A lesson being played.
pub struct Dialogue<'a> {
    play: Play<'a>,
    stage: &'a mut Stage,
    terminal: &'a mut Terminal,
    /// Where lines come from; `None` where the solution is played.
    lines: Option<&'a mut dyn LineSource>,
    /// How many hints of the present step are open.
    hints: usize,
    /// The checks of the present step that were met already, to say each once.
    met: Vec<&'a Check>,
    /// The numbers of the steps that the learner did: one can be done again after `back`.
    done: BTreeSet<usize>,
    /// When the present step began, on the stack that the learner watches.
    began: Instant,
    agreed: bool,
}

/// What comes after a line, or after a step.
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
    pub fn new(
        lesson: &'a Lesson,
        stage: &'a mut Stage,
        terminal: &'a mut Terminal,
        lines: &'a mut dyn LineSource,
    ) -> Dialogue<'a> {
        Dialogue { lines: Some(lines), ..Dialogue::solved(lesson, stage, terminal) }
    }

    /// A lesson that plays its solutions by itself.
    pub fn solved(lesson: &'a Lesson, stage: &'a mut Stage, terminal: &'a mut Terminal) -> Dialogue<'a> {
        let (play, met, done) = (Play::new(lesson), Vec::new(), BTreeSet::new());
        let began = Instant::START;
        Dialogue { play, stage, terminal, lines: None, hints: 0, met, done, began, agreed: true }
    }

    /// Plays the lesson. After each step `keep` is told how many are done.
    ///
    /// # Errors
    /// The lesson cannot go on.
    pub fn run(mut self, keep: &mut dyn FnMut(usize)) -> Result<Ending, Trouble> {
        let lesson = self.play.lesson();
        self.stage.set_up(&lesson.setup)?;
        self.show(&Block::Prose(format!("**{} ({} minutes)**", lesson.title, lesson.minutes)));
        for block in &lesson.opening {
            self.show(block);
        }
        while let Some(step) = self.play.step() {
            self.terminal.check()?;
            match self.play_step(step)? {
                After::Line | After::Step => {}
                After::Advance => {
                    self.play.advance();
                    keep(self.done.len());
                }
                After::Leave => return Ok(self.ending(false)),
            }
        }
        self.terminal.check()?;
        Ok(self.ending(true))
    }

    fn ending(&self, finished: bool) -> Ending {
        Ending { done: self.done.len(), finished, agreed: self.agreed }
    }

    /// Shows a step and stays in it until it is done, skipped or left.
    fn play_step(&mut self, step: &'a Step) -> Result<After, Trouble> {
        (self.hints, self.met) = (0, Vec::new());
        let (number, steps) = (self.play.number(), self.play.lesson().steps.len());
        let heading = progress_bar(number, steps, &step.title, self.terminal.width());
        let heading: Vec<String> = heading.lines().map(|line| self.terminal.paint().heading(line)).collect();
        self.terminal.say(&format!("{}\n\n", heading.join("\n")));
        if let Some(setup) = &step.setup {
            self.stage.reopen()?;
            self.stage.set_up(setup)?;
            self.note("This step has a machine of its own.");
            self.terminal.say("\n");
        }
        self.began = self.now();
        for block in step.before_and_after().0 {
            self.show(block);
            if let Block::Predict(question) = block
                && !self.ask(question)?
            {
                return Ok(After::Leave);
            }
        }
        if self.lines.is_none() {
            return Ok(self.play_solution(step));
        }
        match step.checks.is_empty() {
            true => self.note("Try what you like; an empty line goes on."),
            false if self.is_done_already(step) => {
                self.note("All that this step asks for is so already.");
                return Ok(self.step_done(step));
            }
            false => {}
        }
        loop {
            self.terminal.check()?;
            let Some(line) = self.read(&self.stage.prompt())? else { return Ok(After::Leave) };
            match self.take(step, &line)? {
                After::Line => {}
                after => return Ok(after),
            }
        }
    }

    /// Does what a line says.
    fn take(&mut self, step: &'a Step, line: &str) -> Result<After, Trouble> {
        self.stage.catch_up(self.terminal);
        match line.trim() {
            "" if step.checks.is_empty() => return Ok(self.step_done(step)),
            "help" => self.terminal.say(HELP),
            "frames" => show_frames(self.stage, self.terminal),
            "frames --help" | "frames -h" => self.terminal.say(FRAMES_USAGE),
            "hint" => self.hint(step),
            "solution" => self.show(&Block::Try(step.solution.clone())),
            "lesson" => step.blocks.iter().for_each(|block| self.show(block)),
            "check" | "next" => {
                if self.is_done(step) {
                    return Ok(self.step_done(step));
                }
                self.report(step);
            }
            "skip" => {
                self.rebuild(self.play.number())?;
                self.terminal.say("\n");
                return Ok(After::Advance);
            }
            "back" => {
                self.play.back();
                return Ok(After::Step);
            }
            "reset" => {
                self.rebuild(self.play.number() - 1)?;
                self.note("The network is as it was when this step began.");
            }
            "quit" => return Ok(After::Leave),
            line => match more_than_a_word(line, HELP) {
                Some(problem) => self.note(&problem),
                None => return Ok(self.command(step, line)),
            },
        }
        Ok(After::Line)
    }

    /// Runs a command and looks whether the step is done with it.
    fn command(&mut self, step: &'a Step, line: &str) -> After {
        match self.execute(line) {
            Outcome::Nothing => After::Line,
            Outcome::Exit(_) => After::Leave,
            Outcome::Ran(_) if !step.checks.is_empty() && self.is_done(step) => self.step_done(step),
            Outcome::Ran(_) => After::Line,
        }
    }

    fn execute(&mut self, line: &str) -> Outcome {
        let turn = self.stage.execute(line, self.terminal);
        self.agreed &= turn.agreed();
        show_difference(&turn, self.terminal);
        if let Outcome::Ran(_) = turn.outcome {
            let ran = self.stage.seats().first().and_then(|seat| seat.last_command(line));
            let ran = ran.map(|command| (command, turn.printed.as_str()));
            self.play.typed(line, ran, self.stage.commands());
        }
        turn.outcome
    }

    /// Types the solution of a step as a learner would.
    fn play_solution(&mut self, step: &'a Step) -> After {
        for command in &step.solution {
            let prompt = self.stage.prompt();
            self.terminal.say(&format!("{prompt}{command}\n"));
            let left = matches!(self.execute(command), Outcome::Exit(_));
            if left || self.terminal.interrupted() {
                return After::Leave;
            }
        }
        if self.is_done(step) {
            return self.step_done(step);
        }
        self.report(step);
        After::Leave
    }

    /// Explains what the learner has seen, and goes on.
    fn step_done(&mut self, step: &Step) -> After {
        self.done.insert(self.play.number());
        if !step.checks.is_empty() {
            self.terminal.say("\n");
        }
        for block in step.before_and_after().1 {
            self.show(block);
        }
        After::Advance
    }

    /// Whether the step's checks are all met as it begins. What is met before anything was done is not told: it would
    /// tell what to leave alone.
    fn is_done_already(&mut self, step: &'a Step) -> bool {
        if self.stage.is_in_past() {
            return false;
        }
        let unmet = self.unmet();
        self.met = step.checks.iter().filter(|check| !is_among(&unmet, check)).collect();
        unmet.is_empty()
    }

    /// Whether the step's checks are all met, on every stack. Says which were met just now. While the learner looks
    /// at the past it says nothing: what is true in the end may not be true there.
    fn is_done(&mut self, step: &'a Step) -> bool {
        if self.stage.is_in_past() {
            return false;
        }
        let unmet = self.unmet();
        for check in &step.checks {
            if !is_among(&unmet, check) && !is_among(&self.met, check) {
                self.met.push(check);
                if !check.is_answer() {
                    let line = format!("✓ {}", check.say);
                    let line = page::prose(&line, self.terminal.width(), Paint::PLAIN);
                    self.terminal.say(&format!("{}\n", self.terminal.paint().good(line.trim_end())));
                }
            }
        }
        unmet.is_empty()
    }

    fn unmet(&mut self) -> Vec<&'a Check> {
        let mut all: Vec<&'a Check> = Vec::new();
        let play = &self.play;
        for check in self.stage.consult(|stack| play.unmet(stack)).into_iter().flatten() {
            if !is_among(&all, check) {
                all.push(check);
            }
        }
        all
    }

    /// What is still to be done, and why, where the network can tell.
    fn report(&mut self, step: &'a Step) {
        if self.stage.is_in_past() {
            return self.note("You are looking at the past: 'continue' first, then 'check'.");
        }
        if step.checks.is_empty() {
            self.note("This step wants nothing: an empty line goes on.");
        }
        let mut unmet = self.unmet();
        // Pings are sent once all else of the network holds. The first one is sent last: 'why' alone tells of that.
        let pings = unmet.iter().all(|check| check.sends() || check.is_of_learner());
        if pings && unmet.iter().any(|check| check.is_of_learner()) {
            // Pings that wait for a look were not sent yet.
            let play = &self.play;
            unmet.retain(|check| {
                !check.sends() || self.stage.consult(|stack| play.meets(check, stack)).contains(&false)
            });
        }
        let mut reasons: Vec<_> = unmet
            .iter()
            .rev()
            .map(|check| pings.then(|| reason::of_ping(check, self.stage)).flatten())
            .collect();
        reasons.reverse();
        let first = reasons.iter().position(Option::is_some);
        for (number, (check, sent)) in unmet.iter().zip(&reasons).enumerate() {
            // Nobody has looked at a ping while something else is unmet: it may well be answered.
            let word = if check.sends() && !pings { "looked at behind the others" } else { "not yet" };
            let mut line = format!("- {word}: {}", check.say);
            if let Some(hint) = &check.hint {
                line.push_str(&format!(" ({hint})"));
            }
            if let Some((_, Some(Diagnosis { cause, namespace, .. }))) = sent {
                let address = check.ping_destination().filter(|_| first != Some(number));
                let word = address.map_or("why".to_owned(), |address| format!("why {address}"));
                line.push_str(&format!(" ({cause} in {namespace}: type `{word}` for the story)"));
            }
            self.terminal.say(&page::prose(&line, self.terminal.width(), self.terminal.paint()));
        }
        if let Some((line, _)) = reasons.into_iter().flatten().next() {
            self.note(&format!("'{line}' is not answered. 'packets' shows how far it comes."));
        } else if let Some((line, Diagnosis { cause, namespace, .. })) =
            reason::of_last_command(self.stage, self.began)
        {
            self.note(&format!("Your '{line}' failed: {cause} in {namespace}. 'why' tells the story."));
        }
    }

    fn hint(&mut self, step: &'a Step) {
        match step.hints.get(self.hints) {
            Some(hint) => {
                self.hints += 1;
                let (number, hints) = (self.hints, step.hints.len());
                self.show(&Block::Prose(format!("Hint {number} of {hints}: {}", hint.text)));
            }
            None if step.hints.is_empty() => self.report(step),
            None => self.note("That was the last hint; 'solution' shows the commands."),
        }
    }

    /// The network as a step, counted from 0, finds it.
    fn rebuild(&mut self, step: usize) -> Result<(), Trouble> {
        let (setup, steps) = self.play.lesson().way_to(step);
        self.stage.reopen()?;
        self.stage.set_up(setup)?;
        for step in steps {
            self.stage.play_quietly(&step.solution);
        }
        self.began = self.now();
        Ok(())
    }

    fn now(&self) -> Instant {
        self.stage.seats().first().map_or(Instant::START, Seat::now)
    }

    /// The next line; `None` where the learner leaves.
    fn read(&mut self, prompt: &str) -> Result<Option<String>, Trouble> {
        let Some(lines) = self.lines.as_deref_mut() else { return Ok(None) };
        if self.terminal.asked_to_end().is_some() {
            return Ok(None);
        }
        loop {
            match lines.read(prompt, &mut || self.stage.names())? {
                Input::Line(line) => return Ok(Some(line)),
                Input::Interrupted => {}
                Input::End if lines.is_terminal() => {
                    self.terminal.say("exit\n");
                    return Ok(Some("exit".to_owned()));
                }
                Input::End => return Ok(None),
            }
        }
    }

    fn show(&mut self, block: &Block) {
        let (width, paint) = (self.terminal.width(), self.terminal.paint());
        let text = match block {
            Block::Prose(markdown) => page::prose(markdown, width, paint),
            Block::Verbatim(text) | Block::Output(text) => page::verbatim(text, width),
            Block::Try(commands) => page::commands(commands, paint),
            Block::Predict(question) => {
                let choices: String = match &question.answer {
                    Answer::Choice { choices, .. } => {
                        (1..).zip(choices).map(|(number, choice)| format!("{number}. {choice}\n")).collect()
                    }
                    Answer::Words(_) | Answer::Network(_) => String::new(),
                };
                page::prose(&format!("**{}**\n{choices}", question.question), width, paint)
            }
        };
        self.terminal.say(&format!("{text}\n"));
    }

    fn note(&mut self, text: &str) {
        let text = page::prose(text, self.terminal.width(), Paint::PLAIN);
        self.terminal.say(&format!("{}\n", self.terminal.paint().dim(text.trim_end())));
    }
}

/// Whether this very check is among them.
fn is_among(checks: &[&Check], check: &Check) -> bool {
    checks.iter().any(|known| std::ptr::eq(*known, check))
}

/// How many characters a progress bar has between its brackets.
const BAR: usize = 10;

/// The heading of a step: `Step 3 of 7  [####------]  Title`, the title in a line of its own where it does not fit.
fn progress_bar(number: usize, steps: usize, title: &str, width: usize) -> String {
    let filled = number * BAR / steps.max(1);
    let bar = format!("Step {number} of {steps}  [{}{}]", "#".repeat(filled), "-".repeat(BAR - filled));
    let line = format!("{bar}  {title}");
    if line.chars().count() <= width {
        return line;
    }
    format!("{bar}\n{}", page::prose(title, width, Paint::PLAIN).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_a_list_that_fits_into_a_terminal_of_80_columns() {
        let words = HELP.lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(words, 10);
        assert!(HELP.lines().all(|line| line.chars().count() < 80), "{HELP}");
    }

    #[test]
    fn the_bar_shows_how_far_one_is() {
        assert_eq!(progress_bar(3, 7, "A title", 80), "Step 3 of 7  [####------]  A title");
        assert_eq!(progress_bar(7, 7, "A title", 80), "Step 7 of 7  [##########]  A title");
        assert_eq!(progress_bar(1, 12, "A title", 30), "Step 1 of 12  [----------]\nA title");
    }
}
