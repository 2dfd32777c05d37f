//! A copy of a whole pack for students.

use super::hand_out::hand_out;
use crate::folder::{Item, Links, items};
use std::collections::BTreeSet;
use std::path::Path;
use vethlab_engine::lesson::pack::PACK_FILE;
use vethlab_engine::lesson::{Exercise, Lesson, LessonError};

/// What a copy of a pack consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copy {
    /// Its files, each with its text.
    pub files: Vec<(String, String)>,
    /// The exercises, in the order of the pack.
    pub exercises: Vec<Copied>,
    /// The files of the folder that are not in it.
    pub left_out: Vec<String>,
}

/// An exercise of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its file.
    pub file: String,
    /// How many hidden checks it does not have.
    pub hidden: usize,
}

/// Makes a copy of a pack for students.
///
/// What the pack does not list and its texts do not link to stays behind: it can be a teacher's own.
///
/// # Errors
/// The pack cannot be used, or an exercise cannot be copied: which, where, and what to do about it.
pub fn hand_out_pack(folder: &Path) -> Result<Copy, LessonError> {
    let pack = crate::packs::read(folder)?;
    let within = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let mut copy = Copy::default();
    for exercise in &pack.exercises {
        let (file, handed) = (within(exercise.file()), hand_out(exercise)?);
        copy.exercises.push(Copied { file: file.clone(), hidden: handed.hidden });
        copy.files.push((file, handed.text));
    }
    let lessons: BTreeSet<String> = pack.lessons.iter().map(|lesson| within(lesson.file())).collect();
    let exercises: BTreeSet<String> = copy.exercises.iter().map(|exercise| exercise.file.clone()).collect();
    let links =
        Links::of(pack.lessons.iter().map(Lesson::text).chain(pack.exercises.iter().map(Exercise::text)));
    for (name, item) in items(folder)? {
        let is_exercise = exercises.contains(&name);
        let is_wanted = name == PACK_FILE || lessons.contains(&name) || links.lead_to(&name);
        match item {
            Item::Text(text) if is_wanted && !is_exercise => copy.files.push((name, text)),
            _ if !is_exercise => copy.left_out.push(name),
            _ => {}
        }
    }
    Ok(copy)
}
