//! Grading: many answers to one exercise, each run again on a fresh network of its student's own.

mod collect;
mod roster;
mod summary;

pub use collect::{Collected, NotCollected, Submission, collect};
pub use roster::{Roster, roster};
pub use summary::{MostFailed, Summary};

use crate::bounds::{LIMIT_ON_SIM, within_or_when};
use crate::stacks;
use crate::workers;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vethlab_engine::classroom::attempt::{self, Attempt};
use vethlab_engine::classroom::{
    Answer, Assignment, CheckedNetwork, StudentId, Verdict, assess_on_sim, check_id,
};
use vethlab_engine::lesson::{Edition, Exercise, LessonError};
use vethlab_engine::stacks::StackChoice;

/// How long an answer may take on the kernel, where a ping that nobody answers takes its time.
const LIMIT_ON_REAL: Duration = Duration::from_secs(60);

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

/// What became of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// Whose it is, where that could be found out.
    pub student: Option<StudentId>,
    /// The file, as it was found; empty where nothing was handed in.
    pub file: String,
    /// The points.
    pub points: u32,
    /// How it was graded, or why it could not be.
    pub result: Graded,
    /// How many commands ran.
    pub commands: usize,
    /// How many of them failed.
    pub failed_commands: usize,
    /// What the teacher should know besides.
    pub notes: Vec<String>,
}

/// How an answer was graded, or why it was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Graded {
    /// Its checks were looked at.
    Graded(Verdict),
    /// It could not be graded.
    Refused {
        /// Why, in one line.
        problem: String,
    },
    /// Nothing was handed in.
    Missing,
}

/// How an answer stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has all points.
    Full,
    /// It has some, or none.
    Partial,
    /// It could not be graded.
    Refused,
    /// There is none.
    Missing,
}

impl Standing {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Full => "full",
            Standing::Partial => "partial",
            Standing::Refused => "refused",
            Standing::Missing => "missing",
        }
    }
}

impl Grade {
    fn refused(student: Option<StudentId>, file: String, problem: &dyn ToString) -> Grade {
        let result = Graded::Refused { problem: problem.to_string() };
        Grade { student, file, result, ..Grade::nothing() }
    }

    /// A student from whom there is nothing.
    pub fn missing(student: StudentId) -> Grade {
        Grade { student: Some(student), ..Grade::nothing() }
    }

    fn nothing() -> Grade {
        Grade {
            student: None,
            file: String::new(),
            points: 0,
            result: Graded::Missing,
            commands: 0,
            failed_commands: 0,
            notes: Vec::new(),
        }
    }

    /// The verdict, where there is one.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.result {
            Graded::Graded(verdict) => Some(verdict),
            Graded::Refused { .. } | Graded::Missing => None,
        }
    }

    /// Why there is no verdict, where there is none.
    pub fn problem(&self) -> Option<&str> {
        match &self.result {
            Graded::Graded(_) => None,
            Graded::Refused { problem } => Some(problem),
            Graded::Missing => Some("nothing was handed in"),
        }
    }

    /// Whether it has all points.
    pub fn is_full(&self) -> bool {
        self.standing() == Standing::Full
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        match &self.result {
            Graded::Graded(verdict) if verdict.is_full() => Standing::Full,
            Graded::Graded(_) => Standing::Partial,
            Graded::Refused { .. } => Standing::Refused,
            Graded::Missing => Standing::Missing,
        }
    }

    /// The same as its student may see it: without hidden checks, notes for the teacher, and the teacher's folders.
    #[must_use]
    pub fn for_student(&self) -> Grade {
        let result = match &self.result {
            Graded::Graded(verdict) => Graded::Graded(verdict.for_students()),
            other => other.clone(),
        };
        let file = Path::new(&self.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Grade { file, result, notes: Vec::new(), ..self.clone() }
    }

    /// The student's id, or where there is none the file.
    pub fn who(&self) -> &str {
        self.student.as_ref().map_or(&self.file, StudentId::as_str)
    }
}

impl Grades {
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
}

fn sort(grades: &mut [Grade]) {
    grades.sort_by(|one, other| (&one.student, &one.file).cmp(&(&other.student, &other.file)));
}

/// Grades answers; tells of each that is done. `None` where it was stopped before all were.
///
/// On the simulator they are spread over so many threads; the grades do not depend on how many. On the kernel they
/// run one after the other.
///
/// # Errors
/// The exercise cannot be had for this stack.
pub fn grade(
    assignment: &Assignment,
    submissions: &[Submission],
    stack: StackChoice,
    threads: usize,
    stop: &AtomicBool,
    mut done: impl FnMut(&Grade),
) -> Result<Option<Grades>, LessonError> {
    // Which checks there are depends on the stack; what they look for, on the student.
    let exercise = assignment.exercise.in_edition(Edition { stack, ..assignment.exercise.edition() })?;
    let mut grades: Vec<Grade> = Vec::with_capacity(submissions.len());
    let threads = if stack == StackChoice::Sim { threads.max(1) } else { 0 };
    let may_go_on = || !stop.load(Ordering::Relaxed);
    let work = |_, submission: &Submission| grade_safely(assignment, submission, stack, stop);
    let take = |_, grade| {
        // One that was interrupted is not done.
        if may_go_on() {
            done(&grade);
        }
        grades.push(grade);
    };
    workers::spread(submissions, threads, may_go_on, work, take);
    if stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    sort(&mut grades);
    note_doubles(&mut grades);
    let checks = exercise.task.checks.iter().enumerate().map(|(place, check)| CheckHead {
        id: check_id(place, check),
        worth: check.points(),
        hidden: check.grading.hidden,
    });
    Ok(Some(Grades {
        exercise: assignment.name.clone(),
        title: exercise.title.clone(),
        version: exercise.version,
        tool: concat!("vethlab ", env!("CARGO_PKG_VERSION")).to_owned(),
        stack,
        maximum: exercise.points(),
        checks: checks.collect(),
        grades,
    }))
}

/// Grades one answer; a fault of this program is told as its result, and the others go on.
fn grade_safely(
    assignment: &Assignment,
    submission: &Submission,
    stack: StackChoice,
    stop: &AtomicBool,
) -> Grade {
    let graded = catch_unwind(AssertUnwindSafe(|| grade_until(assignment, submission, stack, stop)));
    graded.unwrap_or_else(|_| {
        let problem = "vethlab itself failed on this answer: please report it";
        Grade::refused(submission.student.clone(), submission.file.clone(), &problem)
    })
}

/// Grades one answer.
pub fn grade_one(assignment: &Assignment, submission: &Submission, stack: StackChoice) -> Grade {
    grade_until(assignment, submission, stack, &AtomicBool::new(false))
}

fn grade_until(
    assignment: &Assignment,
    submission: &Submission,
    stack: StackChoice,
    stop: &AtomicBool,
) -> Grade {
    let Submission { file, bytes, student } = submission;
    let refused = |student: Option<&StudentId>, problem: &dyn ToString| {
        Grade::refused(student.cloned(), file.clone(), problem)
    };
    let answer = match bytes {
        Ok(bytes) => match Answer::parse(bytes) {
            Ok(answer) => answer,
            Err(error) => return refused(student.as_ref(), &error),
        },
        Err(problem) => return refused(student.as_ref(), problem),
    };
    let named = answer.head.as_ref().and_then(|head| head.student.as_ref());
    let Some(student) = named.or(student.as_ref()) else {
        return refused(None, &"it names no student, and neither does the file's name");
    };
    if let Some(head) = &answer.head
        && let Err(problem) = assignment.is_answered_by(head)
    {
        return refused(Some(student), &problem);
    }
    let edition = Edition { seed: student.seed(&assignment.exercise.id), stack };
    let exercise = match assignment.exercise.in_edition(edition) {
        Ok(exercise) => exercise,
        Err(error) => return refused(Some(student), &error),
    };
    match assess(&exercise, &answer, stack, stop) {
        Ok((attempt, verdict, mut notes)) => {
            if answer.edited {
                notes.insert(0, "it was edited after vethlab wrote it".to_owned());
            }
            if exercise.hint_costs() > 0 && !answer.tells_of_hints() {
                notes.push("it is from a plain file, which does not tell of hints".to_owned());
            }
            // Platforms put more than the id into a name, in front of it or behind.
            if let Some(other) = &submission.student
                && !other.as_str().contains(student.as_str())
            {
                notes.push(format!("its file is named after {other}"));
            }
            Grade {
                student: Some(student.clone()),
                file: file.clone(),
                points: verdict.points,
                result: Graded::Graded(verdict),
                commands: attempt.commands,
                failed_commands: attempt.failed,
                notes,
            }
        }
        Err(problem) => refused(Some(student), &problem),
    }
}

/// Runs an answer on a stack and looks at what it made. What the kernel does not tell is looked up on the simulator,
/// on which the same answer runs too.
fn assess(
    exercise: &Exercise,
    answer: &Answer,
    stack: StackChoice,
    stop: &AtomicBool,
) -> Result<(Attempt, Verdict, Vec<String>), String> {
    let on_sim = within_or_when(LIMIT_ON_SIM, stop);
    let (attempt, simulated) = assess_on_sim(exercise, answer, &on_sim).map_err(|error| error.to_string())?;
    if stack == StackChoice::Sim {
        return Ok((attempt, simulated, Vec::new()));
    }
    let mut kernel = stacks::open(stack, 0).map_err(|unavailable| unavailable.to_string())?;
    let attempt =
        attempt::run(exercise, &answer.commands, kernel.as_mut(), &within_or_when(LIMIT_ON_REAL, stop))
            .map_err(|error| error.to_string())?;
    let hints = answer.hints();
    let verdict = Verdict::reach(exercise, &mut CheckedNetwork::Live(kernel.as_mut()), &attempt.seen, hints);
    let mut notes = Vec::new();
    let differing: Vec<&str> = verdict.differences(&simulated).map(|check| check.id.as_str()).collect();
    if !differing.is_empty() {
        notes.push(format!("the simulator and the kernel differ in: {}", differing.join(", ")));
    }
    Ok((attempt, verdict.with_causes_of(&simulated), notes))
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
