//! Reports: the grades of a class, or of one student, as text for people and for other programs.
//!
//! Each format is a pure function. `REPORTS.md` describes what it writes.

mod csv;
mod gradescope;
mod json;
pub mod jsonl;
mod junit;
mod markdown;
mod table;
mod words;

pub use jsonl::Kept;
pub use table::{Detail, table};
pub use words::summary_line;

use std::fmt;
use std::str::FromStr;
use vethlab_engine::classroom::{Grade, Grades};

/// The version of every format: it is raised when something that was there means something else, or is gone.
const VERSION: u32 = 1;

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One document with all that is known.
    Json,
    /// One line for each answer, written as soon as it is graded.
    Jsonl,
    /// Comma-separated values, for spreadsheets and learning platforms.
    Csv,
    /// `JUnit` XML, for what shows test results.
    Junit,
    /// What Gradescope takes from an autograder, for one answer.
    Gradescope,
    /// A table for people, or one student's feedback.
    Markdown,
}

/// Whom a report is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader<'a> {
    /// The teacher: all answers, and all that is known.
    Teacher,
    /// The student whose grade it is: nothing of hidden checks but what they gave.
    Student(&'a Grade),
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoReport {
    /// The format holds one answer, and there are more or fewer.
    OneAnswer,
    /// The library that writes the format does not.
    Unwritable(String),
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 6] =
        [Format::Json, Format::Jsonl, Format::Csv, Format::Junit, Format::Gradescope, Format::Markdown];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Junit => "junit",
            Format::Gradescope => "gradescope",
            Format::Markdown => "markdown",
        }
    }

    /// How the names of its files end.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Json | Format::Gradescope => "json",
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Junit => "xml",
            Format::Markdown => "md",
        }
    }

    /// Writes a report.
    ///
    /// # Errors
    /// The format cannot hold it.
    pub fn write(self, grades: &Grades, reader: Reader<'_>) -> Result<String, NoReport> {
        let (one, for_student) = match reader {
            Reader::Teacher => (None, None),
            Reader::Student(grade) => (Some(grade), Some(grades.for_student(grade))),
        };
        let shown = for_student.as_ref().unwrap_or(grades);
        match self {
            Format::Json => json::json(shown, reader),
            Format::Jsonl => jsonl::jsonl(shown, reader),
            Format::Csv => csv::csv(shown, reader),
            Format::Junit => junit::junit(shown),
            // Gradescope itself keeps from the student what is marked as hidden.
            Format::Gradescope => match one.or(only(&grades.grades)) {
                Some(grade) => gradescope::gradescope(grades, grade),
                None => Err(NoReport::OneAnswer),
            },
            Format::Markdown => Ok(match shown.grades.first() {
                Some(grade) if one.is_some() => markdown::feedback(shown, grade),
                _ => markdown::all(shown),
            }),
        }
    }
}

fn only(grades: &[Grade]) -> Option<&Grade> {
    match grades {
        [grade] => Some(grade),
        _ => None,
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Format, String> {
        Format::ALL.into_iter().find(|format| format.name() == word).ok_or_else(|| {
            let names = Format::ALL.map(Format::name).join(", ");
            format!("there is no format '{word}'; there are: {names}")
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoReport::OneAnswer => f.write_str(
                "a report for Gradescope is of one answer: name a folder for many, as in \
                 '--report gradescope=results/'",
            ),
            NoReport::Unwritable(problem) => write!(f, "the report cannot be written: {problem}"),
        }
    }
}

impl std::error::Error for NoReport {}
