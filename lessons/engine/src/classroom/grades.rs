//! The grades of a class, and what they come to.

use super::{Assignment, Grade, Outcome, Standing, StudentId, check_id};
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

    /// The same with the answers' grades, in whatever order they became known, and with who is in the class, where that is
    /// known: who handed in nothing has no points, and who is not in it is noted.
    #[must_use]
    pub fn with(self, mut grades: Vec<Grade>, roster: Option<&[StudentId]>) -> Grades {
        let register = Register::new(grades.iter().filter_map(|grade| grade.student.clone()), roster);
        grades.iter_mut().for_each(|grade| register.note(grade));
        grades.extend(register.missing());
        self.of(grades)
    }

    /// The same with grades that the register has noted on and added to, in whatever order.
    #[must_use]
    pub fn of(self, mut grades: Vec<Grade>) -> Grades {
        grades.sort_by(|one, other| (&one.student, &one.file).cmp(&(&other.student, &other.file)));
        Grades { grades, ..self }
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
        let mut tally = Tally::new(&self.checks);
        self.grades.iter().for_each(|grade| tally.add(grade));
        tally.summary()
    }

    /// For how many answers the check at this place came out this way.
    pub fn count(&self, place: usize, outcome: Outcome) -> usize {
        let verdicts = self.grades.iter().filter_map(|grade| grade.verdict());
        verdicts
            .filter(|verdict| verdict.checks.get(place).is_some_and(|check| check.outcome == outcome))
            .count()
    }
}

/// How a class did, counted grade by grade.
#[derive(Clone, Debug)]
pub struct Tally {
    summary: Summary,
    /// The words of the checks, and by how many answers each is failed.
    failed: Vec<(String, usize)>,
}

impl Tally {
    /// Of no grade yet.
    pub fn new(checks: &[CheckHead]) -> Tally {
        let failed = checks.iter().map(|check| (check.id.clone(), 0)).collect();
        Tally { summary: Summary::default(), failed }
    }

    /// Counts a grade.
    pub fn add(&mut self, grade: &Grade) {
        let checks = grade.verdict().map(|verdict| &verdict.checks[..]).unwrap_or_default();
        self.count(grade.standing(), checks.iter().map(|check| check.outcome));
    }

    /// Counts a grade of which this is known: how it stands, and what became of each check.
    pub fn count(&mut self, standing: Standing, outcomes: impl Iterator<Item = Outcome>) {
        self.summary.total += 1;
        match standing {
            Standing::Full => self.summary.full += 1,
            Standing::Partial => self.summary.partial += 1,
            Standing::Refused => self.summary.refused += 1,
            Standing::Missing => self.summary.missing += 1,
        }
        let mut warned = false;
        for (outcome, (_, failed)) in outcomes.zip(&mut self.failed) {
            warned |= outcome == Outcome::Warned;
            *failed += usize::from(outcome == Outcome::Failed);
        }
        self.summary.warned += usize::from(warned);
    }

    /// How the class did.
    pub fn summary(&self) -> Summary {
        let mut most_failed: Option<MostFailed> = None;
        for (id, answers) in &self.failed {
            // Of several the first: it may be what the others rest on.
            if *answers > most_failed.as_ref().map_or(0, |most| most.answers) {
                most_failed = Some(MostFailed { id: id.clone(), answers: *answers });
            }
        }
        Summary { most_failed, ..self.summary.clone() }
    }
}

/// The note on a student who is not in the roster.
const NOT_IN_ROSTER: &str = "not in the roster";
/// The end of the note on a student who is named by more than one answer.
const NAME_THIS_STUDENT: &str = " answers name this student";

/// The students that the answers of a class name, and the roster: the notes on one answer depend on all of them.
#[derive(Clone, Debug, Default)]
pub struct Register {
    answers: BTreeMap<StudentId, usize>,
    roster: Option<BTreeSet<StudentId>>,
}

impl Register {
    /// Takes in the student that each answer names, and the roster where there is one.
    pub fn new(named: impl Iterator<Item = StudentId>, roster: Option<&[StudentId]>) -> Register {
        let mut answers = BTreeMap::new();
        named.for_each(|student| *answers.entry(student).or_default() += 1);
        Register { answers, roster: roster.map(|roster| roster.iter().cloned().collect()) }
    }

    /// What the teacher should know of an answer that names this student, beside what it tells itself.
    pub fn notes(&self, student: Option<&StudentId>) -> Vec<String> {
        let Some(student) = student else { return Vec::new() };
        let count = self.answers.get(student).copied().unwrap_or(0);
        let several = (count > 1).then(|| format!("{count}{NAME_THIS_STUDENT}"));
        let stranger = self.roster.as_ref().is_some_and(|roster| !roster.contains(student));
        several.into_iter().chain(stranger.then(|| NOT_IN_ROSTER.to_owned())).collect()
    }

    /// Adds these notes to a grade.
    pub fn note(&self, grade: &mut Grade) {
        grade.notes.extend(self.notes(grade.student.as_ref()));
    }

    /// Whether a note is one of those.
    pub fn is_note(note: &str) -> bool {
        note == NOT_IN_ROSTER || note.ends_with(NAME_THIS_STUDENT)
    }

    /// Who has handed in nothing.
    pub fn missing(&self) -> impl Iterator<Item = Grade> {
        let missing = self.roster.iter().flatten().filter(|student| !self.answers.contains_key(*student));
        missing.map(|student| Grade::missing(student.clone()))
    }
}
