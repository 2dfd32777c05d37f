//! What a learner has done so far. Where it is kept is for others.

use crate::text::printable_line;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The format of progress files.
const FORMAT: u32 = 1;

/// Which lessons a learner has done, by pack and lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    format: u32,
    lessons: BTreeMap<String, LessonProgress>,
}

/// How far a learner came in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonProgress {
    /// The most steps that were done in one go.
    pub steps: usize,
    /// Whether it was played to its end once.
    pub done: bool,
    /// Where the learner left it, where that was not at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
}

/// Where a learner left a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// The number of the step, from 1.
    pub step: usize,
    /// The numbers of the steps that were done by then.
    #[serde(default)]
    pub done: BTreeSet<usize>,
    /// How many questions of that step were answered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub answers: usize,
}

impl Default for Progress {
    fn default() -> Progress {
        Progress { format: FORMAT, lessons: BTreeMap::new() }
    }
}

impl Progress {
    /// Reads what [`Progress::to_json`] wrote.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(bytes: &[u8]) -> Result<Progress, String> {
        match serde_json::from_slice::<Progress>(bytes) {
            Ok(progress) if progress.format == FORMAT => Ok(progress),
            Ok(_) => Err("another version of vethlab wrote it".to_owned()),
            // It may quote what stands there.
            Err(error) => Err(printable_line(&error.to_string())),
        }
    }

    /// The same as text, to be kept.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// How far the learner came in a lesson.
    pub fn of(&self, pack: &str, lesson: &str) -> LessonProgress {
        self.lessons.get(&key(pack, lesson)).cloned().unwrap_or_default()
    }

    /// Notes that so many steps of a lesson were done, and whether that was its end. Never takes anything back.
    pub fn reached(&mut self, pack: &str, lesson: &str, steps: usize, done: bool) {
        let entry = self.lessons.entry(key(pack, lesson)).or_default();
        entry.steps = entry.steps.max(steps);
        entry.done |= done;
    }

    /// Notes where the learner left a lesson; `None` at its end.
    pub fn left(&mut self, pack: &str, lesson: &str, left: Option<Left>) {
        self.lessons.entry(key(pack, lesson)).or_default().left = left;
    }
}

// serde wants a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn key(pack: &str, lesson: &str) -> String {
    format!("{pack}/{lesson}")
}
