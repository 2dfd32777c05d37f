//! Answers on the disk.

use crate::output::{read_file, reason, shown};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use vethlab_engine::classroom::{Head, MOST_BYTES, StudentId, Submission};

/// Endings of the files that are taken for answers, within a folder.
const ENDINGS: [&str; 3] = ["answer", "sh", "txt"];
/// Names of files that say nothing of the student; the folder's name does.
const NAMELESS: [&str; 6] = ["answer", "answers", "commands", "script", "solution", "submission"];
/// How deep folders are searched.
const DEEPEST: usize = 16;
/// How many answers there may be.
const MOST_ANSWERS: usize = 100_000;
/// How large they may be together, in bytes.
const MOST_BYTES_IN_ALL: usize = 1 << 30;

/// An answer that was found. What it holds is read when it is graded: a class may be large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file, as it is told.
    pub file: String,
    /// Whose it is, as far as its name tells.
    pub student: Option<StudentId>,
    /// Whose it counts as, where that can be found out.
    pub counts_as: Option<StudentId>,
    /// The digest of the file, as [`Submission::digest`] gives it.
    pub digest: String,
    path: PathBuf,
    /// Why it is a folder that nobody can look into.
    closed: Option<String>,
}

impl Found {
    fn new(path: PathBuf, closed: Option<String>, exercise: &str) -> Found {
        let (file, student) = (path.display().to_string(), student(&path, exercise));
        Found { file, student, counts_as: None, digest: String::new(), path, closed }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it.
    pub fn read(&self) -> Submission {
        let bytes = match &self.closed {
            Some(problem) => Err(problem.clone()),
            None => read_file(&self.path, MOST_BYTES).map_err(|error| unread(&error)),
        };
        Submission { file: self.file.clone(), bytes, student: self.student.clone() }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// The answers, in the order of their places on the disk.
    pub answers: Vec<Found>,
    /// Files of the folders that answer another exercise.
    pub to_others: Vec<String>,
    /// Files of the folders that are no answers, and links.
    pub left_aside: Vec<String>,
}

/// A file that may be an answer.
struct Candidate {
    /// As it was found; by several ways the first of them in order.
    path: PathBuf,
    /// Whether it was named, and not found in a folder.
    named: bool,
    /// Why it is a folder that nobody can look into: what is in it counts as one answer that cannot be read.
    closed: Option<String>,
}

/// The files that may be answers, by where they really are: one that is named twice is one.
#[derive(Default)]
struct Candidates {
    files: BTreeMap<PathBuf, Candidate>,
    left_aside: Vec<String>,
}

/// Why answers cannot be collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCollected(pub(super) String);

impl fmt::Display for NotCollected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotCollected {}

/// Collects answers to an exercise, known by pack and word: the files that are named, and those in the folders that are.
/// Links within folders are not followed, and hidden files left aside, and so is what answers another exercise. A folder
/// within them that cannot be read counts as one answer that cannot be.
///
/// # Errors
/// There is no such file or folder, or there are too many.
pub fn collect(paths: &[PathBuf], exercise: &str) -> Result<Collected, NotCollected> {
    let mut candidates = Candidates::default();
    for path in paths {
        match fs::metadata(path).map_err(|error| cannot_read(path, &error))?.is_dir() {
            true => candidates.search(path, 0).map_err(|error| cannot_read(path, &error))?,
            false => candidates.add(path.clone(), true, None),
        }
        if candidates.files.len() > MOST_ANSWERS {
            return Err(NotCollected(format!("there are more than {MOST_ANSWERS} answers")));
        }
    }
    candidates.left_aside.sort();
    let mut collected = Collected { left_aside: candidates.left_aside, ..Collected::default() };
    let word = exercise.rsplit('/').next().unwrap_or(exercise);
    let mut total = 0;
    for Candidate { path, named, closed } in candidates.files.into_values() {
        let mut found = Found::new(path, closed, word);
        let submission = found.read();
        let head = submission.bytes.as_ref().ok().and_then(|bytes| Head::of(bytes));
        if !named && head.is_some_and(|head| head.exercise != exercise) {
            collected.to_others.push(shown(&found.path));
            continue;
        }
        total += submission.bytes.as_ref().map_or(0, Vec::len);
        if total > MOST_BYTES_IN_ALL {
            return Err(NotCollected(format!("the answers are larger than {} MiB", MOST_BYTES_IN_ALL >> 20)));
        }
        (found.counts_as, found.digest) = (submission.counts_as(), submission.digest());
        collected.answers.push(found);
    }
    Ok(collected)
}

/// Why an answer is none, in words that begin with "it".
fn unread(error: &io::Error) -> String {
    format!("it cannot be read: {}", reason(error))
}

pub(super) fn cannot_read(path: &Path, error: &io::Error) -> NotCollected {
    NotCollected(format!("cannot read '{}': {}", shown(path), reason(error)))
}

impl Candidates {
    /// Takes in a file.
    fn add(&mut self, path: PathBuf, named: bool, closed: Option<String>) {
        let place = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        let known =
            self.files.entry(place).or_insert_with(|| Candidate { path: path.clone(), named, closed });
        known.named |= named;
        if path < known.path {
            known.path = path;
        }
    }

    /// Takes in the files below a folder that can be answers.
    fn search(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let is_answer =
                path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
            match (hidden, kind.is_dir(), kind.is_file()) {
                (true, ..) => {}
                (false, true, _) if depth < DEEPEST && self.files.len() <= MOST_ANSWERS => {
                    if let Err(error) = self.search(&path, depth + 1) {
                        self.add(path, false, Some(unread(&error)));
                    }
                }
                (false, false, true) if is_answer => self.add(path, false, None),
                _ => self.left_aside.push(shown(&path)),
            }
        }
        Ok(())
    }
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
