//! `results.json` as Gradescope takes it from an autograder: one answer.

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
}

/// What Gradescope keeps and does not look at.
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
}

pub(super) fn gradescope(grades: &Grades, grade: &Grade) -> Result<String, NoReport> {
    let mut output = vec![format!("{} of {}", grade.points, words::points(grades.maximum))];
    output.extend(grade.problem().map(printable_line));
    output.extend(grade.verdict().and_then(words::hints));
    let checks = grade.verdict().map(|verdict| &verdict.checks[..]).unwrap_or_default();
    let notes = (!grade.notes.is_empty()).then(|| Test {
        name: "notes for the teacher".to_owned(),
        score: 0,
        max_score: 0,
        status: "passed",
        output: printable_line(&grade.notes.join("; ")),
        output_format: "text",
        visibility: "hidden",
        tags: Vec::new(),
    });
    let results = Results {
        score: grade.points,
        output: output.join("\n"),
        output_format: "text",
        tests: checks.iter().map(test).chain(notes).collect(),
        extra_data: Extra {
            format: VERSION,
            exercise: &grades.exercise,
            version: grades.version,
            tool: &grades.tool,
            stack: grades.stack.name(),
            student: grade.student.as_ref().map(StudentId::as_str),
            maximum: grades.maximum,
            status: grade.standing().name(),
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
        visibility: if check.hidden { "hidden" } else { "visible" },
        tags: vec![&check.id],
    }
}
