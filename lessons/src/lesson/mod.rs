//! Lessons: files -> data -> state -> check.
//!
//! A pack is a folder with a `pack.toml` and one Markdown file per lesson ([`Pack`]). A file becomes a
//! [`Lesson`]: what to prepare, and steps of prose, questions, commands and checks. A [`Play`] is a learner's
//! way through one. A [`Check`] looks at the state that was reached, never at the words that were typed.

pub mod check;
pub mod dialogue;
mod error;
mod learner;
mod markdown;
mod pack;
mod parse;
mod play;
mod predict;
pub mod progress;

pub use check::Check;
pub use error::LessonError;
pub use learner::Learner;
pub use pack::{Pack, packs};
pub use play::{CommandFailed, Play, Rehearsal, rehearse, set_up};
pub use predict::Predict;

use crate::stacks::StackChoice;

/// One lesson, as its file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// The word that starts it: `vethlab start <id>`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// The stacks that it can be played on.
    pub stacks: Vec<StackChoice>,
    /// The commands that make the network that the lesson starts from.
    pub setup: Vec<String>,
    /// What is shown before the first step.
    pub opening: Vec<Block>,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One step of a lesson: a `## ` heading and what stands below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The heading.
    pub title: String,
    /// What the learner is shown, in order.
    pub blocks: Vec<Block>,
    /// What must be true before the next step.
    pub checks: Vec<Check>,
    /// Hints, opened one after another.
    pub hints: Vec<String>,
    /// Commands that make the checks true.
    pub solution: Vec<String>,
}

/// A piece of a lesson that the learner is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Markdown text.
    Prose(String),
    /// Text to show as it is.
    Verbatim(String),
    /// Commands to try.
    Try(Vec<String>),
    /// A question to answer before looking.
    Predict(Predict),
}

impl Step {
    /// Whether the step asks a question.
    pub fn has_question(&self) -> bool {
        self.blocks.iter().any(|block| matches!(block, Block::Predict(_)))
    }

    /// What is shown when the step begins, to the last thing that it asks for, and what explains it afterwards.
    /// A step that wants nothing is shown at once.
    pub fn before_and_after(&self) -> (&[Block], &[Block]) {
        let asks = |block: &Block| matches!(block, Block::Try(_) | Block::Predict(_));
        let end = match self.blocks.iter().rposition(asks) {
            Some(last) if !self.checks.is_empty() => last + 1,
            _ => self.blocks.len(),
        };
        self.blocks.split_at(end)
    }
}
