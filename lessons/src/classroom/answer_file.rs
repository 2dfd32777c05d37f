//! Where a student's work is kept between sittings: one answer file for each exercise and student.

use crate::output::{read_file, reason, shown, write_file};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use vethlab_engine::classroom::dialogue::Keeper;
use vethlab_engine::classroom::{Answer, Head, MOST_BYTES, StudentId};

/// The folder of answers within that of a learner's data.
const ANSWERS: &str = "answers";

/// The file that a student's work on an exercise is kept in, within the folder of a learner's data.
pub fn place(data: &Path, exercise: &str, student: &StudentId) -> PathBuf {
    // The parts of an exercise's name are words, and so is the student's id.
    let folder = exercise.split('/').fold(data.join(ANSWERS), |folder, part| folder.join(part));
    folder.join(format!("{student}.answer"))
}

/// The name of the file that a student hands in.
pub fn file_name(exercise: &str, student: &StudentId) -> String {
    let word = exercise.rsplit('/').next().unwrap_or(exercise);
    format!("{word}.{student}.answer")
}

/// Reads an answer that was kept; `None` where there is none.
///
/// # Errors
/// There is a file, and it cannot be read or is no answer: in one line that names it.
pub fn load(path: &Path) -> Result<Option<Answer>, String> {
    let bytes = match read_file(path, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read '{}': {}", shown(path), reason(&error))),
    };
    let answer = Answer::parse(&bytes);
    answer.map(Some).map_err(|error| format!("'{}' is no answer: {error}", shown(path)))
}

/// Writes an answer: the old file stays whole until the new one is. What could not be read again is not written.
///
/// # Errors
/// It cannot be written, in one line that says why.
pub fn save(path: &Path, answer: &Answer) -> Result<(), String> {
    let text = answer.to_string();
    Answer::parse(text.as_bytes()).map_err(|error| format!("this is no answer any more: {error}"))?;
    write_file(path, text.as_bytes()).map_err(|error| cannot_write(path, &error))
}

/// Keeps a student's work in a file, where there is one.
#[derive(Debug, Default)]
pub struct InFile(pub Option<PathBuf>);

impl Keeper for InFile {
    fn keep(&mut self, answer: &Answer) -> Result<(), String> {
        self.0.as_ref().map_or(Ok(()), |file| save(file, answer))
    }

    fn hand_in(&mut self, name: Option<&str>, answer: &Answer) -> Result<String, String> {
        let head = answer.head.as_ref();
        let usual = head.and_then(|head| Some(file_name(&head.exercise, head.student.as_ref()?)));
        let file = name.map(str::to_owned).or(usual).unwrap_or_default();
        let path = Path::new(&file);
        head.map_or(Ok(()), |head| may_replace(path, head))?;
        save(path, answer)?;
        Ok(shown(path))
    }
}

/// Makes the folder that a student's work is kept in.
///
/// # Errors
/// It cannot be made, in one line that says why.
pub fn make_place(path: &Path) -> Result<(), String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), fs::create_dir_all).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write '{}': {}", shown(path), reason(error))
}

/// Whether a file may be overwritten by an answer: there is none, or it is an answer of the same student to the same
/// exercise.
///
/// # Errors
/// Why not, in one line.
pub fn may_replace(path: &Path, head: &Head) -> Result<(), String> {
    let other = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        _ => load(path),
    };
    let same = |other: &Head| other.exercise == head.exercise && other.student == head.student;
    match other {
        Ok(Some(Answer { head: Some(other), .. })) if same(&other) => Ok(()),
        _ => Err(format!(
            "'{}' is there already, and is no answer of yours to this exercise: name another file",
            shown(path)
        )),
    }
}
