//! Grading on this machine: answers and rosters are files, work is spread over threads, and clocks set limits. What a
//! grade is, the engine decides.

mod collect;
mod roster;

pub use collect::{Collected, Found, NotCollected, collect};
pub use roster::{Roster, roster};

use crate::bounds::{LIMIT_ON_SIM, within_or_when};
use crate::stacks;
use crate::workers;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vethlab_engine::classroom::{Assessment, Assignment, Grade, Submission};
use vethlab_engine::stacks::StackChoice;
use vethlab_shared::budget::Limits;

/// How long an answer may take on the kernel, where a ping that nobody answers takes its time.
const LIMIT_ON_REAL: Duration = Duration::from_secs(60);

/// How answers are graded.
#[derive(Clone, Copy, Debug)]
pub struct Grading<'a> {
    /// The exercise.
    pub assignment: &'a Assignment,
    /// The stack that they run on.
    pub stack: StackChoice,
    /// How many run at once on the simulator. The grades do not depend on how many. On the kernel they run one after the
    /// other.
    pub threads: usize,
    /// What each may use.
    pub limits: Limits,
    /// Set by whoever does not want to wait any more.
    pub stop: &'a AtomicBool,
}

impl Grading<'_> {
    /// Grades answers, each read when its turn comes, and gives each grade away, in the order of the answers, with its
    /// place. Whether that was done with all of them: it ends where it is stopped, or where nobody takes any more.
    pub fn each<A: Sync>(
        &self,
        answers: &[A],
        read: impl Fn(&A) -> Submission + Sync,
        mut take: impl FnMut(usize, Grade) -> ControlFlow<()>,
    ) -> bool {
        let threads = if self.stack == StackChoice::Sim { self.threads.max(1) } else { 0 };
        let ended = AtomicBool::new(false);
        let may_go_on = || !self.stop.load(Ordering::Relaxed) && !ended.load(Ordering::Relaxed);
        let work = |_, answer: &A| self.safely(&read(answer));
        let mut done = 0;
        let take = |place, grade| {
            // One that was interrupted is not done.
            if may_go_on() {
                done += 1;
                ended.store(take(place, grade).is_break(), Ordering::Relaxed);
            }
        };
        workers::spread(answers, threads, may_go_on, work, take);
        done == answers.len()
    }

    /// Grades one answer; a fault of this program is told as its result, and the others go on.
    fn safely(&self, submission: &Submission) -> Grade {
        let Grading { assignment, stack, limits, stop, .. } = *self;
        let graded =
            catch_unwind(AssertUnwindSafe(|| grade_until(assignment, submission, stack, limits, stop)));
        graded.unwrap_or_else(|_| {
            let problem = "vethlab itself failed on this answer: please report it";
            let refused = Grade::refused(submission.counts_as(), submission.file.clone(), &problem);
            Grade { digest: submission.digest(), ..refused }
        })
    }
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
