//! How many answers are graded in a second, on one core and on all, and whether twice as many take twice as long.
//!
//! `cargo run --release -p vethlab-tests --example classroom`
//!
//! The exercise is `row` of `tests/packs/classroom`: five namespaces, seven checks, a student's own addresses. Half of
//! the answers are whole; of the others a part is missing.

use std::io;
use std::thread;
use std::time::{Duration, Instant};
use vethlab::classroom::grade::{Assignment, Grades, Submission};
use vethlab_tests::classroom;

const ANSWERS: usize = 1000;

fn main() -> io::Result<()> {
    let assignment = classroom::assignment("row")?;
    let answers = classroom::class(&assignment, 2 * ANSWERS)?;
    let cores = thread::available_parallelism()?.get();
    println!("exercise {}, {cores} cores", assignment.name);
    let (alone, _) = timed(&assignment, &answers[..ANSWERS], 1)?;
    let (together, grades) = timed(&assignment, &answers[..ANSWERS], cores)?;
    let summary = grades.summary();
    println!("{ANSWERS} answers: {} full, {} partly", summary.full, summary.partial);
    println!("on one core:    {}", rate(ANSWERS, alone));
    println!("on {cores} cores:     {}", rate(ANSWERS, together));
    println!("one core, by the number of answers:");
    for count in [ANSWERS / 4, ANSWERS / 2, ANSWERS, 2 * ANSWERS] {
        let (time, _) = timed(&assignment, &answers[..count], 1)?;
        println!(
            "  {count:5}: {}, {:.0} µs each",
            rate(count, time),
            time.as_secs_f64() * 1e6 / count as f64
        );
    }
    Ok(())
}

fn timed(assignment: &Assignment, answers: &[Submission], threads: usize) -> io::Result<(Duration, Grades)> {
    let began = Instant::now();
    let grades = classroom::graded(assignment, answers, threads)?;
    Ok((began.elapsed(), grades))
}

fn rate(count: usize, time: Duration) -> String {
    format!("{:.0} answers a second ({time:.2?})", count as f64 / time.as_secs_f64())
}
