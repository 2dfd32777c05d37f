//! Grading on this machine: answers and rosters are files, work is spread over threads, and clocks set limits. What a
//! grade is, the engine decides.

mod collect;
mod roster;

pub use collect::{Collected, NotCollected, collect};
pub use roster::{Roster, roster};

use crate::bounds::{LIMIT_ON_SIM, within_or_when};
use crate::stacks;
use crate::workers;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vethlab_engine::classroom::{Assessment, Assignment, Grade, Grades, Submission};
use vethlab_engine::lesson::LessonError;
use vethlab_engine::stacks::StackChoice;
use vethlab_shared::budget::Limits;

/// How long an answer may take on the kernel, where a ping that nobody answers takes its time.
const LIMIT_ON_REAL: Duration = Duration::from_secs(60);

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
    limits: Limits,
    stop: &AtomicBool,
    mut done: impl FnMut(&Grade),
) -> Result<Option<Grades>, LessonError> {
    let class = Grades::new(assignment, stack)?;
    let mut grades: Vec<Grade> = Vec::with_capacity(submissions.len());
    let threads = if stack == StackChoice::Sim { threads.max(1) } else { 0 };
    let may_go_on = || !stop.load(Ordering::Relaxed);
    let work = |_, submission: &Submission| grade_safely(assignment, submission, stack, limits, stop);
    let take = |_, grade| {
        // One that was interrupted is not done.
        if may_go_on() {
            done(&grade);
        }
        grades.push(grade);
    };
    workers::spread(submissions, threads, may_go_on, work, take);
    Ok((!stop.load(Ordering::Relaxed)).then(|| class.with(grades)))
}

/// Grades one answer; a fault of this program is told as its result, and the others go on.
fn grade_safely(
    assignment: &Assignment,
    submission: &Submission,
    stack: StackChoice,
    limits: Limits,
    stop: &AtomicBool,
) -> Grade {
    let graded = catch_unwind(AssertUnwindSafe(|| grade_until(assignment, submission, stack, limits, stop)));
    graded.unwrap_or_else(|_| {
        let problem = "vethlab itself failed on this answer: please report it";
        Grade::refused(submission.student.clone(), submission.file.clone(), &problem)
    })
}

/// Grades one answer within limits, and those of this machine.
pub fn grade_one(
    assignment: &Assignment,
    submission: &Submission,
    stack: StackChoice,
    limits: Limits,
) -> Grade {
    grade_until(assignment, submission, stack, limits, &AtomicBool::new(false))
}

/// Grades one answer until it is to stop: on the simulator, and on the kernel behind that where it was chosen.
fn grade_until(
    assignment: &Assignment,
    submission: &Submission,
    stack: StackChoice,
    limits: Limits,
    stop: &AtomicBool,
) -> Grade {
    Grade::of(assignment, submission, stack, |exercise, answer| {
        let simulated = Assessment::on_sim(exercise, answer, limits, &within_or_when(LIMIT_ON_SIM, stop))?;
        if stack == StackChoice::Sim {
            return Ok(simulated);
        }
        let mut kernel = stacks::open(stack, 0).map_err(|unavailable| unavailable.to_string())?;
        simulated.on_kernel(kernel.as_mut(), exercise, answer, limits, &within_or_when(LIMIT_ON_REAL, stop))
    })
}
