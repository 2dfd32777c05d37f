//! Lessons: files -> data -> state -> check.
//!
//! A pack is a folder with a `pack.toml` and one Markdown file per lesson ([`Pack`]). A file becomes a
//! [`Lesson`]: what to prepare, and steps of prose, questions, commands and checks. A [`Play`] is a learner's
//! way through one. A [`Check`] looks at the state that was reached, never at the words that were typed.

mod case;
pub mod check;
mod data;
pub mod dialogue;
mod error;
mod exercise;
pub mod file_text;
mod learner;
mod listing;
pub mod markdown;
mod meaning;
pub mod outline;
pub mod pack;
mod parse;
mod plain;
mod play;
mod predict;
pub mod progress;
mod question;
mod reason;
mod section;
mod shown;
mod template;
mod trouble;
pub mod variables;
mod written;

pub use check::Check;
pub use error::LessonError;
pub use exercise::Exercise;
pub use learner::{Learner, Sight};
pub use listing::{ListedExercise, ListedLesson, Listing};
pub use pack::{Pack, is_word};
pub use play::{CommandFailed, Play, Rehearsal, rehearse, set_up};
pub use predict::{Answer, Predict};
pub use question::Query;
pub use shown::untrue_line;
pub use trouble::Trouble;

use crate::stacks::StackChoice;
use std::sync::Arc;

/// Which of the lessons that a file can be: the values that are drawn, and the blocks that only one stack has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edition {
    /// What variables are drawn from.
    pub seed: u64,
    /// The stack that it is for. For both at once it is the real one's: what only the simulator can do is left
    /// out.
    pub stack: StackChoice,
}

/// What a lesson was read from.
#[derive(Clone, Debug, PartialEq)]
struct Source {
    file: String,
    text: Arc<str>,
    varies: bool,
}

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
    /// Whether a step shows the commands to type; else it says what is to be done, and hints and the solution have the
    /// commands.
    pub shows_commands: bool,
    /// The commands that make the network that the lesson starts from.
    pub setup: Vec<String>,
    /// What is shown before the first step.
    pub opening: Vec<Block>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    edition: Edition,
    source: Source,
}

impl Lesson {
    /// Reads a lesson from the text of a file, which errors name.
    ///
    /// # Errors
    /// What is wrong with the text, where, and what to write instead.
    pub fn read(file: &str, text: &str) -> Result<Lesson, LessonError> {
        let mut lesson = parse::lesson(text, Edition::default()).map_err(|error| error.in_file(file))?;
        file.clone_into(&mut lesson.source.file);
        Ok(lesson)
    }

    /// The same lesson in another edition.
    ///
    /// # Errors
    /// Its file cannot be used in that one.
    pub fn in_edition(&self, edition: Edition) -> Result<Lesson, LessonError> {
        let mut lesson =
            parse::lesson(&self.source.text, edition).map_err(|error| error.in_file(&self.source.file))?;
        lesson.source.file.clone_from(&self.source.file);
        Ok(lesson)
    }

    /// Which edition this is.
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// The file that it was read from, from the folder of packs.
    pub fn file(&self) -> &str {
        &self.source.file
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// Whether something of it is drawn from a seed.
    pub fn varies(&self) -> bool {
        self.source.varies
    }

    /// The commands that make the machine that a step, counted from 0, is played on, and the steps between that
    /// machine and this step.
    pub fn way_to(&self, step: usize) -> (&[String], &[Step]) {
        let steps = &self.steps[..self.steps.len().min(step)];
        let own = |step: &Step| step.setup.is_some();
        match self.steps.get(step).and_then(|step| step.setup.as_deref()) {
            Some(setup) => (setup, &[]),
            None => match steps.iter().rposition(own) {
                Some(first) => (steps[first].setup.as_deref().unwrap_or_default(), &steps[first..]),
                None => (&self.setup, steps),
            },
        }
    }
}

/// One step of a lesson: a `## ` heading and what stands below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The heading.
    pub title: String,
    /// The commands that prepare a fresh machine for this step; `None` where it goes on from the step before.
    pub setup: Option<Vec<String>>,
    /// What the learner is shown, in order.
    pub blocks: Vec<Block>,
    /// What must be true before the next step.
    pub checks: Vec<Check>,
    /// Hints, opened one after another.
    pub hints: Vec<Hint>,
    /// Commands that make the checks true.
    pub solution: Vec<String>,
    /// Whether the simulator's time passes while the learner reads and types.
    pub time_passes: bool,
}

/// Something that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Markdown.
    pub text: String,
    /// How many points of an exercise it costs to open it.
    pub cost: u32,
    /// The line of the file that it begins in.
    pub line: usize,
}

/// A piece of a lesson that the learner is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Markdown text.
    Prose(String),
    /// Text to show as it is: a drawing, a table.
    Verbatim(String),
    /// What the step's commands print, or some lines of it, to show as it is.
    Output(String),
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
