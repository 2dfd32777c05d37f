//! The grades of a class, and what they come to.

use super::{Assignment, Grade, Outcome, Standing, StudentId, Verdict, check_id};
use crate::lesson::{Edition, LessonError};
use crate::stacks::StackChoice;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The grades of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grades {
    /// Pack and word of the exercise.
    pub exercise: String,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: u32,
    /// What graded: `vethlab 0.1.0`.
    pub tool: String,
    /// The stack that the answers ran on.
    pub stack: StackChoice,
    /// The most that can be had.
    pub maximum: u32,
    /// Its checks, in its order.
    pub checks: Vec<CheckHead>,
    /// One for each answer, by student and file.
    pub grades: Vec<Grade>,
}

/// What is known of a check before anybody's network is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckHead {
    /// Its word; `check-3` for the third where it has none.
    pub id: String,
    /// The points that it is worth; 0 for one that warns only.
    pub worth: u32,
    /// Whether students do not see it.
    pub hidden: bool,
}

/// How a class did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many answers or students there are.
    pub total: usize,
    /// How many have all points.
    pub full: usize,
    /// How many have fewer.
    pub partial: usize,
    /// How many answers could not be graded.
    pub refused: usize,
    /// How many students handed in nothing.
    pub missing: usize,
    /// How many leave an optional check unmet.
    pub warned: usize,
    /// The check that most answers fail.
    pub most_failed: Option<MostFailed>,
}

/// A check, and how many answers fail it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MostFailed {
    /// Its word.
    pub id: String,
    /// By how many answers.
    pub answers: usize,
}

impl Grades {
    /// A class of which no answer is graded yet. Which checks there are depends on the stack; what they look for, on
    /// the student.
    ///
    /// # Errors
    /// The exercise cannot be had for this stack.
    pub fn new(assignment: &Assignment, stack: StackChoice) -> Result<Grades, LessonError> {
        let exercise = assignment.exercise.in_edition(Edition { stack, ..assignment.exercise.edition() })?;
        let checks = exercise.task.checks.iter().enumerate().map(|(place, check)| CheckHead {
            id: check_id(place, check),
            worth: check.points(),
            hidden: check.grading.hidden,
        });
        Ok(Grades {
            exercise: assignment.name.clone(),
            title: exercise.title.clone(),
            version: exercise.version,
            tool: concat!("vethlab ", env!("CARGO_PKG_VERSION")).to_owned(),
            stack,
            maximum: exercise.points(),
            checks: checks.collect(),
            grades: Vec::new(),
        })
    }

    /// The same with the answers' grades, in whatever order they became known.
    #[must_use]
    pub fn with(self, mut grades: Vec<Grade>) -> Grades {
        sort(&mut grades);
        note_doubles(&mut grades);
        Grades { grades, ..self }
    }

    /// Takes in who is in the class: who handed in nothing has no points, and who is not in it is noted.
    pub fn hold_against(&mut self, roster: &[StudentId]) {
        let roster: BTreeSet<&StudentId> = roster.iter().collect();
        for grade in &mut self.grades {
            if grade.student.as_ref().is_some_and(|student| !roster.contains(student)) {
                grade.notes.push("not in the roster".to_owned());
            }
        }
        let there: BTreeSet<&StudentId> =
            self.grades.iter().filter_map(|grade| grade.student.as_ref()).collect();
        let missing: Vec<Grade> =
            roster.difference(&there).map(|student| Grade::missing((*student).clone())).collect();
        self.grades.extend(missing);
        sort(&mut self.grades);
    }

    /// One student's grade, as that student may see it.
    #[must_use]
    pub fn for_student(&self, grade: &Grade) -> Grades {
        let checks = self.checks.iter().filter(|check| !check.hidden).cloned().collect();
        Grades { checks, grades: vec![grade.for_student()], ..self.without_grades() }
    }

    fn without_grades(&self) -> Grades {
        let Grades { exercise, title, version, tool, stack, maximum, .. } = self;
        Grades {
            exercise: exercise.clone(),
            title: title.clone(),
            version: *version,
            tool: tool.clone(),
            stack: *stack,
            maximum: *maximum,
            checks: Vec::new(),
            grades: Vec::new(),
        }
    }

    /// How the class did.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { total: self.grades.len(), ..Summary::default() };
        for grade in &self.grades {
            match grade.standing() {
                Standing::Full => summary.full += 1,
                Standing::Partial => summary.partial += 1,
                Standing::Refused => summary.refused += 1,
                Standing::Missing => summary.missing += 1,
            }
            summary.warned += usize::from(grade.verdict().is_some_and(Verdict::warns));
        }
        for (place, check) in self.checks.iter().enumerate() {
            let answers = self.count(place, Outcome::Failed);
            // Of several the first: it may be what the others rest on.
            if answers > summary.most_failed.as_ref().map_or(0, |most| most.answers) {
                summary.most_failed = Some(MostFailed { id: check.id.clone(), answers });
            }
        }
        summary
    }

    /// For how many answers the check at this place came out this way.
    pub fn count(&self, place: usize, outcome: Outcome) -> usize {
        let verdicts = self.grades.iter().filter_map(|grade| grade.verdict());
        verdicts
            .filter(|verdict| verdict.checks.get(place).is_some_and(|check| check.outcome == outcome))
            .count()
    }
}

fn sort(grades: &mut [Grade]) {
    grades.sort_by(|one, other| (&one.student, &one.file).cmp(&(&other.student, &other.file)));
}

/// Notes where more than one answer names the same student.
fn note_doubles(grades: &mut [Grade]) {
    let mut counts: BTreeMap<StudentId, usize> = BTreeMap::new();
    for student in grades.iter().filter_map(|grade| grade.student.clone()) {
        *counts.entry(student).or_default() += 1;
    }
    for grade in grades {
        let count = grade.student.as_ref().and_then(|student| counts.get(student)).copied().unwrap_or(0);
        if count > 1 {
            grade.notes.push(format!("{count} answers name this student"));
        }
    }
}
