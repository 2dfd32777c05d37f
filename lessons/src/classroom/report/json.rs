//! One JSON document with all that is known.

use super::{NoReport, Reader, VERSION};
use serde::Serialize;
use vethlab_engine::classroom::{CheckHead, Grade, Grades, Summary};
use vethlab_engine::classroom::{CheckResult, StudentId, Withheld};
use vethlab_engine::stacks::StackChoice;

/// What stands in the document. It is described in `REPORTS.md`, and so does not follow whatever changes within.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    about: About<'a>,
    grades: Vec<Row<'a>>,
    /// Of a class only.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
}

/// What is told of the exercise, and for whom.
#[derive(Serialize)]
pub(super) struct About<'a> {
    format: u32,
    reader: &'static str,
    exercise: &'a str,
    title: &'a str,
    version: u32,
    tool: &'a str,
    stack: StackChoice,
    maximum: u32,
    checks: &'a [CheckHead],
}

impl About<'_> {
    pub(super) fn of<'a>(class: &'a Grades, reader: Reader<'_>) -> About<'a> {
        let Grades { exercise, title, version, tool, stack, maximum, checks, .. } = class;
        let reader = if reader == Reader::Teacher { "teacher" } else { "student" };
        let (version, stack, maximum) = (*version, *stack, *maximum);
        About { format: VERSION, reader, exercise, title, version, tool, stack, maximum, checks }
    }
}

/// What is told of a grade.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    student: Option<&'a StudentId>,
    file: &'a str,
    status: &'static str,
    points: u32,
    hints: usize,
    hint_cost: u32,
    /// Why it was not graded, where it was not.
    problem: Option<&'a str>,
    commands: usize,
    failed_commands: usize,
    notes: &'a [String],
    checks: &'a [CheckResult],
    /// What hidden checks gave: for students, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<Withheld>,
}

pub(super) fn json(grades: &Grades, reader: Reader<'_>) -> Result<String, NoReport> {
    let document = Document {
        about: About::of(grades, reader),
        grades: grades.grades.iter().map(row).collect(),
        summary: (reader == Reader::Teacher).then(|| grades.summary()),
    };
    let text = serde_json::to_string_pretty(&document);
    text.map(|text| text + "\n").map_err(|error| NoReport::Unwritable(error.to_string()))
}

pub(super) fn row(grade: &Grade) -> Row<'_> {
    let verdict = grade.verdict();
    Row {
        student: grade.student.as_ref(),
        file: &grade.file,
        status: grade.standing().name(),
        points: grade.points,
        hints: verdict.map_or(0, |verdict| verdict.hints),
        hint_cost: verdict.map_or(0, |verdict| verdict.cost),
        problem: grade.problem(),
        commands: grade.commands,
        failed_commands: grade.failed_commands,
        notes: &grade.notes,
        checks: verdict.map(|verdict| &verdict.checks[..]).unwrap_or_default(),
        hidden: verdict.and_then(|verdict| verdict.withheld),
    }
}
