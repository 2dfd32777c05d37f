//! A copy of an exercise for students: without its solution and its hidden checks, and otherwise as it was written.

use crate::lint::place::{Fence, fence};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vethlab_engine::lesson::markdown::FRONT_MATTER_LINE;
use vethlab_engine::lesson::outline::Outline;
use vethlab_engine::lesson::{Check, Edition, Exercise, Hint, LessonError};
use vethlab_engine::stacks::StackChoice;

/// In how many editions a copy is compared with what it was made from.
const COMPARED: u64 = 8;

/// A copy, and what was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOut {
    /// The text of the copy.
    pub text: String,
    /// How many hidden checks it does not have.
    pub hidden: usize,
}

/// Makes a copy of an exercise for students.
///
/// The text is taken apart by lines, so that comments and form stay. What is drawn for a student is the same in both.
///
/// # Errors
/// It is a copy already, or cannot be taken apart line by line; or students would have no check to look at.
pub fn hand_out(exercise: &Exercise) -> Result<HandOut, LessonError> {
    let wrong = |line: usize, problem: &str| {
        Err(LessonError { file: exercise.file().to_owned(), line, problem: problem.to_owned() })
    };
    if exercise.handed_out {
        return wrong(FRONT_MATTER_LINE, "it is a copy for students already");
    }
    let text = exercise.text();
    let in_file = |error: LessonError| LessonError { file: exercise.file().to_owned(), ..error };
    // Values hold no line breaks: what stands in a line of an edition stands in the same line of the text.
    let outline = Outline::read(text, Edition::default()).map_err(in_file)?;
    let mut cut = Cut::new(text);
    for fence in outline.drawn.iter().filter_map(fence).filter(Fence::acts) {
        let parts = match fence.kind() {
            "solution" => {
                cut.block(&fence);
                Ok(())
            }
            "case" => cut.solution_of_case(&fence),
            "check" => cut.hidden_checks(&fence),
            _ => Ok(()),
        };
        if let Err((line, problem)) = parts {
            return wrong(line, problem);
        }
    }
    cut.front_matter();
    let handed = HandOut { hidden: cut.hidden, text: cut.text() };
    let copy = Exercise::read(exercise.file(), &handed.text)?;
    match is_the_same(exercise, &copy)? {
        true => Ok(handed),
        false => wrong(
            0,
            "no copy can be made that is the same but for what is left out: write keys and tables on lines of their own",
        ),
    }
}

/// Whether students get the same network, task, hints and visible checks by a copy.
fn is_the_same(exercise: &Exercise, copy: &Exercise) -> Result<bool, LessonError> {
    for stack in StackChoice::BOTH {
        for seed in 0..COMPARED {
            let edition = Edition { seed, stack };
            let (original, copy) = (exercise.in_edition(edition)?, copy.in_edition(edition)?);
            let visible = |exercise: &Exercise| -> Vec<Check> {
                let checks = exercise.task.checks.iter().filter(|check| !check.grading.hidden).cloned();
                checks.map(Check::without_line).collect()
            };
            let hints = |exercise: &Exercise| -> Vec<Hint> {
                exercise.task.hints.iter().cloned().map(|hint| Hint { line: 0, ..hint }).collect()
            };
            let same = original.setup() == copy.setup()
                && original.blocks() == copy.blocks()
                && visible(&original) == visible(&copy)
                && copy.task.checks.len() == visible(&copy).len()
                && hints(&original) == hints(&copy)
                && copy.unseen_checks() == original.unseen_checks()
                && copy.task.solution.is_empty();
            if !same {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// A text that lines are taken out of. Lines count from 1.
struct Cut<'a> {
    lines: Vec<&'a str>,
    out: BTreeSet<usize>,
    /// What comes behind a line.
    added: BTreeMap<usize, String>,
    hidden: usize,
}

type Parts = Result<(), (usize, &'static str)>;

impl<'a> Cut<'a> {
    fn new(text: &'a str) -> Cut<'a> {
        let (out, added) = (BTreeSet::new(), BTreeMap::new());
        Cut { lines: text.split_inclusive('\n').collect(), out, added, hidden: 0 }
    }

    fn line(&self, number: usize) -> &'a str {
        number.checked_sub(1).and_then(|place| self.lines.get(place)).map_or("", |line| line.trim_end())
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (number, line) in (1..).zip(&self.lines) {
            if !self.out.contains(&number) {
                text.push_str(line);
            }
            text.extend(self.added.get(&number).into_iter().flat_map(|added| [added, "\n"]));
        }
        text
    }

    /// Marks it as a copy, with the number of hidden checks that were taken out before.
    fn front_matter(&mut self) {
        let end = (FRONT_MATTER_LINE..).find(|line| self.line(*line) == "---");
        let front_matter: String = (FRONT_MATTER_LINE..end.unwrap_or(FRONT_MATTER_LINE))
            .map(|line| format!("{}\n", self.line(line)))
            .collect();
        let mut behind = FRONT_MATTER_LINE - 1;
        for (key, lines) in keys(&front_matter, FRONT_MATTER_LINE) {
            match key.as_str() {
                "version" => behind = *lines.end(),
                "handed_out" => self.out.extend(lines),
                _ => {}
            }
        }
        let hidden =
            if self.hidden > 0 { format!("\nhidden_checks = {}", self.hidden) } else { String::new() };
        self.added.insert(behind, format!("handed_out = true{hidden}"));
    }

    /// Takes a block out, and the blank line below it.
    fn block(&mut self, fence: &Fence<'_>) {
        let end = fence.line + fence.body.lines().count() + 1;
        self.out.extend(fence.line..=end);
        if self.line(end + 1).trim().is_empty() && self.line(fence.line - 1).trim().is_empty() {
            self.out.insert(end + 1);
        }
    }

    /// Takes the solution out of a case; where there is nothing else, something that does nothing stays.
    fn solution_of_case(&mut self, fence: &Fence<'_>) -> Parts {
        let keys = keys(fence.body, fence.line + 1);
        let Some(lines) = keys.get("solution").cloned() else { return Ok(()) };
        if keys.iter().any(|(key, others)| {
            key != "solution" && others.contains(lines.start()) | lines.contains(others.start())
        }) {
            return Err((*lines.start(), "write 'solution' on lines of its own"));
        }
        if keys.len() == 1 {
            self.added.insert(*lines.end(), "setup = []".to_owned());
        }
        let above = self.comments_above(*lines.start(), fence.line);
        self.out.extend(above..=*lines.end());
        Ok(())
    }

    /// Takes the checks out that students do not see; the whole block where there are no others.
    fn hidden_checks(&mut self, fence: &Fence<'_>) -> Parts {
        let checks = checks(fence.body, fence.line + 1);
        let hidden = checks.iter().filter(|check| check.hidden).count();
        if hidden == 0 {
            return Ok(());
        }
        self.hidden += hidden;
        if hidden == checks.len() {
            self.block(fence);
            return Ok(());
        }
        let end = fence.line + fence.body.lines().count() + 1;
        for (place, check) in checks.iter().enumerate().filter(|(_, check)| check.hidden) {
            if !self.line(check.line).trim_start().starts_with("[[") {
                return Err((
                    check.line,
                    "begin each check with [[check]], so that a hidden one can be left out",
                ));
            }
            let below = checks.get(place + 1).map_or(end, |next| self.comments_above(next.line, check.line));
            let above = self.comments_above(check.line, fence.line);
            self.out.extend(above..below);
        }
        Ok(())
    }

    /// The first of the lines of comment right above a line, below another one.
    fn comments_above(&self, line: usize, below: usize) -> usize {
        let is_comment = |line: &usize| self.line(*line).trim_start().starts_with('#');
        (below + 1..line).rev().take_while(is_comment).last().unwrap_or(line)
    }
}

/// A check's table.
struct CheckTable {
    line: usize,
    hidden: bool,
}

/// The keys of a text in TOML that begins in a line of the file, each with the lines that it and its value stand in.
fn keys(text: &str, first_line: usize) -> BTreeMap<String, RangeInclusive<usize>> {
    let line = |place: usize| first_line + text.bytes().take(place).filter(|byte| *byte == b'\n').count();
    let Ok(table) = DeTable::parse(text) else { return BTreeMap::new() };
    let key = |(key, value): (Spanned<_>, Spanned<DeValue<'_>>)| {
        let lines = line(key.span().start)..=line(value.span().end.saturating_sub(1));
        (std::borrow::Cow::into_owned(key.into_inner()), lines)
    };
    table.into_inner().into_iter().map(key).collect()
}

fn checks(text: &str, first_line: usize) -> Vec<CheckTable> {
    let line = |place: usize| first_line + text.bytes().take(place).filter(|byte| *byte == b'\n').count();
    let Ok(table) = DeTable::parse(text) else { return Vec::new() };
    let read = |value: &Spanned<DeValue<'_>>| {
        let hidden =
            value.get_ref().get("hidden").and_then(|hidden| hidden.get_ref().as_bool()).unwrap_or(false);
        CheckTable { line: line(value.span().start), hidden }
    };
    let checks = table.get_ref().get("check").and_then(|value| value.get_ref().as_array());
    checks.map_or_else(Vec::new, |checks| checks.iter().map(read).collect())
}
