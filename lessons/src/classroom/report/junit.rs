//! `JUnit` XML: a suite for each answer, a test for each check.

use super::{NoReport, VERSION, words};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use vethlab_engine::classroom::{CheckResult, Outcome, Verdict};
use vethlab_engine::classroom::{Grade, Graded, Grades};
use vethlab_engine::text::printable_line;

pub(super) fn junit(grades: &Grades) -> Result<String, NoReport> {
    let mut report = Report::new(&grades.exercise);
    let names = words::who_exactly(grades);
    report.add_test_suites(grades.grades.iter().zip(&names).map(|(grade, name)| suite(grades, grade, name)));
    report.to_string().map_err(|error| NoReport::Unwritable(error.to_string()))
}

fn suite(grades: &Grades, grade: &Grade, name: &str) -> TestSuite {
    // GitLab knows a test by its class and its name, and passes over the second one of the same.
    let class = format!("{}.{name}", grades.exercise);
    let mut suite = TestSuite::new(xml(name));
    let mut add = |name: &str, value: &str| {
        suite.add_property(Property::new(name, xml(&printable_line(value))));
    };
    add("format", &VERSION.to_string());
    add("version", &grades.version.to_string());
    add("tool", &grades.tool);
    add("stack", grades.stack.name());
    add("points", &grade.points.to_string());
    add("maximum", &grades.maximum.to_string());
    add("status", grade.standing().name());
    add("file", &grade.file);
    for note in &grade.notes {
        add("note", note);
    }
    let verdict = grade.verdict();
    for (name, line) in
        [("hints", verdict.and_then(words::hints)), ("hidden", verdict.and_then(words::withheld))]
    {
        if let Some(line) = line {
            add(name, &line);
        }
    }
    match verdict {
        Some(Verdict { checks, .. }) => suite.add_test_cases(checks.iter().map(|check| test(&class, check))),
        None => suite.add_test_case(no_verdict(&class, grade)),
    };
    suite
}

fn test(class: &str, check: &CheckResult) -> TestCase {
    let text = words::reasons_as_text(check);
    let status = match check.outcome {
        Outcome::Passed | Outcome::Warned => TestCaseStatus::success(),
        Outcome::Waiting => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(xml(&text));
            status
        }
        Outcome::Failed => {
            let finding = check.finding.as_ref();
            let cause = finding.and_then(|finding| finding.cause);
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(xml(&words::in_short(check)))
                .set_type(cause.map_or("unmet", |cause| cause.name()))
                .set_description(xml(&text));
            status
        }
    };
    let name = format!("{}: {}", check.id, printable_line(&check.say));
    let mut case = TestCase::new(xml(&name), status);
    case.set_classname(xml(class));
    if check.outcome == Outcome::Warned {
        case.set_system_out(xml(&format!("warning: {}\n{text}", words::in_short(check))));
    }
    case
}

/// What stands for an answer that was not graded, or that is not there.
fn no_verdict(class: &str, grade: &Grade) -> TestCase {
    let kind = if grade.result == Graded::Missing { "missing" } else { "refused" };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(kind).set_message(xml(&printable_line(grade.problem().unwrap_or_default())));
    let mut case = TestCase::new("answer", status);
    case.set_classname(xml(class));
    case
}

/// Text that XML can hold (XML 1.0, section 2.2): what is left besides control characters are two that are none.
fn xml(text: &str) -> String {
    text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}
