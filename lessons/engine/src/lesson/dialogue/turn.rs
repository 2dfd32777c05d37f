//! A line that the learner types in a step: a word of the lesson, or a command.

use super::pages::{self, Printed};
use super::{After, Dialogue, HELP, Place, WATCH};
use crate::lesson::shown;
use crate::lesson::{Block, Step, Trouble};
use crate::prompt::{more_than_a_word, show_difference, show_frames};
use crate::screen::Screen;
use vethlab_programs::FRAMES;
use vethlab_programs::session::Outcome;

impl<'a> Dialogue<'a> {
    /// Does what a line says.
    pub(super) fn line(
        &mut self,
        step: &'a Step,
        line: &str,
        screen: &mut dyn Screen,
    ) -> Result<After, Trouble> {
        self.machines.catch_up(screen);
        let is_done = matches!(self.place, Place::Done);
        match line.trim() {
            "" | "next" | "skip" if is_done => return Ok(After::Advance),
            "check" if is_done => screen.note("This step is done: Enter goes on."),
            "" if step.checks.is_empty() => return Ok(self.step_done(step, screen)),
            "help" => screen.out(HELP),
            "frames" => show_frames(self.machines, screen),
            "frames --help" | "frames -h" => screen.out(&FRAMES.text()),
            "watch" => return Ok(self.command(step, WATCH, screen)),
            "hint" => self.hint(step, screen),
            "solution" => screen.show(&Block::Try(step.solution.clone())),
            "lesson" => self.show_again(step, screen),
            "check" | "next" => {
                if self.is_done(step, screen) {
                    return Ok(self.step_done(step, screen));
                }
                self.report(step, screen);
            }
            "skip" => {
                self.rebuild(self.play.number())?;
                screen.out("\n");
                return Ok(After::Advance);
            }
            "back" => {
                self.play.back();
                self.answers = 0;
                return Ok(After::Step);
            }
            "reset" => {
                self.reset(screen)?;
                self.place = Place::Step;
            }
            "quit" => return Ok(After::Leave),
            line => match more_than_a_word(line, HELP) {
                Some(problem) => screen.note(&problem),
                None => return Ok(self.command(step, line, screen)),
            },
        }
        Ok(After::Line)
    }

    /// Makes the network that the present step begins with.
    pub(super) fn reset(&mut self, screen: &mut dyn Screen) -> Result<(), Trouble> {
        self.rebuild(self.play.number() - 1)?;
        screen.note("The network is as this step begins with it.");
        Ok(())
    }

    /// Shows the text of a step once more; of one that does not show its commands, without them.
    pub(super) fn show_again(&self, step: &Step, screen: &mut dyn Screen) {
        let commands = self.play.lesson().shows_commands;
        let blocks = step.blocks.iter().filter(|block| commands || !matches!(block, Block::Try(_)));
        blocks.for_each(|block| screen.show(block));
    }

    /// Runs a command and looks whether the step is done with it.
    fn command(&mut self, step: &'a Step, line: &str, screen: &mut dyn Screen) -> After {
        match self.execute(line, screen) {
            Outcome::Nothing => After::Line,
            Outcome::Exit(_) => After::Leave,
            Outcome::Ran(_) if matches!(self.place, Place::Done) => After::Line,
            Outcome::Ran(_) if !step.checks.is_empty() && self.is_done(step, screen) => {
                self.step_done(step, screen)
            }
            Outcome::Ran(_) => After::Line,
        }
    }

    pub(super) fn execute(&mut self, line: &str, screen: &mut dyn Screen) -> Outcome {
        let turn = self.machines.execute(line, screen);
        self.agreed &= turn.agreed();
        show_difference(&turn, screen);
        if let Outcome::Ran(_) = turn.outcome {
            let ran = self.machines.all().first().and_then(|machine| machine.last_command(line));
            self.play.typed(line, ran.map(|ran| (ran, turn.printed.as_str())), self.machines.commands());
            let end = self.rows + screen.screenful().map_or(0, |screenful| screenful.taken);
            self.printed.extend(Printed::lines(&turn.printed, end, screen.width()));
        }
        turn.outcome
    }

    /// Types the solution of a step as a learner would.
    pub(super) fn play_solution(&mut self, step: &'a Step, screen: &mut dyn Screen) -> After {
        for command in &step.solution {
            let prompt = self.machines.prompt();
            screen.out(&format!("{prompt}{command}\n"));
            let left = matches!(self.execute(command, screen), Outcome::Exit(_));
            if left || screen.interrupted() {
                return After::Leave;
            }
        }
        if self.is_done(step, screen) {
            return self.step_done(step, screen);
        }
        self.report(step, screen);
        After::Leave
    }

    /// Explains what the learner has seen, and goes on: a person says when.
    pub(super) fn step_done(&mut self, step: &Step, screen: &mut dyn Screen) -> After {
        self.done.insert(self.play.number());
        let wants_nothing = step.checks.is_empty();
        if !wants_nothing {
            screen.out("\n");
        }
        let blocks = step.before_and_after().1;
        let text: usize = blocks.iter().map(|block| pages::rows_of_block(block, screen)).sum();
        for block in blocks {
            self.show_once(block, text, screen);
        }
        if !self.read || wants_nothing {
            return After::Advance;
        }
        self.place = Place::Done;
        After::Line
    }

    /// Shows a block. Where a command of this step has printed the same, and it is still in sight, only the first line is
    /// shown. `text` is the number of rows of all blocks that are shown now.
    fn show_once(&self, block: &Block, text: usize, screen: &mut dyn Screen) {
        let Block::Output(shown) = block else { return screen.show(block) };
        let in_sight = screen.screenful().map_or(Some(0), |screenful| screenful.in_sight(self.rows, text));
        let lines = |from: usize| self.printed.iter().filter(move |line| line.row >= from);
        if !in_sight.is_some_and(|from| shown::is_among(shown, lines(from).map(|line| &line.text))) {
            return screen.show(block);
        }
        let mut lines = shown.lines().map(str::trim);
        let first = lines.next().unwrap_or_default();
        let begin = "↑ ";
        let room = screen.width().saturating_sub(10);
        let is_cut = lines.next().is_some() || first.chars().count() > room;
        let line: String = first.chars().take(room).collect();
        let end = if is_cut { " …" } else { "" };
        screen.show(&Block::Verbatim(format!("{begin}{}{end}\n", line.trim_end())));
    }

    fn hint(&mut self, step: &'a Step, screen: &mut dyn Screen) {
        match step.hints.get(self.hints) {
            Some(hint) => {
                self.hints += 1;
                let (number, hints) = (self.hints, step.hints.len());
                screen.show(&Block::Prose(format!("Hint {number} of {hints}: {}", hint.text)));
            }
            None if step.hints.is_empty() => self.report(step, screen),
            None => screen.note("That was the last hint; 'solution' shows the commands."),
        }
    }
}
