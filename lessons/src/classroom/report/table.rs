//! What is printed to a terminal.

use super::words;
use vethlab_engine::classroom::{CheckResult, Outcome};
use vethlab_engine::classroom::{Grade, Grades, Standing};
use vethlab_engine::paint::Paint;
use vethlab_engine::text::printable_line;

/// The room between two columns.
const GAP: &str = "  ";

/// How much is told of each answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// One line.
    Short,
    /// Each check that does not hold too, with what was expected, what was found, and why.
    Full,
}

/// One line for each answer: student, points, what is unmet, notes; and one for all of them.
pub fn table(grades: &Grades, detail: Detail, paint: Paint) -> String {
    let names: Vec<String> = grades.grades.iter().map(words::who).collect();
    let points: Vec<String> =
        grades.grades.iter().map(|grade| format!("{}/{}", grade.points, grades.maximum)).collect();
    let widest = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let (name_width, points_width) = (widest(&names), widest(&points));
    let mut text = String::new();
    for (grade, (name, points)) in grades.grades.iter().zip(names.iter().zip(&points)) {
        let points = format!("{points:>points_width$}");
        let points = match grade.standing() {
            Standing::Full => paint.good(&points),
            _ => paint.strong(&points),
        };
        let mut cells = vec![format!("{name:name_width$}"), points];
        cells.extend(unmet(grade));
        if !grade.notes.is_empty() {
            cells.push(paint.dim(&format!("[{}]", printable_line(&grade.notes.join("; ")))));
        }
        text.push_str(&format!("{}\n", cells.join(GAP)));
        if detail == Detail::Full {
            text.push_str(&details(grade, paint));
        }
    }
    text.push_str(&format!("\n{}\n", words::summary_line(&grades.summary())));
    text
}

/// What is unmet in an answer, in a few words.
fn unmet(grade: &Grade) -> Option<String> {
    let Some(verdict) = grade.verdict() else {
        let problem = printable_line(grade.problem()?);
        return Some(match grade.standing() {
            Standing::Missing => problem,
            _ => format!("not graded: {problem}"),
        });
    };
    let Some(first) = words::first_failed(verdict) else { return words::hints(verdict) };
    let warning = if first.outcome == Outcome::Warned { "warning: " } else { "" };
    let failed = verdict.checks.iter().filter(|check| check.outcome == Outcome::Failed).count();
    let more = if failed > 1 { format!(", and {} more", failed - 1) } else { String::new() };
    let hints = words::hints(verdict).map_or_else(String::new, |hints| format!("; {hints}"));
    Some(format!("{warning}{}{more}{hints}", words::in_short(first)))
}

fn details(grade: &Grade, paint: Paint) -> String {
    let checks = grade.verdict().map(|verdict| &verdict.checks[..]).unwrap_or_default();
    checks.iter().filter(|check| check.outcome != Outcome::Passed).map(|check| one(check, paint)).collect()
}

fn one(check: &CheckResult, paint: Paint) -> String {
    let mark = match check.outcome {
        Outcome::Warned => "!",
        Outcome::Waiting => "…",
        Outcome::Passed | Outcome::Failed => "✗",
    };
    let hidden = if check.hidden { " (hidden)" } else { "" };
    let mut text = format!("    {mark} {}{hidden}\n", paint.strong(&printable_line(&check.say)));
    for (label, line) in words::reasons(check) {
        text.push_str(&match label {
            "" | "story" => format!("      {line}\n"),
            label => format!("      {label}: {line}\n"),
        });
    }
    text
}
