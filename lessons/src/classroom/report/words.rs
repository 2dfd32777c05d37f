//! What all formats say in the same words. All of it is harmless for a terminal.

use std::collections::BTreeSet;
use vethlab_engine::classroom::{CheckResult, Outcome, Verdict, Withheld};
use vethlab_engine::classroom::{Grade, Grades, Summary};
use vethlab_engine::text::{counted, printable_line};

/// `1 point`, `2 points`.
pub(super) fn points(number: u32) -> String {
    counted(number as usize, "point")
}

/// How many of a hundred, with one digit behind the point. It is `100.0` for all of them only.
pub(super) fn percent(points: u32, maximum: u32) -> String {
    let tenths = u64::from(points) * 1000 / u64::from(maximum.max(1));
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Whose it is: the student, or where there is none the file.
pub(super) fn who(grade: &Grade) -> String {
    printable_line(grade.who())
}

/// Who each of them is among the others: a student with several answers is told with the file.
pub(super) fn who_exactly(grades: &Grades) -> Vec<String> {
    let (mut once, mut several) = (BTreeSet::new(), BTreeSet::new());
    for student in grades.grades.iter().filter_map(|grade| grade.student.as_ref()) {
        if !once.insert(student) {
            several.insert(student);
        }
    }
    let name = |grade: &Grade| match &grade.student {
        Some(student) if several.contains(student) => format!("{student} ({})", printable_line(&grade.file)),
        _ => who(grade),
    };
    grades.grades.iter().map(name).collect()
}

/// What is said of a check that does not hold: a label and its text, line by line.
pub(super) fn reasons(check: &CheckResult) -> Vec<(&'static str, String)> {
    let mut reasons = Vec::new();
    let mut add = |label, text: &str| {
        if !text.is_empty() {
            reasons.push((label, printable_line(text)));
        }
    };
    if check.outcome != Outcome::Passed {
        add("", check.words.as_deref().unwrap_or_default());
        if let Some(finding) = &check.finding {
            add("expected", &finding.expected);
            add("found", &finding.found);
            if let Some(cause) = finding.cause {
                add("cause", &format!("{cause}: {}", cause.about()));
            }
            for sentence in &finding.story {
                add("story", sentence);
            }
        }
    }
    reasons
}

/// The same as lines of text.
pub(super) fn reasons_as_text(check: &CheckResult) -> String {
    let line = |(label, text): (&str, String)| match label {
        "" | "story" => text,
        label => format!("{label}: {text}"),
    };
    reasons(check).into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A check that does not hold in a few words: `red reaches blue: no answer came (no-route)`.
pub(super) fn in_short(check: &CheckResult) -> String {
    let mut text = printable_line(&check.say);
    if let Some(finding) = &check.finding {
        if !finding.found.is_empty() {
            text.push_str(&format!(": {}", printable_line(&finding.found)));
        }
        if let Some(cause) = finding.cause {
            text.push_str(&format!(" ({cause})"));
        }
    }
    text
}

/// The first check that does not hold, or where all do the first that warns.
pub(super) fn first_failed(verdict: &Verdict) -> Option<&CheckResult> {
    let first = |outcome| verdict.checks.iter().find(|check| check.outcome == outcome);
    first(Outcome::Failed).or_else(|| first(Outcome::Warned))
}

/// What hints cost, where some were opened.
pub(super) fn hints(verdict: &Verdict) -> Option<String> {
    (verdict.hints > 0).then(|| {
        let hints = counted(verdict.hints, "hint");
        match verdict.cost {
            0 => format!("{hints} opened"),
            cost => format!("{hints} opened, which costs {}", points(cost)),
        }
    })
}

/// What is told of hidden checks, where there are some.
pub(super) fn withheld(verdict: &Verdict) -> Option<String> {
    verdict.withheld.map(|Withheld { checks, points: gained, worth }| {
        format!("{}: {gained} of {}", counted(checks, "hidden check"), points(worth))
    })
}

/// What a student is told in one line.
pub(super) fn feedback(grade: &Grade) -> String {
    let Some(verdict) = grade.verdict() else { return printable_line(grade.problem().unwrap_or_default()) };
    // A learning platform shows it to the student.
    let verdict = verdict.for_students();
    let unmet =
        verdict.checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed | Outcome::Warned));
    let mut parts: Vec<String> = unmet.map(in_short).collect();
    let waiting = verdict.checks.iter().filter(|check| check.outcome == Outcome::Waiting).count();
    if waiting > 0 {
        parts.push(format!("{} not looked at", counted(waiting, "check")));
    }
    if parts.is_empty() {
        parts.push("all that was asked for is there".to_owned());
    }
    parts.extend(hints(&verdict));
    parts.extend(withheld(&verdict));
    parts.join("; ")
}

/// The grades of a class in one line, without a line end.
pub fn summary_line(summary: &Summary) -> String {
    let mut parts = vec![format!("{} full", summary.full), format!("{} partly", summary.partial)];
    if summary.refused > 0 {
        parts.push(format!("{} not graded", summary.refused));
    }
    if summary.missing > 0 {
        parts.push(format!("{} not handed in", summary.missing));
    }
    if summary.warned > 0 {
        parts.push(format!("{} with warnings", summary.warned));
    }
    let most = summary.most_failed.as_ref().map_or_else(String::new, |most| {
        format!("; most often unmet: {} ({})", most.id, counted(most.answers, "answer"))
    });
    format!("{}: {}{most}", counted(summary.total, "grade"), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_only_is_a_hundred_percent() {
        assert_eq!(percent(0, 3), "0.0");
        assert_eq!(percent(2, 3), "66.6");
        assert_eq!(percent(2999, 3000), "99.9");
        assert_eq!(percent(3, 3), "100.0");
        assert_eq!(percent(u32::MAX, u32::MAX), "100.0");
        assert_eq!(percent(0, 0), "0.0");
    }
}
