//! An exercise: a network to start from, a task, and checks that are worth points.

use super::check::{Check, Use};
use super::markdown::{self, FRONT_MATTER_LINE};
use super::pack::is_word;
use super::parse::{Drawn, both, titleless};
use super::{Block, Edition, LessonError, Source, Step, data};
use crate::stacks::StackChoice;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
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
    /// The network to start from, what is shown, the checks, hints and the solution.
    pub task: Step,
    edition: Edition,
    source: Source,
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
    #[serde(default)]
    variables: BTreeMap<String, Spanned<toml::Table>>,
}

impl Exercise {
    /// Reads an exercise in one edition; errors do not name the file yet.
    fn parse(text: &str, edition: Edition) -> Result<Exercise, LessonError> {
        let document = markdown::parse(text)?;
        let front_matter = &document.front_matter;
        let FrontMatter { id, title, minutes, version, stacks, handed_out, variables } =
            data::read(FRONT_MATTER_LINE, front_matter)?;
        let drawn = Drawn::new(&id, variables, text, document, edition)?;
        let line = drawn.pieces.first().map_or(1, |piece| piece.line);
        let task = drawn.reader().section(line, &titleless(&drawn.pieces), Use::Exercise)?;
        complete(line, &task, handed_out)?;
        let source = Source { file: String::new(), text: text.into(), varies: !drawn.variables.is_empty() };
        Ok(Exercise { id, title, minutes, version, stacks, handed_out, task, edition, source })
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
        let exercise = Exercise::parse(&self.source.text, edition);
        let exercise = exercise.map_err(|error| error.in_file(&self.source.file))?;
        Ok(exercise.in_file(&self.source.file))
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

    /// The task, as it is shown.
    pub fn blocks(&self) -> &[Block] {
        &self.task.blocks
    }
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
        let problem = "no check is worth anything: not all of them can be optional";
        return Err(LessonError::at(first.line, problem));
    }
    let mut known = BTreeMap::new();
    for check in checks {
        let Some(id) = &check.grading.id else { continue };
        if !is_word(id) {
            return Err(LessonError::at(
                check.line,
                "a check's 'id' is made of small letters, digits and '-'",
            ));
        }
        if id.strip_prefix("check-").is_some_and(|rest| rest.parse::<usize>().is_ok()) {
            let problem = format!("'{id}' is what a check without an 'id' is called: choose another word");
            return Err(LessonError::at(check.line, problem));
        }
        if known.insert(id.as_str(), check).is_some() {
            return Err(LessonError::at(check.line, format!("another check has the id '{id}' already")));
        }
    }
    for check in checks {
        for need in &check.grading.needs {
            let Some(needed) = known.get(need.as_str()) else {
                let ids: Vec<&str> = known.keys().copied().collect();
                let there = if ids.is_empty() { "none has one".to_owned() } else { ids.join(", ") };
                let problem = format!("'needs' names no check with the id '{need}': {there}");
                return Err(LessonError::at(check.line, problem));
            };
            if needed.grading.hidden && !check.grading.hidden {
                let problem =
                    format!("it needs '{need}', which is hidden: students could not tell why it waits");
                return Err(LessonError::at(check.line, problem));
            }
            if leads_back(check, needed, &known, &mut BTreeSet::new()) {
                let problem = format!("it needs '{need}', which in the end needs this one");
                return Err(LessonError::at(check.line, problem));
            }
        }
    }
    Ok(())
}

/// Whether what a check needs needs that check.
fn leads_back<'a>(
    start: &Check,
    check: &'a Check,
    known: &BTreeMap<&str, &'a Check>,
    passed: &mut BTreeSet<&'a str>,
) -> bool {
    std::ptr::eq(start, check)
        || check.grading.needs.iter().any(|need| {
            passed.insert(need)
                && known.get(need.as_str()).is_some_and(|needed| leads_back(start, needed, known, passed))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"---
id = "one"
title = "One"
minutes = 5
version = 2
[variables]
lan = { subnet = "10.0.0.0/8", length = 24 }
---
# One
Connect them by {lan}.

## Rules
None.

```vethlab setup
ip netns add red
```

```vethlab check
[[check]]
id = "address"
say = "The address is there"
address = "{lan.1}/24"
points = 2

[[check]]
say = "It answers"
ping = "{lan.1}"
needs = ["address"]
within = 3
pass = "Well done"
fail = "Look again"

[[check]]
say = "Nothing else was made"
count_of = "namespaces"
exactly = 1
optional = true
hidden = true
```

```vethlab hint 1
Think.
```

```vethlab solution
ip addr add {lan.1}/24 dev lo
```
"#;

    fn parse(text: &str) -> Result<Exercise, LessonError> {
        Exercise::parse(text, Edition::default())
    }

    #[test]
    fn an_exercise_is_read() {
        let exercise = parse(GOOD).expect("a good exercise");
        assert_eq!((exercise.id.as_str(), exercise.version, exercise.points()), ("one", 2, 3));
        assert_eq!(exercise.hint_costs(), 1);
        assert_eq!(exercise.setup(), ["ip netns add red"]);
        assert_eq!(exercise.task.checks.iter().map(|check| check.line).collect::<Vec<_>>(), [20, 26, 34]);
        assert!(exercise.varies());
        assert!(
            matches!(&exercise.blocks()[0], Block::Prose(text) if text.starts_with("Connect them by 10."))
        );
        assert!(exercise.blocks().contains(&Block::Prose("## Rules\n".to_owned())));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (from, to, line, words) in [
            ("version = 2\n", "", 2, "missing field `version`"),
            ("version = 2", "versions = 2", 5, "unknown field `versions`"),
            ("vethlab solution", "vethlab prose", 9, "needs a solution"),
            ("version = 2", "version = 2\nhanded_out = true", 10, "a copy for students has no solution"),
            ("id = \"address\"", "id = \"Address\"", 20, "small letters"),
            ("id = \"address\"", "", 26, "'needs' names no check with the id 'address': none has one"),
            ("needs = [\"address\"]", "needs = [\"addres\"]", 26, "no check with the id 'addres': address"),
            ("needs = [\"address\"]", "id = \"address\"", 26, "has the id 'address' already"),
            ("id = \"address\"", "id = \"check-3\"", 20, "what a check without an 'id' is called"),
            ("needs = [\"address\"]", "id = \"a\"\nneeds = [\"a\"]", 26, "in the end needs this one"),
            ("points = 2", "points = 2\nhidden = true", 27, "which is hidden"),
            ("points = 2", "points = 0", 20, "one point or more"),
            ("points = 2", "optional = true\npoints = 1", 20, "worth nothing"),
            ("within = 3", "within = 601", 26, "600 seconds at most"),
            ("exactly = 1", "", 34, "'exactly', 'at_least' or 'at_most'"),
            ("hint 1", "hint one", 42, "no number of points"),
            ("vethlab hint 1", "vethlab predict", 42, "asks no questions"),
            ("count_of = \"namespaces\"\nexactly = 1", "answered = true", 34, "for lessons"),
            ("ping = \"{lan.1}\"", "seen = \"ic mp\"\non = \"lo\"", 26, "is no filter of tcpdump"),
            ("ping = \"{lan.1}\"", "ping = \"{lan.1}\"\nrefused = \"never\"", 26, "no way to be refused"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let error = parse(&text).expect_err(to);
            assert!(error.problem.contains(words), "{to}: {error}");
            assert_eq!(error.line, line, "{to}: {error}");
        }
        let none = GOOD.replace("vethlab check", "vethlab-check");
        assert!(parse(&none).expect_err("no check").problem.contains("one check or more"));
    }
}
