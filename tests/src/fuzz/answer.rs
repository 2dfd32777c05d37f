//! Answers: read, written and read again, and graded.

use super::{LIMITS, is_one_line};
use crate::classroom;
use std::sync::LazyLock;
use vethlab::classroom::report::{Kept, jsonl};
use vethlab_engine::classroom::{Answer, Assignment, Grade, Graded, Head, Submission};
use vethlab_engine::classroom::{Assessment, assess_on_sim};
use vethlab_engine::stacks::StackChoice;

static ASSIGNMENT: LazyLock<Assignment> =
    LazyLock::new(|| classroom::assignment("cable").expect("an exercise"));

/// A grade is within what there is to get, the same each time, and a refusal says why in a line.
pub(super) fn run(bytes: &[u8]) {
    match Answer::parse(bytes) {
        Ok(answer) => {
            let written = answer.to_string();
            assert_eq!(Answer::parse(written.as_bytes()).as_ref(), Ok(&answer), "read again: {written}");
            assert_eq!(Head::of(bytes), answer.head);
        }
        Err(error) => is_one_line(&error.to_string()),
    }
    let student = "ann".parse().expect("an id");
    let submission = Submission { file: "a".to_owned(), bytes: Ok(bytes.to_vec()), student: Some(student) };
    let grade = graded(&submission);
    assert_eq!(graded(&submission), grade, "the same answer has the same grade");
    match &grade.result {
        Graded::Graded(verdict) => {
            assert!(verdict.points <= verdict.maximum, "{verdict:?}");
            assert!(grade.failed_commands <= grade.commands, "{grade:?}");
        }
        Graded::Refused { problem } => is_one_line(problem),
        Graded::Missing => panic!("it was handed in"),
    }
    let line = jsonl::line(&grade).expect("plain data");
    let kept = Kept::read(line.as_bytes()).expect("a line of a grade");
    assert_eq!((&kept.file, &kept.digest, &kept.notes), (&grade.file, &grade.digest, &grade.notes));
    assert_eq!(kept.standing, grade.standing(), "{line}");
    grade.notes.iter().for_each(|note| is_one_line(note));
}

fn graded(submission: &Submission) -> Grade {
    Grade::of(&ASSIGNMENT, submission, StackChoice::Sim, |exercise, answer| {
        let assessed = assess_on_sim(exercise, answer, LIMITS, &|| None);
        let (attempt, verdict) = assessed.map_err(|error| error.to_string())?;
        Ok(Assessment { attempt, verdict, notes: Vec::new() })
    })
}
