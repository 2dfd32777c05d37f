//! An exercise at the prompt: a task, commands, and checks as often as the student asks.

use crate::classroom::desk;
use crate::classroom::grade::{Assignment, assess_on_sim};
use crate::lesson::dialogue::Trouble;
use crate::shell::{
    FRAMES_USAGE, Input, LineSource, Stage, Terminal, more_than_a_word, show_difference, show_frames,
};
use std::collections::BTreeSet;
use std::path::PathBuf;
use vethlab_engine::classroom::{Answer, Ground, Head, Outcome, StudentId, Verdict, show};
use vethlab_engine::lesson::{Block, Exercise};
use vethlab_engine::page;
use vethlab_engine::paint::Paint;
use vethlab_engine::seat::Seat;
use vethlab_engine::stacks::StackChoice;
use vethlab_engine::text::counted;
use vethlab_programs::Console;
use vethlab_programs::session;
use vethlab_shared::words;

/// The words that a student can type besides commands.
const HELP: &str = "\
The words of an exercise:
  check      what holds, what does not and why, and the points
  hint       a hint; type it again for the next
  task       the task once more
  submit     write the file to hand in; submit FILE names it
  reset      the network as it was at the start, and nothing done
  frames     with --stack both: what both stacks sent last, next to each other
  quit       leave; what you did is kept
All else is a command, as on Linux; 'packets', 'map', 'why', 'timeline' and
'undo' are vethlab's own, and '--help' behind each of them says how it is used.
";

/// How the work on an exercise ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The last verdict, where the exercise could be looked at.
    pub verdict: Option<Verdict>,
    /// Whether, on two stacks, every command did the same on both.
    pub agreed: bool,
    /// Whether the file to hand in was written, and nothing done since.
    pub handed_in: bool,
}

/// Whose work it is, and where it is kept.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// The student; `None` for one who only tries it.
    pub student: Option<StudentId>,
    /// The file that it is kept in after each command.
    pub file: Option<PathBuf>,
    /// What was kept before, to go on from.
    pub kept: Option<Answer>,
}

/// An exercise being done.
pub struct Dialogue<'a> {
    assignment: &'a Assignment,
    work: Work,
    stage: &'a mut Stage,
    terminal: &'a mut Terminal,
    /// How many hints are open.
    hints: usize,
    /// Whether what was kept was edited by hand: it stays so, whatever is done then.
    edited: bool,
    /// The checks that held already, by their words, to say each once.
    met: BTreeSet<String>,
    agreed: bool,
    /// Whether the file to hand in was written, and nothing done since.
    handed_in: bool,
    /// Whether it was said that the work cannot be kept: once is enough.
    warned: bool,
    /// Whether the person left by `exit` or `quit`.
    left: bool,
    /// Whether the last command was the `exit` of the outermost shell.
    exited: bool,
}

impl<'a> Dialogue<'a> {
    /// An exercise in the student's edition, on a fresh stage.
    pub fn new(
        assignment: &'a Assignment,
        work: Work,
        stage: &'a mut Stage,
        terminal: &'a mut Terminal,
    ) -> Dialogue<'a> {
        let (hints, met, agreed) = (0, BTreeSet::new(), true);
        Dialogue {
            assignment,
            work,
            stage,
            terminal,
            hints,
            edited: false,
            met,
            agreed,
            handed_in: false,
            warned: false,
            left: false,
            exited: false,
        }
    }

    fn exercise(&self) -> &'a Exercise {
        &self.assignment.exercise
    }

    /// Lets a student work until they leave.
    ///
    /// # Errors
    /// The exercise cannot be prepared, or the streams cannot be used.
    pub fn run(mut self, lines: &mut dyn LineSource) -> Result<Ending, Trouble> {
        self.begin()?;
        if let Some(kept) = self.work.kept.take() {
            self.go_on(&kept);
        }
        while !self.left && self.terminal.asked_to_end().is_none() {
            self.terminal.check()?;
            match lines.read(&self.stage.prompt(), &mut || self.stage.names())? {
                Input::Line(line) => self.take(&line)?,
                Input::Interrupted => {}
                Input::End if lines.is_terminal() => {
                    self.terminal.say("exit\n");
                    self.take("exit")?;
                }
                Input::End => break,
            }
        }
        self.terminal.check()?;
        let verdict = if self.stage.is_virtual() { self.verdict() } else { None };
        Ok(Ending { verdict, agreed: self.agreed, handed_in: self.handed_in })
    }

    /// Plays the solution, as if typed.
    ///
    /// # Errors
    /// The exercise cannot be prepared, or the streams cannot be used.
    pub fn solve(mut self) -> Result<Ending, Trouble> {
        self.begin()?;
        for command in &self.exercise().task.solution {
            self.terminal.say(&format!("{}{command}\n", self.stage.prompt()));
            self.execute(command);
            self.terminal.check()?;
        }
        let verdict = self.verdict();
        if let Some(verdict) = &verdict {
            self.tell(verdict);
        }
        self.terminal.check()?;
        Ok(Ending { verdict, agreed: self.agreed, handed_in: self.handed_in })
    }

    /// Prepares the network and shows the task.
    fn begin(&mut self) -> Result<(), Trouble> {
        let exercise = self.exercise();
        self.stage.set_up(exercise.setup())?;
        let Exercise { title, minutes, .. } = exercise;
        let for_whom =
            self.work.student.as_ref().map_or_else(String::new, |student| format!(", for {student}"));
        let unseen =
            show::unseen(exercise.unseen_checks()).map_or_else(String::new, |unseen| format!(" {unseen}"));
        let points = exercise.points();
        self.prose(&format!("**{title} ({minutes} minutes, {points} points{unseen}{for_whom})**"));
        self.task();
        self.note("'check' tells what holds, 'hint' helps, 'submit' writes the file to hand in, 'help' has the rest.");
        self.terminal.say("\n");
        self.remember_what_holds();
        Ok(())
    }

    /// Takes what holds at the start for known: only what comes to hold later is said.
    fn remember_what_holds(&mut self) {
        if self.stage.is_virtual()
            && let Some(verdict) = self.verdict()
        {
            let holds = verdict.checks.iter().filter(|check| check.outcome == Outcome::Passed);
            self.met = holds.map(|check| check.id.clone()).collect();
        }
    }

    fn task(&mut self) {
        for block in self.exercise().blocks() {
            self.show(block);
        }
    }

    /// Does again what was done before.
    fn go_on(&mut self, kept: &Answer) {
        self.stage.play_quietly(&kept.commands);
        self.hints = kept.hints().min(self.exercise().task.hints.len());
        self.edited = kept.edited;
        let count = kept.commands.len();
        let (commands, were) = (counted(count, "command"), if count == 1 { "was" } else { "were" });
        self.note(&format!(
            "You go on where you stopped: {commands} {were} done again. 'reset' begins anew."
        ));
        if self.edited {
            self.note("What was kept was edited by hand: whoever grades it will see that.");
        }
        self.tell_what_holds();
    }

    /// Does what a line says.
    fn take(&mut self, line: &str) -> Result<(), Trouble> {
        self.stage.catch_up(self.terminal);
        let words = words::split(line).unwrap_or_default();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["help"] => self.terminal.say(HELP),
            ["frames"] => show_frames(self.stage, self.terminal),
            ["frames", "--help" | "-h"] => self.terminal.say(FRAMES_USAGE),
            ["task" | "lesson"] => self.task(),
            ["hint"] => self.hint(),
            ["check"] => {
                if let Some(verdict) = self.verdict() {
                    self.tell(&verdict);
                }
            }
            ["submit"] => self.submit(None),
            ["submit", file] => self.submit(Some(PathBuf::from(file))),
            ["submit", ..] => self.note("'submit' takes the name of one file, or none."),
            ["solution"] => self.note("An exercise shows no solution: 'hint' helps."),
            ["reset"] => self.reset()?,
            ["quit"] => self.left = true,
            _ => match more_than_a_word(line, HELP) {
                Some(problem) => self.note(&problem),
                None => self.command(line),
            },
        }
        Ok(())
    }

    /// Runs a command, keeps it, and says which checks hold now.
    fn command(&mut self, line: &str) {
        self.execute(line);
        // To leave is no part of the work.
        self.handed_in &= self.exited;
        self.keep();
        self.tell_what_holds();
    }

    /// Says which checks have come to hold. On the kernel a check can take seconds: there it is the student who asks.
    fn tell_what_holds(&mut self) {
        if self.stage.is_virtual()
            && let Some(verdict) = self.verdict()
        {
            self.tell_new(&verdict);
        }
    }

    fn execute(&mut self, line: &str) {
        let turn = self.stage.execute(line, self.terminal);
        self.agreed &= turn.agreed();
        show_difference(&turn, self.terminal);
        self.exited = matches!(turn.outcome, session::Outcome::Exit(_));
        self.left |= self.exited;
    }

    /// Says which checks have come to hold, and that all do when the last one has.
    fn tell_new(&mut self, verdict: &Verdict) {
        let seen = verdict.for_students();
        let mut any = false;
        for check in &seen.checks {
            if check.outcome != Outcome::Passed {
                self.met.remove(&check.id);
            } else if self.met.insert(check.id.clone()) {
                any = true;
                let line = page::prose(&format!("✓ {}", check.say), self.terminal.width(), Paint::PLAIN);
                self.terminal.say(&format!("{}\n", self.terminal.paint().good(line.trim_end())));
            }
        }
        if any && seen.holds() {
            self.note("All checks hold. 'submit' writes the file to hand in.");
        }
    }

    fn tell(&mut self, verdict: &Verdict) {
        let text = show::verdict(verdict, self.terminal.width(), self.terminal.paint());
        self.terminal.say(&text);
        if let Some(unseen) = show::unseen(self.exercise().unseen_checks()) {
            self.note(&unseen);
        }
    }

    /// What holds now. On the simulator the commands are run again on a fresh network, as they are when they are
    /// graded; on the kernel the network that is there is looked at.
    fn verdict(&mut self) -> Option<Verdict> {
        let answer = self.answer();
        let simulated = match assess_on_sim(self.exercise(), &answer) {
            Ok((attempt, verdict)) => Some((attempt, verdict)),
            Err(error) => {
                self.note(&format!("This cannot be graded: {error}."));
                None
            }
        };
        let (attempt, simulated) = simulated?;
        let exercise = self.exercise();
        let live = self.stage.consult_live(|stack| {
            Verdict::reach(exercise, &mut Ground::Live(stack), &attempt.seen, answer.hints())
        });
        Some(match live {
            None => simulated,
            Some(verdict) => verdict.with_causes_of(&simulated),
        })
    }

    /// What was done so far, as it is handed in.
    fn answer(&self) -> Answer {
        let stack = self.stage.seats().first().map_or(StackChoice::Sim, Seat::choice);
        let head = Head {
            exercise: self.assignment.name.clone(),
            version: self.exercise().version,
            student: self.work.student.clone(),
            hints: self.hints,
            tool: format!("vethlab {} on {stack}", env!("CARGO_PKG_VERSION")),
        };
        let mut commands = self.stage.seats().first().map(Seat::lines).unwrap_or_default();
        if self.exited {
            // To leave is no part of the work: what comes behind it the next time would never be done.
            commands.pop();
        }
        Answer { head: Some(head), commands, edited: self.edited }
    }

    /// Writes what was done so far into the file that it is kept in.
    fn keep(&mut self) {
        let Some(file) = &self.work.file else { return };
        if let Err(problem) = desk::save(file, &self.answer())
            && !std::mem::replace(&mut self.warned, true)
        {
            self.terminal.err(&format!("vethlab: what you do is not kept: {problem}\n"));
        }
    }

    /// Writes the file to hand in.
    fn submit(&mut self, file: Option<PathBuf>) {
        let Some(student) = self.work.student.clone() else {
            self.note("Nobody knows whose answer this would be: start the exercise with --student ID.");
            return;
        };
        let answer = self.answer();
        let file = file.unwrap_or_else(|| PathBuf::from(desk::file_name(&self.assignment.name, &student)));
        let head = answer.head.as_ref();
        let written = head.map_or(Ok(()), |head| desk::may_replace(&file, head));
        match written.and_then(|()| desk::save(&file, &answer)) {
            Ok(()) => {
                self.handed_in = true;
                if let Some(verdict) = self.verdict() {
                    self.tell(&verdict);
                }
                self.note(&format!("Written: hand in the file '{}'.", file.display()));
            }
            Err(problem) => self.terminal.err(&format!("vethlab: {problem}\n")),
        }
    }

    fn hint(&mut self) {
        let hints = &self.exercise().task.hints;
        match hints.get(self.hints) {
            Some(hint) => {
                self.hints += 1;
                self.handed_in = false;
                let cost = match hint.cost {
                    0 => String::new(),
                    1 => " (costs a point)".to_owned(),
                    cost => format!(" (costs {cost} points)"),
                };
                self.prose(&format!("Hint {} of {}{cost}: {}", self.hints, hints.len(), hint.text));
                self.keep();
                if let Some(next) = hints.get(self.hints).filter(|next| next.cost > 0) {
                    let points = if next.cost == 1 { "point" } else { "points" };
                    self.note(&format!("The next hint costs {} {points}.", next.cost));
                }
            }
            None if hints.is_empty() => {
                self.note("There are no hints: 'check' tells what does not hold, and why.");
            }
            None => self.note("That was the last hint."),
        }
    }

    /// The network of the start. Hints that were opened stay open.
    fn reset(&mut self) -> Result<(), Trouble> {
        self.handed_in = false;
        self.stage.reopen()?;
        self.stage.set_up(self.exercise().setup())?;
        self.remember_what_holds();
        self.keep();
        self.note("The network is as it was at the start.");
        Ok(())
    }

    fn show(&mut self, block: &Block) {
        let paint = self.terminal.paint();
        match block {
            Block::Prose(markdown) => self.prose(markdown),
            Block::Verbatim(text) | Block::Output(text) => {
                self.terminal.say(&format!("{}\n", page::verbatim(text, self.terminal.width())));
            }
            Block::Try(commands) => self.terminal.say(&format!("{}\n", page::commands(commands, paint))),
            // The parser lets none into an exercise.
            Block::Predict(_) => {}
        }
    }

    fn prose(&mut self, markdown: &str) {
        let text = page::prose(markdown, self.terminal.width(), self.terminal.paint());
        self.terminal.say(&format!("{text}\n"));
    }

    fn note(&mut self, text: &str) {
        let text = page::prose(text, self.terminal.width(), Paint::PLAIN);
        self.terminal.say(&format!("{}\n", self.terminal.paint().dim(text.trim_end())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_a_list_that_fits_into_a_terminal_of_80_columns() {
        let words = HELP.lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(words, 7);
        assert!(HELP.lines().all(|line| line.chars().count() < 80), "{HELP}");
    }
}
