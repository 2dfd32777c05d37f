//! A student's commands, run within bounds.

use super::answer::MOST_COMMANDS;
use crate::lesson::{CommandFailed, Exercise, set_up};
use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use vethlab_shared::event::Event;
use vethlab_shared::programs::Console;
use vethlab_shared::session::{Outcome, Session};
use vethlab_shared::stack::NetworkStack;

/// How much an answer may print before it is stopped, in bytes.
const MOST_OUTPUT: usize = 4 << 20;
/// How often its programs may ask whether to go on: once for about each packet.
const MOST_TURNS: u32 = 50_000;

/// What an answer was stopped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It has more commands than an answer may have.
    TooManyCommands,
    /// It printed too much.
    TooMuchOutput,
    /// Its programs did too much: they would not end, or not soon.
    TooMuchWork,
    /// It took too long, on this machine.
    TooLong(Duration),
    /// Whoever runs it does not want to go on.
    Interrupted,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::TooManyCommands => write!(f, "it has more than {MOST_COMMANDS} commands"),
            Stopped::TooMuchOutput => write!(f, "its commands print more than {} MiB", MOST_OUTPUT >> 20),
            Stopped::TooMuchWork => f.write_str("its commands do not come to an end soon enough"),
            Stopped::TooLong(limit) => write!(f, "its commands take longer than {} seconds", limit.as_secs()),
            Stopped::Interrupted => f.write_str("it was interrupted"),
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// How many commands ran.
    pub commands: usize,
    /// How many of them ended with another status than 0.
    pub failed: usize,
    /// For each check that looks back, the first frame that it looks for.
    pub seen: Vec<Event>,
}

/// Prepares the exercise's network on a fresh stack and runs the commands on it, for so long at the most and until it
/// is to stop.
///
/// The limits that count work and output are the same on every machine; the one on time is there so that grading goes
/// on whatever else was forgotten.
///
/// # Errors
/// The setup fails, or a limit was reached.
pub fn run(
    exercise: &Exercise,
    commands: &[String],
    stack: &mut dyn NetworkStack,
    limit: Duration,
    stop: &AtomicBool,
) -> Result<Attempt, NoAttempt> {
    set_up(exercise.setup(), stack).map_err(NoAttempt::SetUp)?;
    let looking_back = || exercise.task.checks.iter().filter(|check| check.looks_back());
    stack.observe(looking_back().next().is_some());
    stack.take_events();
    if commands.len() > MOST_COMMANDS {
        return Err(NoAttempt::Stopped(Stopped::TooManyCommands));
    }
    let (mut attempt, mut session) = (Attempt::default(), Session::new());
    let mut console = Bounded::new(limit, stop);
    let mut next_event = 1;
    for command in commands {
        let outcome = session.execute(command, stack, &mut console);
        console.look_at_the_clock();
        if let Some(stopped) = console.stopped.get() {
            return Err(NoAttempt::Stopped(stopped));
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
    Ok(attempt)
}

/// A console that nobody reads, which stops what does too much.
struct Bounded<'a> {
    stop: &'a AtomicBool,
    stopped: Cell<Option<Stopped>>,
    turns: Cell<u32>,
    printed: usize,
    limit: Duration,
    deadline: Instant,
}

impl Bounded<'_> {
    fn new(limit: Duration, stop: &AtomicBool) -> Bounded<'_> {
        let (stopped, turns) = (Cell::new(None), Cell::new(0));
        Bounded { stop, stopped, turns, printed: 0, limit, deadline: Instant::now() + limit }
    }

    /// Whether time is over, or nobody wants it any more. Not every program asks whether to go on.
    fn look_at_the_clock(&self) {
        if self.stopped.get().is_none() && Instant::now() > self.deadline {
            self.stopped.set(Some(Stopped::TooLong(self.limit)));
        }
        if self.stopped.get().is_none() && self.stop.load(Ordering::Relaxed) {
            self.stopped.set(Some(Stopped::Interrupted));
        }
    }

    fn print(&mut self, text: &str) {
        self.printed += text.len();
        if self.printed > MOST_OUTPUT {
            self.stopped.set(Some(Stopped::TooMuchOutput));
        }
    }
}

impl Console for Bounded<'_> {
    fn out(&mut self, text: &str) {
        self.print(text);
    }

    fn err(&mut self, text: &str) {
        self.print(text);
    }

    fn interrupted(&self) -> bool {
        self.turns.set(self.turns.get() + 1);
        if self.stopped.get().is_none() && self.turns.get() > MOST_TURNS {
            self.stopped.set(Some(Stopped::TooMuchWork));
        }
        self.look_at_the_clock();
        self.stopped.get().is_some()
    }
}
