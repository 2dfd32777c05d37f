//! A learner's way through a lesson.

use super::check::{self, Check};
use super::{Block, Learner, Lesson, Step};
use crate::bounded::{Bounded, Stop, Stopped};
use crate::compare::Entry;
use crate::history;
use crate::machine::Machine;
use crate::script;
use std::collections::BTreeMap;
use std::fmt;
use vethlab_explain::journal::Command;
use vethlab_programs::session::{Outcome, Session};
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::words;

/// A command of a lesson's setup did not work, so there is nothing to start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandFailed(pub Entry);

impl fmt::Display for CommandFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entry { command, status, stderr, .. } = &self.0;
        write!(f, "the lesson cannot be prepared: '{command}' ended with status {status}")?;
        match stderr.trim() {
            "" => Ok(()),
            words => write!(f, " ({words})"),
        }
    }
}

impl std::error::Error for CommandFailed {}

/// Prepares the network that a lesson or a step starts from, in a session that is given back with what runs in its background.
///
/// # Errors
/// The first command that did not end with status 0, or that was stopped.
pub fn set_up(
    setup: &[String],
    stack: &mut dyn NetworkStack,
    stop: Stop<'_>,
) -> Result<Session, CommandFailed> {
    let (mut session, mut console) = (Session::new(), Bounded::until(stop));
    for command in setup {
        let outcome = session.execute(command, stack, &mut console);
        let transcript = console.take();
        if let Some(stopped) = console.stopped_on(stack) {
            return Err(CommandFailed(stopped_entry(command, stopped)));
        }
        match script::entry(command, outcome, transcript) {
            Some(entry) if entry.status != 0 => return Err(CommandFailed(entry)),
            _ if matches!(outcome, Outcome::Exit(_)) => break,
            _ => {}
        }
    }
    Ok(session)
}

/// What is told of a command that was stopped, as after Ctrl-C.
fn stopped_entry(command: &str, stopped: Stopped) -> Entry {
    Entry {
        command: words::trim(command).to_owned(),
        status: 130,
        stdout: String::new(),
        stderr: stopped.to_string(),
    }
}

/// Where a learner is in a lesson, and what was done in the present step.
#[derive(Clone, Debug)]
pub struct Play<'a> {
    lesson: &'a Lesson,
    step: usize,
    learner: Learner,
    /// What was done within the present step, by how many commands were done.
    learners: BTreeMap<usize, Learner>,
    /// How many those were last.
    commands: Option<usize>,
}

impl<'a> Play<'a> {
    /// At the first step.
    pub fn new(lesson: &'a Lesson) -> Play<'a> {
        Play { lesson, step: 0, learner: Learner::new(), learners: BTreeMap::new(), commands: None }
    }

    /// The lesson.
    pub fn lesson(&self) -> &'a Lesson {
        self.lesson
    }

    /// The present step; `None` behind the last.
    pub fn step(&self) -> Option<&'a Step> {
        self.lesson.steps.get(self.step)
    }

    /// The number of the present step, from 1.
    pub fn number(&self) -> usize {
        self.step + 1
    }

    /// What the learner did within the present step.
    pub fn learner(&mut self) -> &mut Learner {
        &mut self.learner
    }

    /// The learner typed a line: the command that it ran, with what that printed, and how many commands have changed
    /// something by now, where they can be taken back. Where there are fewer than before, or ones that were taken back
    /// are done again, what was done is what was done by then.
    pub fn typed(&mut self, line: &str, ran: Option<(&Command, &str)>, commands: Option<usize>) {
        let Some(commands) = commands else { return self.learner_typed(ran) };
        if history::takes_back(line) {
            if let Some((_, then)) = self.learners.range(..=commands).next_back() {
                self.learner = then.clone();
            }
            self.commands = Some(commands);
            return;
        }
        // What only looked replaces nothing that can be done again.
        if self.commands.replace(commands) != Some(commands) {
            self.learners.entry(commands.saturating_sub(1)).or_insert_with(|| self.learner.clone());
            self.learners.split_off(&commands);
        }
        self.learner_typed(ran);
        self.learners.insert(commands, self.learner.clone());
    }

    fn learner_typed(&mut self, ran: Option<(&Command, &str)>) {
        if let Some((command, printed)) = ran {
            self.learner.typed(command, printed);
        }
    }

    /// Goes on to the next step.
    pub fn advance(&mut self) {
        self.go_to(self.number() + 1);
    }

    /// Goes to the step before, where there is one.
    pub fn back(&mut self) {
        self.go_to(self.number().saturating_sub(1));
    }

    /// Goes to the step of this number, from 1, in which nothing was done yet.
    pub fn go_to(&mut self, number: usize) {
        self.step = number.saturating_sub(1);
        self.learner = Learner::new();
        self.learners.clear();
        self.commands = None;
    }

    /// The checks of the present step that are not met.
    pub fn unmet(&self, stack: &mut dyn NetworkStack) -> Vec<&'a Check> {
        self.step().map_or_else(Vec::new, |step| check::unmet(&step.checks, stack, &self.learner))
    }

    /// Whether a check is met, whatever the others are.
    pub fn meets(&self, check: &Check, stack: &mut dyn NetworkStack) -> bool {
        check.holds(stack, &self.learner)
    }
}

/// What became of one step when its solution was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    /// The step's heading.
    pub step: String,
    /// How many checks it has.
    pub checks: usize,
    /// Checks that were not met before the solution.
    pub unmet_before: Vec<String>,
    /// Questions that the network had no answer to, with what it said instead.
    pub unanswered: Vec<String>,
    /// What the solution's commands did.
    pub entries: Vec<Entry>,
    /// Checks that were not met behind it.
    pub unmet_after: Vec<String>,
}

/// Plays a lesson's solutions, and looks at the checks of each step before and after. Asks for a fresh machine
/// when it begins and for each step that has its own, and for what stops each setup and each solution.
///
/// # Errors
/// A setup fails, or there is no fresh machine.
pub fn rehearse<E: From<CommandFailed>, S: Fn() -> Option<Stopped>>(
    lesson: &Lesson,
    mut fresh: impl FnMut() -> Result<Machine, E>,
    stop: impl Fn() -> S,
) -> Result<Vec<Rehearsal>, E> {
    let mut machine = fresh()?;
    machine.set_up(&lesson.setup, &stop())?;
    let mut play = Play::new(lesson);
    let mut rehearsals = Vec::new();
    while let Some(step) = play.step() {
        if let Some(setup) = &step.setup {
            // The old machine goes first: there may be room for one only.
            drop(machine);
            machine = fresh()?;
            machine.set_up(setup, &stop())?;
        }
        let say = |checks: Vec<&Check>| checks.iter().map(|check| check.say.clone()).collect();
        let unmet_before = say(machine.consult(|stack| play.unmet(stack)));
        let questions = step.blocks.iter().filter_map(|block| match block {
            Block::Predict(question) => Some((question, question.right_answer(machine.stack()).err()?)),
            _ => None,
        });
        let unanswered =
            questions.map(|(question, error)| format!("{}: {error}", question.question)).collect();
        if step.has_question() {
            play.learner().answer();
        }
        let mut entries = Vec::new();
        let stop = stop();
        let mut console = Bounded::until(&stop);
        for command in &step.solution {
            let outcome = machine.execute(command, &mut console);
            let transcript = console.take();
            if let Some(stopped) = console.stopped() {
                entries.push(stopped_entry(command, stopped));
                break;
            }
            if let Some(ran) = machine.last_command(command) {
                let printed = format!("{}{}", transcript.stdout, transcript.stderr);
                play.learner().typed(ran, &printed);
            }
            entries.extend(script::entry(command, outcome, transcript));
        }
        let unmet_after = say(machine.consult(|stack| play.unmet(stack)));
        let (step, checks) = (step.title.clone(), step.checks.len());
        rehearsals.push(Rehearsal { step, checks, unmet_before, unanswered, entries, unmet_after });
        play.advance();
    }
    Ok(rehearsals)
}
