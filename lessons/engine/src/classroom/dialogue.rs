//! An exercise at the prompt: a task, commands, and checks as often as the student asks.

use super::{Answer, Assignment, CheckedNetwork, Head, Outcome, StudentId, Verdict, assess_on_sim, show};
use crate::lesson::Block;
use crate::lesson::Exercise;
use crate::lesson::Trouble;
use crate::machine::Machine;
use crate::machines::Machines;
use crate::prompt::{more_than_a_word, show_difference, show_frames};
use crate::screen::Screen;
use crate::stacks::StackChoice;
use crate::text::counted;
use std::collections::BTreeSet;
use vethlab_programs::{FRAMES, session};
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
'help modelled' lists the commands, 'help ip route' what one of them does.
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

/// Keeps a student's work.
pub trait Keeper {
    /// Keeps what was done so far, after each command.
    ///
    /// # Errors
    /// It cannot be kept, in one line that says why.
    fn keep(&mut self, answer: &Answer) -> Result<(), String>;

    /// Writes what is handed in, under this name or, without one, under the usual one; gives the name.
    ///
    /// # Errors
    /// It cannot be written, in one line that says why.
    fn hand_in(&mut self, name: Option<&str>, answer: &Answer) -> Result<String, String>;
}

/// Whose work it is, and how it is kept.
pub struct Work {
    /// The student; `None` for one who only tries it.
    pub student: Option<StudentId>,
    /// What was kept before, to go on from.
    pub kept: Option<Answer>,
    /// Who keeps it.
    pub keeper: Box<dyn Keeper>,
}

/// An exercise being done.
pub struct Dialogue<'a> {
    assignment: &'a Assignment,
    work: Work,
    machines: &'a mut Machines,
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
    /// An exercise in the student's edition, on fresh machines.
    pub fn new(assignment: &'a Assignment, work: Work, machines: &'a mut Machines) -> Dialogue<'a> {
        let (hints, met, agreed) = (0, BTreeSet::new(), true);
        Dialogue {
            assignment,
            work,
            machines,
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

    /// Prepares the network, shows the task, and does again what was done before.
    ///
    /// # Errors
    /// The exercise cannot be prepared.
    pub fn begin(&mut self, screen: &mut dyn Screen) -> Result<(), Trouble> {
        self.prepare(screen)?;
        if let Some(kept) = self.work.kept.take() {
            self.redo(&kept, screen);
        }
        Ok(())
    }

    /// Whether it waits for a line: the student has not left.
    pub fn waits(&self) -> bool {
        !self.left
    }

    /// What stands before the cursor.
    pub fn prompt(&self) -> String {
        self.machines.prompt()
    }

    /// The stacks that it is done on.
    pub fn machines(&mut self) -> &mut Machines {
        self.machines
    }

    /// How it ended.
    pub fn end(mut self, screen: &mut dyn Screen) -> Ending {
        let verdict = if self.machines.is_virtual() { self.verdict(screen) } else { None };
        Ending { verdict, agreed: self.agreed, handed_in: self.handed_in }
    }

    /// Plays the next command of the solution, as if typed; the first is number 0. Whether there was one.
    pub fn solve_next(&mut self, number: usize, screen: &mut dyn Screen) -> bool {
        let Some(command) = self.exercise().task.solution.get(number) else { return false };
        screen.out(&format!("{}{command}\n", self.machines.prompt()));
        self.execute(command, screen);
        true
    }

    /// How it ended, after the solution was played: said too.
    pub fn end_solved(mut self, screen: &mut dyn Screen) -> Ending {
        let verdict = self.verdict(screen);
        if let Some(verdict) = &verdict {
            self.tell(verdict, screen);
        }
        Ending { verdict, agreed: self.agreed, handed_in: self.handed_in }
    }

    /// Prepares the network and shows the task.
    fn prepare(&mut self, screen: &mut dyn Screen) -> Result<(), Trouble> {
        let exercise = self.exercise();
        self.machines.set_up(exercise.setup())?;
        let Exercise { title, minutes, .. } = exercise;
        let for_whom =
            self.work.student.as_ref().map_or_else(String::new, |student| format!(", for {student}"));
        let unseen =
            show::unseen(exercise.unseen_checks()).map_or_else(String::new, |unseen| format!(" {unseen}"));
        let points = exercise.points();
        screen.show(&Block::Prose(format!(
            "**{title} ({minutes} minutes, {points} points{unseen}{for_whom})**"
        )));
        self.task(screen);
        screen.note("'check' tells what holds, 'hint' helps, 'submit' writes the file to hand in, 'help' has the rest.");
        screen.out("\n");
        self.remember_what_holds(screen);
        Ok(())
    }

    /// Takes what holds at the start for known: only what comes to hold later is said.
    fn remember_what_holds(&mut self, screen: &mut dyn Screen) {
        if self.machines.is_virtual()
            && let Some(verdict) = self.verdict(screen)
        {
            let holds = verdict.checks.iter().filter(|check| check.outcome == Outcome::Passed);
            self.met = holds.map(|check| check.id.clone()).collect();
        }
    }

    fn task(&mut self, screen: &mut dyn Screen) {
        for block in self.exercise().blocks() {
            screen.show(block);
        }
    }

    /// Does again what was done before.
    fn redo(&mut self, kept: &Answer, screen: &mut dyn Screen) {
        self.machines.play_quietly(&kept.commands);
        self.hints = kept.hints().min(self.exercise().task.hints.len());
        self.edited = kept.edited;
        let count = kept.commands.len();
        let (commands, were) = (counted(count, "command"), if count == 1 { "was" } else { "were" });
        screen.note(&format!(
            "You go on where you stopped: {commands} {were} done again. 'reset' begins anew."
        ));
        if self.edited {
            screen.note("The kept work was edited by hand: the grade will say so.");
        }
        self.tell_what_holds(screen);
    }

    /// Does what a line says.
    ///
    /// # Errors
    /// The network of the start cannot be had again.
    pub fn take(&mut self, line: &str, screen: &mut dyn Screen) -> Result<(), Trouble> {
        self.machines.catch_up(screen);
        let words = words::split(line).unwrap_or_default();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["help"] => screen.out(HELP),
            ["frames"] => show_frames(self.machines, screen),
            ["frames", "--help" | "-h"] => screen.out(&FRAMES.text()),
            ["task" | "lesson"] => self.task(screen),
            ["hint"] => self.hint(screen),
            ["check"] => {
                if let Some(verdict) = self.verdict(screen) {
                    self.tell(&verdict, screen);
                }
            }
            ["submit"] => self.submit(None, screen),
            ["submit", file] => self.submit(Some(file), screen),
            ["submit", ..] => screen.note("'submit' takes the name of one file, or none."),
            ["solution"] => screen.note("An exercise shows no solution: 'hint' helps."),
            ["reset"] => self.reset(screen)?,
            ["quit"] => self.left = true,
            _ => match more_than_a_word(line, HELP) {
                Some(problem) => screen.note(&problem),
                None => self.command(line, screen),
            },
        }
        Ok(())
    }

    /// Runs a command, keeps it, and says which checks hold now.
    fn command(&mut self, line: &str, screen: &mut dyn Screen) {
        self.execute(line, screen);
        // To leave is no part of the work.
        self.handed_in &= self.exited;
        self.keep(screen);
        self.tell_what_holds(screen);
    }

    /// Says which checks have come to hold. On the kernel a check can take seconds: there it is the student who asks.
    fn tell_what_holds(&mut self, screen: &mut dyn Screen) {
        if self.machines.is_virtual()
            && let Some(verdict) = self.verdict(screen)
        {
            self.tell_new(&verdict, screen);
        }
    }

    fn execute(&mut self, line: &str, screen: &mut dyn Screen) {
        let turn = self.machines.execute(line, screen);
        self.agreed &= turn.agreed();
        show_difference(&turn, screen);
        self.exited = matches!(turn.outcome, session::Outcome::Exit(_));
        self.left |= self.exited;
    }

    /// Says which checks have come to hold, and that all do when the last one has.
    fn tell_new(&mut self, verdict: &Verdict, screen: &mut dyn Screen) {
        let seen = verdict.for_students();
        let mut any = false;
        for check in &seen.checks {
            if check.outcome != Outcome::Passed {
                self.met.remove(&check.id);
            } else if self.met.insert(check.id.clone()) {
                any = true;
                screen.holds(&check.say);
            }
        }
        if any && seen.holds() {
            screen.note("All checks hold. 'submit' writes the file to hand in.");
        }
    }

    fn tell(&mut self, verdict: &Verdict, screen: &mut dyn Screen) {
        let text = show::verdict(verdict, screen.width(), screen.paint());
        screen.out(&text);
        if let Some(unseen) = show::unseen(self.exercise().unseen_checks()) {
            screen.note(&unseen);
        }
    }

    /// What holds now. On the simulator the commands are run again on a fresh network, as they are when they are
    /// graded; on the kernel the network that is there is looked at.
    fn verdict(&mut self, screen: &mut dyn Screen) -> Option<Verdict> {
        let answer = self.answer();
        let stop = self.machines.platform().stops_answer();
        let limits = self.machines.allowed().answer;
        let simulated = match assess_on_sim(self.exercise(), &answer, limits, stop.as_ref()) {
            Ok((attempt, verdict)) => Some((attempt, verdict)),
            Err(error) => {
                screen.note(&format!("This cannot be graded: {error}."));
                None
            }
        };
        let (attempt, simulated) = simulated?;
        let exercise = self.exercise();
        let live = self.machines.consult_live(|stack| {
            Verdict::reach(exercise, &mut CheckedNetwork::Live(stack), &attempt.seen, answer.hints())
        });
        Some(match live {
            None => simulated,
            Some(verdict) => verdict.with_causes_of(&simulated),
        })
    }

    /// What was done so far, as it is handed in.
    fn answer(&self) -> Answer {
        let stack = self.machines.all().first().map_or(StackChoice::Sim, Machine::choice);
        let head = Head {
            exercise: self.assignment.name.clone(),
            version: self.exercise().version,
            student: self.work.student.clone(),
            hints: self.hints,
            tool: format!("vethlab {} on {stack}", env!("CARGO_PKG_VERSION")),
        };
        let mut commands = self.machines.all().first().map(Machine::lines).unwrap_or_default();
        if self.exited {
            // To leave is no part of the work: what comes behind it the next time would never be done.
            commands.pop();
        }
        Answer { head: Some(head), commands, edited: self.edited }
    }

    /// Keeps what was done so far.
    fn keep(&mut self, screen: &mut dyn Screen) {
        let answer = self.answer();
        if let Err(problem) = self.work.keeper.keep(&answer)
            && !std::mem::replace(&mut self.warned, true)
        {
            screen.err(&format!("vethlab: your work is not kept: {problem}\n"));
        }
    }

    /// Hands in what was done so far.
    fn submit(&mut self, file: Option<&str>, screen: &mut dyn Screen) {
        if self.work.student.is_none() {
            screen.note("An answer needs a student: start the exercise with --student ID.");
            return;
        }
        let answer = self.answer();
        match self.work.keeper.hand_in(file, &answer) {
            Ok(name) => {
                self.handed_in = true;
                if let Some(verdict) = self.verdict(screen) {
                    self.tell(&verdict, screen);
                }
                screen.note(&format!("Written: hand in the file '{name}'."));
            }
            Err(problem) => screen.err(&format!("vethlab: {problem}\n")),
        }
    }

    fn hint(&mut self, screen: &mut dyn Screen) {
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
                screen.show(&Block::Prose(format!(
                    "Hint {} of {}{cost}: {}",
                    self.hints,
                    hints.len(),
                    hint.text
                )));
                self.keep(screen);
                if let Some(next) = hints.get(self.hints).filter(|next| next.cost > 0) {
                    let points = if next.cost == 1 { "point" } else { "points" };
                    screen.note(&format!("The next hint costs {} {points}.", next.cost));
                }
            }
            None if hints.is_empty() => {
                screen.note("There are no hints: 'check' says which checks do not hold, and why.");
            }
            None => screen.note("That was the last hint."),
        }
    }

    /// The network of the start. Hints that were opened stay open.
    fn reset(&mut self, screen: &mut dyn Screen) -> Result<(), Trouble> {
        self.handed_in = false;
        self.machines.reopen()?;
        self.machines.set_up(self.exercise().setup())?;
        self.remember_what_holds(screen);
        self.keep(screen);
        screen.note("The network is as it was at the start.");
        Ok(())
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
