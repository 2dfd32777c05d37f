//! JSON lines: a head, one line for each answer as soon as it is graded, and the summary at the end. A run that was ended
//! in between goes on behind the last whole line.

use super::json::{About, Row, row};
use super::{NoReport, Reader};
use serde::{Deserialize, Serialize};
use vethlab_engine::classroom::{Grade, Grades, Outcome, Standing, Summary};
use vethlab_shared::budget::Limits;

/// What the first line calls the report.
const NAME: &str = "vethlab-grades";

/// The first line. It is described in `REPORTS.md`.
#[derive(Serialize)]
struct Head<'a> {
    report: &'static str,
    #[serde(flatten)]
    about: About<'a>,
    /// What the grades depend on besides; of a report that is written while answers are graded.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<Basis<'a>>,
}

/// What grades depend on: a report is resumed only where it was begun with the same.
#[derive(Serialize)]
struct Basis<'a> {
    /// The digest of the exercise's text.
    sha256: &'a str,
    max_work: u64,
    max_seconds: u64,
    max_bytes: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    /// The digest of the answer.
    sha256: &'a str,
    #[serde(flatten)]
    row: Row<'a>,
}

#[derive(Serialize)]
struct Last<'a> {
    summary: &'a Summary,
}

/// A whole report.
pub(super) fn jsonl(grades: &Grades, reader: Reader<'_>) -> Result<String, NoReport> {
    let mut text = text(&Head { report: NAME, about: About::of(grades, reader), basis: None })?;
    for grade in &grades.grades {
        text += &line(grade)?;
    }
    if reader == Reader::Teacher {
        text += &last(&grades.summary())?;
    }
    Ok(text)
}

/// The line that a report begins with which is written while answers are graded: those of an exercise with a text of this
/// digest, within these limits.
///
/// # Errors
/// It cannot be written as JSON.
pub fn head(class: &Grades, digest: &str, limits: Limits) -> Result<String, NoReport> {
    let (max_work, max_seconds) = (limits.work, limits.time.as_secs());
    let basis = Basis { sha256: digest, max_work, max_seconds, max_bytes: limits.memory };
    text(&Head { report: NAME, about: About::of(class, Reader::Teacher), basis: Some(basis) })
}

/// The line of one grade.
///
/// # Errors
/// It cannot be written as JSON.
pub fn line(grade: &Grade) -> Result<String, NoReport> {
    text(&Line { sha256: &grade.digest, row: row(grade) })
}

/// The line at the end.
///
/// # Errors
/// It cannot be written as JSON.
pub fn last(summary: &Summary) -> Result<String, NoReport> {
    text(&Last { summary })
}

fn text(value: &impl Serialize) -> Result<String, NoReport> {
    let text = serde_json::to_string(value);
    text.map(|text| text + "\n").map_err(|error| NoReport::Unwritable(error.to_string()))
}

/// What is taken from a line that was written before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The file of the answer.
    pub file: String,
    /// The digest of what it held.
    pub digest: String,
    /// How it stands.
    pub standing: Standing,
    /// What became of each check.
    pub outcomes: Vec<Outcome>,
    /// The notes.
    pub notes: Vec<String>,
}

impl Kept {
    /// Reads a line of a grade; `None` where it is something else.
    pub fn read(line: &[u8]) -> Option<Kept> {
        #[derive(Deserialize)]
        struct Line {
            sha256: String,
            file: String,
            status: String,
            checks: Vec<Check>,
            notes: Vec<String>,
        }
        #[derive(Deserialize)]
        struct Check {
            outcome: Outcome,
        }
        let line: Line = serde_json::from_slice(line).ok()?;
        let standing = Standing::ALL.into_iter().find(|standing| standing.name() == line.status)?;
        let outcomes = line.checks.into_iter().map(|check| check.outcome).collect();
        Some(Kept { file: line.file, digest: line.sha256, standing, outcomes, notes: line.notes })
    }
}
