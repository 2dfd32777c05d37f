//! A learner's way through a lesson.

use super::check::{self, Check};
use super::{Learner, Lesson, Step};
use crate::compare::Entry;
use crate::script;
use std::fmt;
use vethlab_shared::session::{Outcome, Session};
use vethlab_shared::stack::NetworkStack;

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

/// Prepares the network that a lesson starts from.
///
/// # Errors
/// The first command that did not end with status 0.
pub fn set_up(lesson: &Lesson, stack: &mut dyn NetworkStack) -> Result<(), CommandFailed> {
    match script::play(&lesson.setup, stack).into_iter().find(|entry| entry.status != 0) {
        Some(entry) => Err(CommandFailed(entry)),
        None => Ok(()),
    }
}

/// Where a learner is in a lesson, and what was done in the present step.
#[derive(Clone, Debug)]
pub struct Play<'a> {
    lesson: &'a Lesson,
    step: usize,
    learner: Learner,
}

impl<'a> Play<'a> {
    /// At the first step.
    pub fn new(lesson: &'a Lesson) -> Play<'a> {
        Play { lesson, step: 0, learner: Learner::new() }
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

    /// Goes on to the next step.
    pub fn advance(&mut self) {
        self.step += 1;
        self.learner = Learner::new();
    }

    /// Goes to the step before, where there is one.
    pub fn back(&mut self) {
        self.step = self.step.saturating_sub(1);
        self.learner = Learner::new();
    }

    /// The checks of the present step that are not met.
    pub fn unmet(&self, stack: &mut dyn NetworkStack) -> Vec<&'a Check> {
        self.step().map_or_else(Vec::new, |step| check::unmet(&step.checks, stack, &self.learner))
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
    /// What the solution's commands did.
    pub entries: Vec<Entry>,
    /// Checks that were not met behind it.
    pub unmet_after: Vec<String>,
}

/// Plays a lesson's solutions on a fresh stack, and looks at the checks of each step before and after.
///
/// # Errors
/// The setup fails.
pub fn rehearse(lesson: &Lesson, stack: &mut dyn NetworkStack) -> Result<Vec<Rehearsal>, CommandFailed> {
    set_up(lesson, stack)?;
    let mut session = Session::new();
    let mut play = Play::new(lesson);
    let mut rehearsals = Vec::new();
    while let Some(step) = play.step() {
        let say = |checks: Vec<&Check>| checks.iter().map(|check| check.say.clone()).collect();
        let unmet_before = say(play.unmet(stack));
        if step.has_question() {
            play.learner().answer();
        }
        let mut entries = Vec::new();
        for command in &step.solution {
            let namespace = session.namespace().clone();
            let (outcome, entry) = script::record(command, &mut session, stack);
            if let Outcome::Ran(status) | Outcome::Exit(status) = outcome {
                play.learner().typed(&namespace, command, status);
            }
            entries.extend(entry);
        }
        let unmet_after = say(play.unmet(stack));
        let (step, checks) = (step.title.clone(), step.checks.len());
        rehearsals.push(Rehearsal { step, checks, unmet_before, entries, unmet_after });
        play.advance();
    }
    Ok(rehearsals)
}
