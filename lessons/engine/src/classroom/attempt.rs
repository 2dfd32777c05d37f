//! A student's commands, run within bounds.

use super::answer::MOST_COMMANDS;
use crate::bounded::{self, Bounded, Stop};
use crate::lesson::{CommandFailed, Exercise, set_up};
use std::fmt;
use vethlab_explain::journal::Journal;
use vethlab_programs::session::{Outcome, Session};
use vethlab_shared::budget::{Budget, Limits};
use vethlab_shared::event::Event;
use vethlab_shared::stack::NetworkStack;

/// What an answer was stopped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It has more commands than an answer may have.
    TooManyCommands,
    /// Its commands do too much.
    Bounds(bounded::Stopped),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::TooManyCommands => write!(f, "it has more than {MOST_COMMANDS} commands"),
            Stopped::Bounds(stopped) => stopped.fmt(f),
        }
    }
}

/// Why an answer has no network to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAttempt {
    /// The exercise's own setup fails.
    SetUp(CommandFailed),
    /// The answer was stopped.
    Stopped(Stopped),
}

impl fmt::Display for NoAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoAttempt::SetUp(failed) => failed.fmt(f),
            NoAttempt::Stopped(stopped) => stopped.fmt(f),
        }
    }
}

impl std::error::Error for NoAttempt {}

/// What the commands left behind besides the network.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// How many commands ran.
    pub commands: usize,
    /// How many of them ended with another status than 0.
    pub failed: usize,
    /// For each check that looks back, the first frame that it looks for.
    pub seen: Vec<Event>,
    /// What runs in the background: of the setup, and of the commands.
    pub background: Session,
}

/// Prepares the exercise's network on a fresh stack and runs the commands on it, until they are to stop.
///
/// What they may use, the setup included, is the same on every machine, as is how much they may print; what stops them
/// besides is there so that grading goes on whatever else was forgotten.
///
/// # Errors
/// The setup fails, or a limit was reached.
pub fn run(
    exercise: &Exercise,
    commands: &[String],
    stack: &mut dyn NetworkStack,
    limits: Limits,
    stop: Stop<'_>,
) -> Result<Attempt, NoAttempt> {
    stack.set_budget(Budget::new(limits));
    let prepared = set_up(exercise.setup(), stack, stop).map_err(NoAttempt::SetUp)?;
    let looking_back = || exercise.task.checks.iter().filter(|check| check.looks_back());
    stack.observe(looking_back().next().is_some());
    stack.take_events();
    if commands.len() > MOST_COMMANDS {
        return Err(NoAttempt::Stopped(Stopped::TooManyCommands));
    }
    // What is forgotten was looked at before.
    let session = Session::new().with_journal(Journal::of_at_most(limits.memory));
    let (mut attempt, mut session) = (Attempt::default(), session);
    session.take_over_background(prepared);
    let mut console = Bounded::until(stop);
    let mut next_event = 1;
    for command in commands {
        let outcome = session.execute(command, stack, &mut console);
        if let Some(stopped) = console.stopped_on(stack) {
            return Err(NoAttempt::Stopped(Stopped::Bounds(stopped)));
        }
        let new = session.journal().events_from(next_event);
        next_event = new.last().map_or(next_event, |event| event.number + 1);
        for check in looking_back() {
            let is_it = |event: &&Event| check.looks_for(event);
            if !attempt.seen.iter().any(|event| check.looks_for(event)) {
                attempt.seen.extend(new.iter().find(is_it).cloned());
            }
        }
        match outcome {
            Outcome::Nothing => {}
            Outcome::Ran(status) | Outcome::Exit(status) => {
                attempt.commands += 1;
                attempt.failed += usize::from(status != 0);
            }
        }
        if matches!(outcome, Outcome::Exit(_)) {
            break;
        }
    }
    Ok(Attempt { background: session.background(), ..attempt })
}
