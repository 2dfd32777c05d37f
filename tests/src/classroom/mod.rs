//! A class for the tests: exercises of the pack in `tests/packs/classroom`, and answers to them, good and bad.

mod worst;

pub use worst::{KINDS, worst};

use crate::files;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use vethlab::classroom::grade::Grading;
use vethlab_engine::classroom::Assignment;
use vethlab_engine::classroom::{Answer, Head, StudentId};
use vethlab_engine::classroom::{Grades, Submission};
use vethlab_engine::lesson::Edition;
use vethlab_engine::limits;
use vethlab_engine::stacks::StackChoice;

/// The folder of the pack.
pub fn pack() -> PathBuf {
    files::crate_folder().join("packs/classroom")
}

/// An exercise of the pack, by its word.
///
/// # Errors
/// The pack cannot be read, or has none of that name.
pub fn assignment(word: &str) -> io::Result<Assignment> {
    let pack = vethlab::packs::read(&pack()).map_err(io::Error::other)?;
    let known = pack.exercises.into_iter().find(|exercise| exercise.id == word);
    let exercise = known.ok_or_else(|| io::Error::other(format!("there is no exercise '{word}'")))?;
    Ok(Assignment { name: format!("{}/{word}", pack.id), exercise })
}

/// What a student hands in who does the solution's commands without the last few.
///
/// # Errors
/// The exercise cannot be had in that student's edition.
pub fn answer(assignment: &Assignment, student: &StudentId, left_out: usize) -> io::Result<Answer> {
    let exercise = &assignment.exercise;
    let edition = Edition { seed: student.seed(&exercise.id), stack: StackChoice::Sim };
    let mut commands = exercise.in_edition(edition).map_err(io::Error::other)?.task.solution;
    commands.truncate(commands.len().saturating_sub(left_out));
    let head = Head {
        exercise: assignment.name.clone(),
        version: exercise.version,
        student: Some(student.clone()),
        hints: 0,
        tool: "vethlab tests".to_owned(),
    };
    Ok(Answer { head: Some(head), commands, edited: false })
}

/// Grades answers on the simulator.
///
/// # Errors
/// The exercise cannot be had there.
pub fn graded(assignment: &Assignment, submissions: &[Submission], threads: usize) -> io::Result<Grades> {
    graded_in_class(assignment, submissions, threads, None)
}

/// The same with those who are in the class.
///
/// # Errors
/// The exercise cannot be had there.
pub fn graded_in_class(
    assignment: &Assignment,
    submissions: &[Submission],
    threads: usize,
    roster: Option<&[StudentId]>,
) -> io::Result<Grades> {
    let stop = &AtomicBool::new(false);
    let (stack, limits) = (StackChoice::Sim, limits::ANSWER);
    let class = Grades::new(assignment, stack).map_err(io::Error::other)?;
    let mut grades = Vec::new();
    let all = Grading { assignment, stack, threads, limits, stop }.each(
        submissions,
        Submission::clone,
        |_, grade| {
            grades.push(grade);
            ControlFlow::Continue(())
        },
    );
    if all { Ok(class.with(grades, roster)) } else { Err(io::Error::other("it was stopped")) }
}

/// As many answers, each student's own: every second one is whole, of the others a part is missing.
///
/// # Errors
/// The exercise cannot be had in somebody's edition.
pub fn class(assignment: &Assignment, count: usize) -> io::Result<Vec<Submission>> {
    let one = |number: usize| {
        let student: StudentId = format!("student-{number:05}").parse().map_err(io::Error::other)?;
        let left_out = if number.is_multiple_of(2) { 0 } else { number % 7 };
        let answer = answer(assignment, &student, left_out)?;
        let file = format!("{student}.answer");
        Ok(Submission { file, bytes: Ok(answer.to_string().into_bytes()), student: Some(student) })
    };
    (0..count).map(one).collect()
}
