//! What grading an answer costs. Prints a line of JSON.
//!
//! `cargo run --release -p vethlab-tests --example grade -- --answers 1000 --threads 1`
//!
//! The exercise is `row` of `tests/packs/classroom`: five namespaces, seven checks, a student's own addresses. Half of
//! the answers are whole; of the others a part is missing.

use clap::Parser;
use serde::Serialize;
use vethlab_tests::classroom;
use vethlab_tests::workload::Result;
use vethlab_tests::workload::measure::{Measured, measure, report};

#[derive(Parser, Serialize)]
struct Arguments {
    /// How many answers, each of another student.
    #[arg(long, default_value_t = 1000)]
    answers: usize,
    /// How many threads grade them.
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

#[derive(Serialize)]
struct Did {
    full: usize,
    partial: usize,
    #[serde(flatten)]
    measured: Measured,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let assignment = classroom::assignment("row")?;
    let answers = classroom::class(&assignment, arguments.answers)?;
    let (mut full, mut partial) = (0, 0);
    let mut rest = answers.as_slice();
    let work = |count| {
        let (part, behind) = rest.split_at(count);
        let summary = classroom::graded(&assignment, part, arguments.threads)?.summary();
        (full, partial) = (full + summary.full, partial + summary.partial);
        rest = behind;
        Ok(())
    };
    let measured = measure(arguments.answers, work, None)?;
    report("grade", &arguments, Did { full, partial, measured })
}
