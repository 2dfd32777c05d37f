//! Answers on the disk.

use crate::classroom::StudentId;
use crate::classroom::answer::MOST_BYTES;
use crate::output::reason;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Endings of the files that are taken for answers, within a folder.
const ENDINGS: [&str; 3] = ["answer", "sh", "txt"];
/// Names of files that say nothing of the student; the folder's name does.
const NAMELESS: [&str; 6] = ["answer", "answers", "commands", "script", "solution", "submission"];
/// How deep folders are searched.
const DEEPEST: usize = 16;
/// How many answers there may be.
const MOST_ANSWERS: usize = 100_000;

/// A file that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The file, as it was found.
    pub file: String,
    /// What it holds, or why it cannot be read.
    pub bytes: Result<Vec<u8>, String>,
    /// Whose it is, as far as its name tells.
    pub student: Option<StudentId>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// The answers.
    pub submissions: Vec<Submission>,
    /// How many other files there were in the folders.
    pub left_aside: usize,
}

/// Why answers cannot be collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCollected(String);

impl fmt::Display for NotCollected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotCollected {}

/// Collects answers to an exercise, known by its word: the files that are named, and those in the folders that are.
/// Links within folders are not followed, and hidden files left aside.
///
/// # Errors
/// There is no such file or folder, or there are too many.
pub fn collect(paths: &[PathBuf], exercise: &str) -> Result<Collected, NotCollected> {
    let mut files = BTreeSet::new();
    let mut collected = Collected::default();
    for path in paths {
        let cannot =
            |error: &io::Error| NotCollected(format!("cannot read '{}': {}", path.display(), reason(error)));
        match fs::metadata(path).map_err(|error| cannot(&error))?.is_dir() {
            true => search(path, 0, &mut files, &mut collected.left_aside).map_err(|error| cannot(&error))?,
            false => {
                files.insert(path.clone());
            }
        }
        if files.len() > MOST_ANSWERS {
            return Err(NotCollected(format!("there are more than {MOST_ANSWERS} answers")));
        }
    }
    let submission = |path: PathBuf| Submission {
        bytes: read(&path).map_err(|error| format!("it cannot be read: {}", reason(&error))),
        student: student(&path, exercise),
        file: path.display().to_string(),
    };
    collected.submissions = files.into_iter().map(submission).collect();
    Ok(collected)
}

/// The files below a folder that can be answers.
fn search(folder: &Path, depth: usize, files: &mut BTreeSet<PathBuf>, others: &mut usize) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_answer = path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
        match (hidden, kind.is_dir(), kind.is_file()) {
            (true, ..) => {}
            (false, true, _) if depth < DEEPEST && files.len() <= MOST_ANSWERS => {
                search(&path, depth + 1, files, others)?;
            }
            (false, false, true) if is_answer => {
                files.insert(path);
            }
            _ => *others += 1,
        }
    }
    Ok(())
}

/// A file's bytes, of one that is too large as many as show that it is.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The student whom a file's name, or its folder's, names.
fn student(path: &Path, exercise: &str) -> Option<StudentId> {
    let stem = path.file_stem()?.to_str()?;
    let own = stem.strip_prefix(exercise).and_then(|rest| rest.strip_prefix('.')).unwrap_or(stem);
    let name = match NAMELESS.contains(&own) || own == exercise {
        true => path.parent()?.file_name()?.to_str()?,
        false => own,
    };
    name.parse().ok()
}

/// The students of a class: the first column of a file of comma-separated values, or one id a line. A first line that
/// names the column is left aside.
///
/// # Errors
/// The file cannot be read, or has something else than ids.
pub fn roster(path: &Path) -> Result<Vec<StudentId>, NotCollected> {
    let name = path.display();
    let file = File::open(path);
    let file = file.map_err(|error| NotCollected(format!("cannot read '{name}': {}", reason(&error))))?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).comment(Some(b'#')).from_reader(file);
    let mut students = Vec::new();
    for (number, record) in (1..).zip(reader.records()) {
        let record = record.map_err(|error| NotCollected(format!("'{name}': {error}")))?;
        let word = record.get(0).unwrap_or_default().trim();
        if word.is_empty() || (number == 1 && matches!(word, "student" | "identifier" | "id" | "username")) {
            continue;
        }
        let id = word.parse().map_err(|error| NotCollected(format!("'{name}', row {number}: {error}")))?;
        students.push(id);
    }
    Ok(students)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_its_folder_names_the_student() {
        let named = |path: &str| student(Path::new(path), "router").map(|student| student.to_string());
        assert_eq!(named("answers/ann.answer").as_deref(), Some("ann"));
        assert_eq!(named("answers/router.ann.answer").as_deref(), Some("ann"));
        assert_eq!(named("ann/router.answer").as_deref(), Some("ann"));
        assert_eq!(named("ann/answer.txt").as_deref(), Some("ann"));
        assert_eq!(named("answers/ann smith.txt"), None);
        assert_eq!(named("answer.txt"), None);
    }
}
