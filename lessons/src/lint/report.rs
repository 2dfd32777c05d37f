//! What was found: each thing once, however many editions have it.

use super::rule::{Rule, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use vethlab_engine::lesson::{Edition, LessonError};
use vethlab_engine::limits::Allowed;
use vethlab_engine::stacks::StackChoice;
use vethlab_engine::text::printable_line;

/// Something that is wrong with a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file, with its folder.
    pub file: String,
    /// The line, from 1; 0 where it is about the file as a whole.
    pub line: usize,
    /// How much it matters.
    pub severity: Severity,
    /// The rule that it breaks.
    pub rule: Rule,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Finding {
    /// Nothing of it acts on a terminal: a stranger's file may be called anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { file, line, severity, problem, fix, .. } = self;
        let [file, problem, fix] = [file, problem, fix].map(|text| printable_line(text));
        match line {
            0 => write!(f, "{file}: ")?,
            line => write!(f, "{file}:{line}: ")?,
        }
        writeln!(f, "{severity}: {problem}")?;
        write!(f, "    {fix}")
    }
}

/// All that came of looking at a pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The folder.
    pub pack: String,
    /// How many lessons were looked at.
    pub lessons: usize,
    /// How many exercises were.
    pub exercises: usize,
    /// How many editions were played, by stack.
    pub editions: BTreeMap<StackChoice, usize>,
    /// What is wrong, by file and line.
    pub findings: Vec<Finding>,
    /// What was not looked at, and why.
    pub notes: Vec<String>,
}

impl Report {
    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Gathers findings.
#[derive(Debug, Default)]
pub(super) struct Collector {
    found: BTreeMap<Key, Found>,
    /// Whether it is to be said on which stack something was found.
    several_stacks: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    file: String,
    line: usize,
    rule: Rule,
    /// Tells two findings apart that are not of an edition.
    problem: String,
}

#[derive(Debug)]
struct Found {
    problem: String,
    fix: String,
    trials: Vec<Trial>,
}

/// An edition that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trial {
    pub(super) edition: Edition,
    /// Whether there are others.
    pub(super) varies: bool,
    /// How much it may use.
    pub(super) allowed: Allowed,
}

impl Collector {
    pub(super) fn new(several_stacks: bool) -> Collector {
        Collector { found: BTreeMap::new(), several_stacks }
    }

    /// Where the findings of a file go.
    pub(super) fn file<'a>(&'a mut self, file: &'a str) -> Notes<'a> {
        Notes { file, collector: self }
    }

    /// Takes in what was found elsewhere, in other files.
    pub(super) fn join(&mut self, other: Collector) {
        self.found.extend(other.found);
    }

    /// All of them, by file and line.
    pub(super) fn finish(self) -> Vec<Finding> {
        let several = self.several_stacks;
        let finding = |(key, found): (Key, Found)| Finding {
            file: key.file,
            line: key.line,
            severity: key.rule.severity(),
            rule: key.rule,
            problem: found.problem + &wherever(&found.trials, several),
            fix: found.fix,
        };
        self.found.into_iter().map(finding).collect()
    }
}

/// In which of the editions something was found, in words behind it.
fn wherever(trials: &[Trial], several_stacks: bool) -> String {
    let stacks: BTreeSet<StackChoice> = trials.iter().map(|trial| trial.edition.stack).collect();
    let seeds: BTreeSet<u64> =
        trials.iter().filter(|trial| trial.varies).map(|trial| trial.edition.seed).collect();
    let stack = match stacks.first() {
        Some(stack) if several_stacks && stacks.len() == 1 => format!("on {stack}"),
        _ => String::new(),
    };
    let seed = match (seeds.first(), seeds.len()) {
        (None, _) => String::new(),
        (Some(first), 1) => format!("with --seed {first}"),
        (Some(first), 2) => format!("with --seed {first} and another"),
        (Some(first), count) => format!("with --seed {first} and {} others", count - 1),
    };
    match [stack, seed].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ") {
        words if words.is_empty() => words,
        words => format!(" ({words})"),
    }
}

/// Where the findings of one file go.
#[derive(Debug)]
pub(super) struct Notes<'a> {
    file: &'a str,
    collector: &'a mut Collector,
}

impl Notes<'_> {
    /// Something that is so in every edition.
    pub(super) fn add(
        &mut self,
        rule: Rule,
        line: usize,
        problem: impl fmt::Display,
        fix: impl fmt::Display,
    ) {
        let problem = problem.to_string();
        let key = Key { file: self.file.to_owned(), line, rule, problem: problem.clone() };
        let found = Found { problem, fix: fix.to_string(), trials: Vec::new() };
        self.collector.found.entry(key).or_insert(found);
    }

    /// Something that is so in this edition. The words that are kept are those of the first one.
    pub(super) fn add_in(
        &mut self,
        trial: Trial,
        rule: Rule,
        line: usize,
        problem: impl fmt::Display,
        fix: impl fmt::Display,
    ) {
        let key = Key { file: self.file.to_owned(), line, rule, problem: String::new() };
        let new = || Found { problem: problem.to_string(), fix: fix.to_string(), trials: Vec::new() };
        self.collector.found.entry(key).or_insert_with(new).trials.push(trial);
    }

    /// Something that is so in this edition when both stacks are looked at.
    pub(super) fn add_between(
        &mut self,
        trial: Trial,
        rule: Rule,
        line: usize,
        problem: impl fmt::Display,
        fix: impl fmt::Display,
    ) {
        for stack in StackChoice::BOTH {
            let edition = Edition { stack, ..trial.edition };
            self.add_in(Trial { edition, ..trial }, rule, line, &problem, &fix);
        }
    }

    /// What the parser found.
    pub(super) fn add_error(&mut self, rule: Rule, error: &LessonError) {
        let fix = super::advice::fix(&error.problem);
        self.add(rule, error.line, &error.problem, fix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(editions: &[(u64, StackChoice)], varies: bool, several: bool) -> String {
        let trial =
            |&(seed, stack)| Trial { edition: Edition { seed, stack }, varies, allowed: Allowed::default() };
        wherever(&editions.iter().map(trial).collect::<Vec<_>>(), several)
    }

    #[test]
    fn editions_are_told_where_they_matter() {
        use StackChoice::{Real, Sim};
        assert_eq!(words(&[], true, true), "");
        assert_eq!(words(&[(0, Sim), (0, Real)], false, true), "");
        assert_eq!(words(&[(0, Sim)], false, false), "");
        assert_eq!(words(&[(0, Real)], false, true), " (on real)");
        assert_eq!(words(&[(3, Sim), (3, Real)], true, true), " (with --seed 3)");
        assert_eq!(
            words(&[(3, Sim), (5, Sim), (9, Sim)], true, true),
            " (on sim with --seed 3 and 2 others)"
        );
    }
}
