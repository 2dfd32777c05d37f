//! A verdict as a student reads it.

use super::{CheckResult, Outcome, Verdict};
use crate::lesson::check::Finding;
use crate::page;
use crate::paint::Paint;
use crate::text::printable;

/// What holds and what does not, and why; hidden checks are not shown.
pub fn verdict(verdict: &Verdict, width: usize, paint: Paint) -> String {
    let shown = verdict.checks.iter().filter(|check| !check.hidden);
    let mut text: String = shown.clone().map(|check| one(check, width, paint)).collect();
    let points = |points: u32| if points == 1 { "point".to_owned() } else { "points".to_owned() };
    let Verdict { cost, hints, .. } = verdict;
    // What hidden checks give is not known here.
    let (gained, maximum) =
        shown.fold((0, 0), |(gained, most), check| (gained + check.points, most + check.worth));
    let mut sum = format!("{gained} of {maximum} {}", points(maximum));
    if *cost > 0 {
        let hints = if *hints == 1 { "hint".to_owned() } else { format!("{hints} hints") };
        sum.push_str(&format!(", less {cost} for the {hints} that you opened"));
    }
    text.push_str(&format!("{}\n", paint.strong(&sum)));
    text
}

/// The words for checks that students do not see, where there are any.
pub fn unseen(checks: usize) -> Option<String> {
    match checks {
        0 => None,
        1 => Some("and 1 more check that you do not see".to_owned()),
        _ => Some(format!("and {checks} more checks that you do not see")),
    }
}

/// One line for a check that holds, and more for one that does not.
fn one(check: &CheckResult, width: usize, paint: Paint) -> String {
    let CheckResult { say, outcome, points, worth, words, finding, .. } = check;
    let (mark, score) = match outcome {
        Outcome::Passed => ("✓", format!("{points} of {worth}")),
        Outcome::Failed => ("✗", format!("0 of {worth}")),
        Outcome::Waiting => ("…", format!("0 of {worth}")),
        Outcome::Warned => ("!", "a warning".to_owned()),
    };
    let score = if *worth == 0 && *outcome == Outcome::Passed { "no points".to_owned() } else { score };
    let line = page::prose(&format!("{mark} {say} ({score})"), width, Paint::PLAIN);
    let mut text = match outcome {
        Outcome::Passed => format!("{}\n", paint.good(line.trim_end())),
        _ => line,
    };
    let mut below = |words: &str| {
        for line in page::prose(&printable(words), width.saturating_sub(4), paint).lines() {
            text.push_str(&format!("    {line}\n"));
        }
    };
    if let Some(Finding { met: false, expected, found, cause, story, .. }) = finding {
        let because = cause.map_or_else(String::new, |cause| format!(" ({cause})"));
        below(&format!("wanted: {expected}"));
        if !found.is_empty() {
            below(&format!("found: {found}{because}"));
        }
        if !story.is_empty() {
            below(&story.join(" "));
        }
    }
    if let Some(words) = words {
        below(words);
    }
    text
}
