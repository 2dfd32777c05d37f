//! `results.json` as Gradescope takes it from an autograder: one answer.
//!
//! Its form is that of Gradescope's "Autograder Specifications"
//! (<https://gradescope-autograders.readthedocs.io/en/latest/specs/>). By that page a student sees no total score while
//! a test is hidden from them. So no test is `hidden`, which is for ever.

use super::{NoReport, VERSION, words};
use serde::Serialize;
use vethlab_engine::classroom::{CheckResult, Outcome, StudentId};
use vethlab_engine::classroom::{Grade, Grades};
use vethlab_engine::text::printable_line;

#[derive(Serialize)]
struct Results<'a> {
    score: u32,
    output: String,
    output_format: &'static str,
    tests: Vec<Test<'a>>,
    extra_data: Extra<'a>,
}

#[derive(Serialize)]
struct Test<'a> {
    name: String,
    score: u32,
    max_score: u32,
    status: &'static str,
    output: String,
    output_format: &'static str,
    visibility: &'static str,
    tags: [&'a str; 1],
}

/// What Gradescope keeps and does not show.
#[derive(Serialize)]
struct Extra<'a> {
    format: u32,
    exercise: &'a str,
    version: u32,
    tool: &'a str,
    stack: &'a str,
    student: Option<&'a str>,
    maximum: u32,
    status: &'static str,
    /// For the teacher.
    notes: &'a [String],
}

pub(super) fn gradescope(grades: &Grades, grade: &Grade) -> Result<String, NoReport> {
    let mut output = vec![format!("{} of {}", grade.points, words::points(grades.maximum))];
    output.extend(grade.problem().map(printable_line));
    output.extend(grade.verdict().and_then(words::hints));
    let checks = grade.verdict().map(|verdict| &verdict.checks[..]).unwrap_or_default();
    let results = Results {
        score: grade.points,
        output: output.join("\n"),
        output_format: "text",
        tests: checks.iter().map(test).collect(),
        extra_data: Extra {
            format: VERSION,
            exercise: &grades.exercise,
            version: grades.version,
            tool: &grades.tool,
            stack: grades.stack.name(),
            student: grade.student.as_ref().map(StudentId::as_str),
            maximum: grades.maximum,
            status: grade.standing().name(),
            notes: &grade.notes,
        },
    };
    let text = serde_json::to_string_pretty(&results);
    text.map(|text| text + "\n").map_err(|error| NoReport::Unwritable(error.to_string()))
}

fn test(check: &CheckResult) -> Test<'_> {
    Test {
        name: printable_line(&check.say),
        score: check.points,
        max_score: check.worth,
        status: if check.outcome == Outcome::Passed { "passed" } else { "failed" },
        output: words::reasons_as_text(check),
        output_format: "text",
        visibility: if check.hidden { "after_published" } else { "visible" },
        tags: [&check.id],
    }
}
