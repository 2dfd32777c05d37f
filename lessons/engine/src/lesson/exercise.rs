//! An exercise: a network to start from, a task, and checks that are worth points.

use super::check::{Check, Use, needs};
use super::error::line_breaks;
use super::markdown::{self, FRONT_MATTER_LINE};
use super::pack::{LONGEST_WORD, is_word};
use super::parse::both;
use super::written::{Written, titleless};
use super::{Block, Edition, LessonError, Source, Step, data};
use crate::stacks::StackChoice;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Spanned;

/// One exercise, as its file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Exercise {
    /// The word that starts it: `vethlab start <id>`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// Which version of it this is: an answer to another one is not graded.
    pub version: u32,
    /// The stacks that it can be done on.
    pub stacks: Vec<StackChoice>,
    /// Whether this is a copy for students: without solution and hidden checks.
    pub handed_out: bool,
    /// How many hidden checks such a copy was made without.
    pub hidden_checks: usize,
    /// The network to start from, what is shown, the checks, hints and the solution.
    pub task: Step,
    edition: Edition,
    source: Source,
    /// What all editions share.
    written: Arc<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    id: String,
    title: String,
    minutes: u32,
    version: u32,
    #[serde(default = "both")]
    stacks: Vec<StackChoice>,
    #[serde(default)]
    handed_out: bool,
    hidden_checks: Option<Spanned<usize>>,
    #[serde(default)]
    variables: BTreeMap<String, Spanned<toml::Table>>,
}

impl Exercise {
    /// Reads an exercise in one edition; errors do not name the file yet.
    fn parse(text: &str, edition: Edition) -> Result<Exercise, LessonError> {
        let document = markdown::parse(text)?;
        let front_matter = &document.front_matter;
        let FrontMatter { id, title, minutes, version, stacks, handed_out, hidden_checks, variables } =
            data::read(FRONT_MATTER_LINE, front_matter)?;
        if let (false, Some(hidden)) = (handed_out, &hidden_checks) {
            let line = FRONT_MATTER_LINE + line_breaks(front_matter, hidden.span().start);
            let problem =
                "'hidden_checks' is for copies for students, which say 'handed_out = true': take it out";
            return Err(LessonError::at(line, problem));
        }
        let hidden_checks = hidden_checks.map_or(0, Spanned::into_inner);
        let written = Written::new(&id, variables, document)?.for_many_editions();
        let task = task(&written, text, handed_out, edition)?;
        let source = Source { file: String::new(), text: text.into(), varies: !written.variables.is_empty() };
        Ok(Exercise {
            id,
            title,
            minutes,
            version,
            stacks,
            handed_out,
            hidden_checks,
            task,
            edition,
            source,
            written: Arc::new(written),
        })
    }

    /// Reads an exercise from the text of a file, which errors name.
    ///
    /// # Errors
    /// What is wrong with the text, where, and what to write instead.
    pub fn read(file: &str, text: &str) -> Result<Exercise, LessonError> {
        let exercise = Exercise::parse(text, Edition::default()).map_err(|error| error.in_file(file))?;
        Ok(exercise.in_file(file))
    }

    fn in_file(mut self, file: &str) -> Exercise {
        self.source.file = file.to_owned();
        self
    }

    /// The same exercise in another edition.
    ///
    /// # Errors
    /// Its file cannot be used in that one.
    pub fn in_edition(&self, edition: Edition) -> Result<Exercise, LessonError> {
        let Exercise {
            id, title, minutes, version, stacks, handed_out, hidden_checks, source, written, ..
        } = self;
        let task = task(written, &source.text, *handed_out, edition);
        Ok(Exercise {
            id: id.clone(),
            title: title.clone(),
            minutes: *minutes,
            version: *version,
            stacks: stacks.clone(),
            handed_out: *handed_out,
            hidden_checks: *hidden_checks,
            task: task.map_err(|error| error.in_file(&source.file))?,
            edition,
            source: source.clone(),
            written: Arc::clone(written),
        })
    }

    /// Which edition this is.
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// Whether something of it is drawn from a seed.
    pub fn varies(&self) -> bool {
        self.source.varies
    }

    /// The file that it was read from, from the folder of packs.
    pub fn file(&self) -> &str {
        &self.source.file
    }

    /// The text that it was read from.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// The commands that make the network to start from.
    pub fn setup(&self) -> &[String] {
        self.task.setup.as_deref().unwrap_or_default()
    }

    /// What all checks together are worth.
    pub fn points(&self) -> u32 {
        self.task.checks.iter().map(Check::points).sum()
    }

    /// What all hints together cost.
    pub fn hint_costs(&self) -> u32 {
        self.task.hints.iter().map(|hint| hint.cost).sum()
    }

    /// How many checks there are that students do not see: in this file, and left out of it.
    pub fn unseen_checks(&self) -> usize {
        self.hidden_checks + self.task.checks.iter().filter(|check| check.grading.hidden).count()
    }

    /// The task, as it is shown.
    pub fn blocks(&self) -> &[Block] {
        &self.task.blocks
    }
}

/// The task of one edition.
fn task(written: &Written, text: &str, handed_out: bool, edition: Edition) -> Result<Step, LessonError> {
    let drawn = written.draw(text, edition)?;
    let line = drawn.pieces.first().map_or(1, |piece| piece.line);
    let task = drawn.reader().section(line, &titleless(&drawn.pieces), Use::Exercise)?;
    complete(line, &task, handed_out)?;
    Ok(task)
}

/// An exercise that can be done and graded.
fn complete(line: usize, task: &Step, handed_out: bool) -> Result<(), LessonError> {
    let checks = &task.checks;
    if task.solution.is_empty() && !handed_out {
        return Err(LessonError::at(line, "an exercise needs a solution: add a 'vethlab solution' block"));
    }
    if !task.solution.is_empty() && handed_out {
        let problem =
            "a copy for students has no solution: leave out 'handed_out', or the 'vethlab solution' block";
        return Err(LessonError::at(line, problem));
    }
    let Some(first) = checks.first() else {
        return Err(LessonError::at(line, "an exercise has one check or more: add a 'vethlab check' block"));
    };
    if checks.iter().all(|check| check.points() == 0) {
        let problem = "no check is worth anything: leave 'optional' out of one";
        return Err(LessonError::at(first.line, problem));
    }
    let mut known = BTreeMap::new();
    for check in checks {
        let Some(id) = &check.grading.id else { continue };
        if !is_word(id) {
            return Err(LessonError::at(
                check.line_of("id"),
                format_args!(
                    "a check's 'id' is made of small letters, digits and '-', {LONGEST_WORD} at most: write it as \
                     'red-address'"
                ),
            ));
        }
        if id.strip_prefix("check-").is_some_and(|rest| rest.parse::<usize>().is_ok()) {
            let problem = format!("'{id}' is what a check without an 'id' is called: write another word");
            return Err(LessonError::at(check.line_of("id"), problem));
        }
        if known.insert(id.as_str(), check).is_some() {
            return Err(LessonError::at(
                check.line_of("id"),
                format!("another check has the id '{id}' already: write another word"),
            ));
        }
    }
    for check in checks {
        for need in &check.grading.needs {
            let Some(needed) = known.get(need.as_str()) else {
                let ids: Vec<&str> = known.keys().copied().collect();
                let fix = match ids.is_empty() {
                    true => {
                        format!("write 'id = \"{need}\"' into the check that is meant, as none has an 'id'")
                    }
                    false => {
                        format!("write one of {}, or this 'id' into the check that is meant", ids.join(", "))
                    }
                };
                let problem = format!("'needs' names no check with the id '{need}': {fix}");
                return Err(LessonError::at(check.line_of("needs"), problem));
            };
            if needed.grading.hidden && !check.grading.hidden {
                let problem = format!(
                    "it needs '{need}', which is hidden, so students could not tell why it waits: leave '{need}' out, or hide this one too"
                );
                return Err(LessonError::at(check.line_of("needs"), problem));
            }
        }
    }
    if let Some((check, need)) = needs::circle(checks) {
        let problem = format!(
            "it needs '{need}', which in the end needs this one, so neither would ever be looked at: leave one of them out of 'needs'"
        );
        return Err(LessonError::at(check.line_of("needs"), problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
