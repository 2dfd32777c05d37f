//! Markdown: a table of a class, or one student's feedback.

use super::words;
use vethlab_engine::classroom::{CheckResult, Outcome};
use vethlab_engine::classroom::{Grade, Grades};
use vethlab_engine::text::printable_line;

/// A class.
pub(super) fn all(grades: &Grades) -> String {
    let mut text = format!("# {}\n\n{}\n\n", escaped(&grades.title), origin(grades));
    text.push_str("| Student | Points | Status | Unmet | Notes |\n| --- | ---: | --- | --- | --- |\n");
    for grade in &grades.grades {
        let unmet = match grade.verdict() {
            Some(verdict) => words::first_failed(verdict).map(words::in_short).unwrap_or_default(),
            None => printable_line(grade.problem().unwrap_or_default()),
        };
        text.push_str(&format!(
            "| {} | {}/{} | {} | {} | {} |\n",
            escaped(&words::who(grade)),
            grade.points,
            grades.maximum,
            grade.standing().name(),
            escaped(&unmet),
            escaped(&printable_line(&grade.notes.join("; "))),
        ));
    }
    text.push_str(&format!("\n{}.\n\n", escaped(&words::summary_line(&grades.summary()))));
    text.push_str("| Check | Worth | Holds | Unmet | Not looked at |\n| --- | ---: | ---: | ---: | ---: |\n");
    for (place, check) in grades.checks.iter().enumerate() {
        let [holds, failed, warned, waiting] =
            [Outcome::Passed, Outcome::Failed, Outcome::Warned, Outcome::Waiting]
                .map(|outcome| grades.count(place, outcome));
        let hidden = if check.hidden { " (hidden)" } else { "" };
        let unmet = failed + warned;
        text.push_str(&format!(
            "| `{}`{hidden} | {} | {holds} | {unmet} | {waiting} |\n",
            check.id, check.worth
        ));
    }
    text
}

/// One student's feedback.
pub(super) fn feedback(grades: &Grades, grade: &Grade) -> String {
    let Grades { title, maximum, .. } = grades;
    let mut text = format!("# {}: {}\n\n", escaped(title), escaped(&words::who(grade)));
    text.push_str(&format!("**{} of {}**", grade.points, words::points(*maximum)));
    let Some(verdict) = grade.verdict() else {
        let problem = escaped(&printable_line(grade.problem().unwrap_or_default()));
        text.push_str(&format!(": not graded, because {problem}.\n\n{}\n", origin(grades)));
        return text;
    };
    text.push_str(&words::hints(verdict).map_or_else(String::new, |hints| format!(" ({hints})")));
    text.push_str("\n\n");
    for check in &verdict.checks {
        text.push_str(&item(check));
    }
    if let Some(withheld) = words::withheld(verdict) {
        text.push_str(&format!("\nBesides, {withheld}.\n"));
    }
    text.push_str(&format!("\n{}\n", origin(grades)));
    text
}

fn item(check: &CheckResult) -> String {
    let mark = match check.outcome {
        Outcome::Passed => "✓",
        Outcome::Failed => "✗",
        Outcome::Warned => "!",
        Outcome::Waiting => "…",
    };
    let worth = match check.worth {
        0 => "a warning only".to_owned(),
        worth => format!("{} of {}", check.points, words::points(worth)),
    };
    let mut text = format!("- {mark} {} ({worth})\n", escaped(&printable_line(&check.say)));
    let praise = check.words.as_deref().filter(|_| check.outcome == Outcome::Passed);
    if let Some(praise) = praise {
        text.push_str(&format!("  - {}\n", escaped(&printable_line(praise))));
    }
    for (label, line) in words::reasons(check) {
        let line = escaped(&line);
        text.push_str(&match label {
            "" | "story" => format!("  - {line}\n"),
            label => format!("  - {label}: {line}\n"),
        });
    }
    text
}

fn origin(grades: &Grades) -> String {
    let Grades { exercise, version, tool, stack, .. } = grades;
    format!("`{exercise}`, version {version}, graded by {tool} on {stack}.")
}

/// Text in which Markdown finds nothing to do.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!' | '$') {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_finds_nothing_to_do() {
        assert_eq!(escaped("a|b <i> [x](y) `c` *d*"), "a\\|b \\<i\\> \\[x\\](y) \\`c\\` \\*d\\*");
    }
}
