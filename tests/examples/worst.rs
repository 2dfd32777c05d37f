//! A class in which some hand in the worst that they can: the others get what they get without them. Prints a line of JSON.
//!
//! `cargo run --release -p vethlab-tests --example worst -- --answers 200 --worst 40 --threads 1`
//!
//! The exercise is `row` of `tests/packs/classroom`. It fails where a grade of the others is another one than without
//! the worst.

use clap::Parser;
use serde::Serialize;
use std::slice;
use vethlab_engine::classroom::{Grade, Graded, StudentId, Submission};
use vethlab_tests::classroom::{self, KINDS, worst};
use vethlab_tests::workload::Result;
use vethlab_tests::workload::measure::{Measured, once, report, take_peak};

#[derive(Parser, Serialize)]
struct Arguments {
    /// How many answers, each of another student.
    #[arg(long, default_value_t = 200)]
    answers: usize,
    /// How many of them are the worst.
    #[arg(long, default_value_t = KINDS)]
    worst: usize,
    /// How many threads grade them.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// A line to standard error for each kind of the worst: how long it took alone, and the most memory meanwhile.
    #[arg(long)]
    #[serde(skip)]
    each: bool,
}

#[derive(Serialize)]
struct Did {
    full: usize,
    partial: usize,
    refused: usize,
    #[serde(flatten)]
    measured: Measured,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let assignment = classroom::assignment("row")?;
    let good = classroom::class(&assignment, arguments.answers.saturating_sub(arguments.worst))?;
    let expected = classroom::graded(&assignment, &good, arguments.threads)?.grades;
    let bad = (0..arguments.worst).map(answer).collect::<Result<Vec<_>>>()?;
    if arguments.each {
        for (kind, answer) in bad.iter().enumerate() {
            take_peak()?;
            let alone = || Ok(classroom::graded(&assignment, slice::from_ref(answer), 1)?);
            let (graded, measured) = once(alone)?;
            let problem = told(&graded.grades[0]);
            eprintln!("{kind:3} {:7.3} s {:5} MiB  {problem}", measured.cpu_seconds, take_peak()? >> 10);
        }
    }
    let class = mixed(good, bad);
    let (graded, measured) = once(|| Ok(classroom::graded(&assignment, &class, arguments.threads)?))?;
    let is_good = |grade: &&Grade| expected.iter().any(|good| good.file == grade.file);
    if !graded.grades.iter().filter(is_good).eq(&expected) {
        return Err("the others have other grades than without the worst".into());
    }
    let summary = graded.summary();
    let did = Did { full: summary.full, partial: summary.partial, refused: summary.refused, measured };
    report("worst", &arguments, did)
}

/// The worst answer of a kind, in a file of its own.
fn answer(kind: usize) -> Result<Submission> {
    let student: StudentId = format!("worst-{kind:05}").parse()?;
    Ok(Submission {
        file: format!("{student}.sh"),
        bytes: Ok(worst(kind).into_bytes()),
        student: Some(student),
    })
}

/// The worst between the others.
fn mixed(good: Vec<Submission>, bad: Vec<Submission>) -> Vec<Submission> {
    let every = good.len().checked_div(bad.len()).unwrap_or(0).max(1);
    let (mut good, mut class) = (good.into_iter(), Vec::new());
    for worst in bad {
        class.push(worst);
        class.extend(good.by_ref().take(every));
    }
    class.extend(good);
    class
}

/// What became of an answer.
fn told(grade: &Grade) -> String {
    match &grade.result {
        Graded::Graded(verdict) => format!("{} points", verdict.points),
        Graded::Refused { problem } => problem.clone(),
        Graded::Missing => "missing".to_owned(),
    }
}
