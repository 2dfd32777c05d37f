//! The trials of the program that enters namespaces, and how many of them run at a time.
//!
//! `libtest-mimic` reads the command line and prints what came of each trial, in the order of the list. Which trial
//! runs when is decided here: one that waits for the kernel leaves the processors to others.

use libtest_mimic::{Arguments, Conclusion, Failed};
use std::any::Any;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, thread};

/// The kind of trials that need the kernel's namespaces: they stand as `[real] NAME` in the list, and the filter
/// `[real]` chooses them.
const REAL: &str = "real";

/// How many trials may wait for the kernel at a time.
const WAITING: usize = 6;

/// How many of the longest trials are named at the end.
const LONGEST: usize = 10;

/// What a trial does most of the time: it says how many of its like run at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// It computes: as many as there are processors.
    Computes,
    /// It waits for answers of the kernel: some more.
    Waits,
    /// What its like does would delay what it waits for: one.
    Alone,
}

type Test = Box<dyn FnOnce() -> Result<(), Failed> + Send>;

/// A test with a name.
pub struct Trial {
    name: String,
    kind: &'static str,
    pace: Pace,
    test: Test,
}

impl Trial {
    /// A test that runs everywhere.
    pub fn new(name: impl Into<String>, test: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
        Trial { name: name.into(), kind: "", pace: Pace::Computes, test: Box::new(test) }
    }

    /// A test that needs a program which may be missing here. Then it says so in one line and passes, or fails if
    /// `VETHLAB_REQUIRE_REAL=1`.
    pub fn with_tool(
        name: impl Into<String>,
        missing: Option<&str>,
        test: impl FnOnce() -> Result<(), Failed> + Send + 'static,
    ) -> Trial {
        let name = name.into();
        match missing {
            None => Trial::new(name, test),
            Some(missing) => {
                let line = format!("SKIPPED {name}: {missing}");
                Trial::new(name, move || skip(line))
            }
        }
    }

    /// A test that needs the kernel's namespaces, which may be missing here as a program may.
    pub fn on_kernel(
        name: impl Into<String>,
        missing: Option<&str>,
        test: impl FnOnce() -> Result<(), Failed> + Send + 'static,
    ) -> Trial {
        Trial { kind: REAL, pace: Pace::Waits, ..Trial::with_tool(name, missing, test) }
    }

    /// The same, with none of its like beside it.
    #[must_use]
    pub fn alone(self) -> Trial {
        Trial { pace: Pace::Alone, ..self }
    }

    /// The same, with a group before its name.
    #[must_use]
    pub fn of(self, group: &str) -> Trial {
        Trial { name: format!("{group}::{}", self.name), ..self }
    }
}

fn skip(line: String) -> Result<(), Failed> {
    if env::var_os("VETHLAB_REQUIRE_REAL").is_some_and(|value| value == "1") {
        return Err(line.into());
    }
    println!("{line}");
    Ok(())
}

/// What came of a test, or the panic that ended it.
type Outcome = Result<Result<(), Failed>, Box<dyn Any + Send>>;

/// A test that is to be run, and where to tell what came of it.
struct Job {
    name: String,
    pace: Pace,
    test: Test,
    told: Sender<Outcome>,
}

/// Runs the trials that the arguments choose. `--test-threads` says how many run at a time in all.
pub fn run(mut arguments: Arguments, trials: Vec<Trial>) -> Conclusion {
    let mut jobs = Vec::new();
    let mut listed = Vec::new();
    for Trial { name, kind, pace, test } in trials {
        let (told, result) = channel::<Outcome>();
        let heard = move || result.recv()?.unwrap_or_else(|panic| resume_unwind(panic));
        let trial = libtest_mimic::Trial::test(name.clone(), heard).with_kind(kind);
        if !arguments.list && !arguments.bench && !arguments.is_filtered_out(&trial) {
            jobs.push(Job { name, pace, test, told });
        }
        listed.push(trial);
    }
    let queue = Queue::new(jobs);
    let workers = arguments.test_threads.unwrap_or(queue.rooms.iter().sum());
    // There, one result after the other is waited for.
    arguments.test_threads = Some(1);
    let conclusion = thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| queue.work());
        }
        libtest_mimic::run(&arguments, listed)
    });
    queue.tell_longest();
    conclusion
}

/// The tests that are still to be run, and how many of each pace run now.
struct Queue {
    state: Mutex<State>,
    /// A test has ended, so that there is room for another.
    ended: Condvar,
    /// How many of each pace may run at a time.
    rooms: [usize; 3],
}

struct State {
    waiting: Vec<Job>,
    running: [usize; 3],
    /// How long each test took that has ended.
    took: Vec<(Duration, String)>,
}

impl Queue {
    fn new(waiting: Vec<Job>) -> Queue {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let mut rooms = [0; 3];
        rooms[Pace::Computes as usize] = processors;
        rooms[Pace::Waits as usize] = WAITING;
        rooms[Pace::Alone as usize] = 1;
        let state = Mutex::new(State { waiting, running: [0; 3], took: Vec::new() });
        Queue { state, ended: Condvar::new(), rooms }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one test after the other until none is left.
    fn work(&self) {
        while let Some(Job { name, pace, test, told }) = self.next() {
            let began = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(test));
            let mut state = self.state();
            state.running[pace as usize] -= 1;
            state.took.push((began.elapsed(), name));
            drop(state);
            self.ended.notify_all();
            // Nobody listens any more when the whole run has been given up.
            let _ = told.send(outcome);
        }
    }

    /// The first test for which there is room, once there is.
    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        while !state.waiting.is_empty() {
            let has_room = |job: &Job| state.running[job.pace as usize] < self.rooms[job.pace as usize];
            match state.waiting.iter().position(has_room) {
                Some(place) => {
                    let job = state.waiting.remove(place);
                    state.running[job.pace as usize] += 1;
                    return Some(job);
                }
                None => state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
        None
    }

    fn tell_longest(&self) {
        let mut state = self.state();
        state.took.sort_by(|a, b| b.cmp(a));
        for (time, name) in state.took.iter().take(LONGEST) {
            println!("{:7.1} s  {name}", time.as_secs_f64());
        }
    }
}
