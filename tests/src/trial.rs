//! The trials of the program that enters namespaces, and how many of them run at a time.
//!
//! `libtest-mimic` reads the command line and prints what came of each trial, in the order of the list. Which trial
//! runs when is decided here: one that waits for the kernel leaves the processors to others.

use libtest_mimic::{Arguments, Conclusion, Failed};
use std::any::Any;
use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, thread};

/// The kind of trials that need the kernel's namespaces: they stand as `[real] NAME` in the list, and the filter
/// `[real]` chooses them.
const REAL: &str = "real";

/// How many trials may wait for the kernel at a time.
const WAITING: usize = 6;

/// How much nicer than others threads are that compute, as `nice(2)` counts.
const GIVES_WAY: i32 = 10;

/// How many of the longest trials are named at the end.
const LONGEST: usize = 10;

/// How often a trial that hangs on the machine's pace is run alone before its failure is believed.
const ALONE: usize = 3;

/// What a trial does most of the time: it says how many of its like run at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// It computes: as many as there are processors, which give way to the others.
    Computes,
    /// It waits for answers of the kernel: some more.
    Waits,
    /// What its like does would delay what it waits for: one.
    Alone,
}

/// Whether this is as it is expected.
///
/// # Errors
/// It is not: what it is of, what was found, and what was expected.
pub fn equal<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Result<(), Failed> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: found {found:?}, expected {expected:?}").into())
}

type Test = Box<dyn Fn() -> Result<(), Failed> + Send>;

/// A test with a name.
pub struct Trial {
    name: String,
    kind: &'static str,
    pace: Pace,
    timed: bool,
    test: Test,
}

impl Trial {
    /// A test that runs everywhere.
    pub fn new(name: impl Into<String>, test: impl Fn() -> Result<(), Failed> + Send + 'static) -> Trial {
        Trial { name: name.into(), kind: "", pace: Pace::Computes, timed: false, test: Box::new(test) }
    }

    /// A test that needs a program which may be missing here. Then it says so in one line and passes, or fails if
    /// `VETHLAB_REQUIRE_REAL=1`.
    pub fn with_tool(
        name: impl Into<String>,
        missing: Option<&str>,
        test: impl Fn() -> Result<(), Failed> + Send + 'static,
    ) -> Trial {
        let name = name.into();
        match missing {
            None => Trial::new(name, test),
            Some(missing) => {
                let line = format!("SKIPPED {name}: {missing}");
                Trial::new(name, move || skip(&line))
            }
        }
    }

    /// A test that needs the kernel's namespaces, which may be missing here as a program may.
    pub fn on_kernel(
        name: impl Into<String>,
        missing: Option<&str>,
        test: impl Fn() -> Result<(), Failed> + Send + 'static,
    ) -> Trial {
        Trial { kind: REAL, pace: Pace::Waits, ..Trial::with_tool(name, missing, test) }
    }

    /// The same, where it waits most of the time.
    #[must_use]
    pub fn waits(self) -> Trial {
        Trial { pace: Pace::Waits, ..self }
    }

    /// The same, with none of its like beside it.
    #[must_use]
    pub fn alone(self) -> Trial {
        Trial { pace: Pace::Alone, ..self }
    }

    /// The same, where the result may hang on how busy the machine is: the kernel's timers and the programs that are
    /// compared with may be late. Where it fails beside others, it runs again when they have ended, with nothing
    /// beside it.
    #[must_use]
    pub fn timed(self) -> Trial {
        Trial { timed: true, ..self }
    }

    /// The same, with a group before its name.
    #[must_use]
    pub fn of(self, group: &str) -> Trial {
        Trial { name: format!("{group}::{}", self.name), ..self }
    }
}

fn skip(line: &str) -> Result<(), Failed> {
    if env::var_os("VETHLAB_REQUIRE_REAL").is_some_and(|value| value == "1") {
        return Err(line.to_owned().into());
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
    timed: bool,
    test: Test,
    told: Sender<Outcome>,
}

impl Job {
    fn tell(&self, outcome: Outcome) {
        // Nobody listens any more when the whole run has been given up.
        let _ = self.told.send(outcome);
    }
}

/// Runs the trials that the arguments choose. `--test-threads` says how many run at a time in all.
pub fn run(mut arguments: Arguments, trials: Vec<Trial>) -> Conclusion {
    let mut jobs = Vec::new();
    let mut listed = Vec::new();
    for Trial { name, kind, pace, timed, test } in trials {
        let (told, result) = channel::<Outcome>();
        let heard = move || result.recv()?.unwrap_or_else(|panic| resume_unwind(panic));
        let trial = libtest_mimic::Trial::test(name.clone(), heard).with_kind(kind);
        if !arguments.list && !arguments.bench && !arguments.is_filtered_out(&trial) {
            jobs.push(Job { name, pace, timed, test, told });
        }
        listed.push(trial);
    }
    let queue = Queue { jobs: Mutex::new(jobs), again: Mutex::default(), took: Mutex::default() };
    // There, one result after the other is waited for.
    let threads = arguments.test_threads.replace(1);
    let conclusion = thread::scope(|scope| {
        let run = || {
            queue.run_beside_each_other(threads);
            queue.run_alone();
        };
        let thread = thread::Builder::new().stack_size(STACK);
        thread.spawn_scoped(scope, run).expect("a thread to run tests on");
        libtest_mimic::run(&arguments, listed)
    });
    queue.tell_longest();
    conclusion
}

/// Room for the calls of a thread, in bytes: without optimisation, what draws random operations takes more than the usual
/// two million.
const STACK: usize = 16 << 20;

/// The tests that are still to be run, and how long each took that has ended.
struct Queue {
    jobs: Mutex<Vec<Job>>,
    /// Those that failed beside others, to be run alone.
    again: Mutex<Vec<Job>>,
    took: Mutex<Vec<(Duration, String)>>,
}

impl Queue {
    /// Runs all tests, as many at a time as are given, or as their paces allow.
    fn run_beside_each_other(&self, threads: Option<usize>) {
        thread::scope(|scope| {
            let spawn = |room, pace| {
                for _ in 0..room {
                    let thread = thread::Builder::new().stack_size(STACK);
                    thread.spawn_scoped(scope, move || self.work(pace)).expect("a thread to run tests on");
                }
            };
            match threads {
                Some(threads) => spawn(threads, None),
                None => {
                    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
                    spawn(processors, Some(Pace::Computes));
                    spawn(WAITING, Some(Pace::Waits));
                    spawn(1, Some(Pace::Alone));
                }
            }
        });
    }

    /// Runs one test after the other until none is left, only those of a pace if one is given.
    fn work(&self, only: Option<Pace>) {
        if only == Some(Pace::Computes) {
            // What waits for the kernel is to notice its answer at once. Where a thread cannot give way, it only takes
            // longer.
            let _ = rustix::process::nice(GIVES_WAY);
        }
        while let Some(job) = self.next(only) {
            let outcome = self.outcome(&job);
            if job.timed && !matches!(outcome, Ok(Ok(()))) {
                lock(&self.again).push(job);
            } else {
                job.tell(outcome);
            }
        }
    }

    /// Runs what failed beside others, one test after the other, and says so.
    fn run_alone(&self) {
        for job in std::mem::take(&mut *lock(&self.again)) {
            let mut outcome = self.outcome(&job);
            let mut runs = 1;
            while runs < ALONE && !matches!(outcome, Ok(Ok(()))) {
                outcome = self.outcome(&job);
                runs += 1;
            }
            eprintln!(
                "AGAIN {}: it failed beside others, and was run alone, {runs} of {ALONE} times",
                job.name
            );
            job.tell(outcome);
        }
    }

    fn outcome(&self, job: &Job) -> Outcome {
        let began = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(&job.test));
        lock(&self.took).push((began.elapsed(), job.name.clone()));
        outcome
    }

    fn next(&self, only: Option<Pace>) -> Option<Job> {
        let mut jobs = lock(&self.jobs);
        let place = jobs.iter().position(|job| only.is_none_or(|pace| job.pace == pace))?;
        Some(jobs.remove(place))
    }

    fn tell_longest(&self) {
        let mut took = lock(&self.took);
        took.sort_by(|a, b| b.cmp(a));
        for (time, name) in took.iter().take(LONGEST) {
            println!("{:7.1} s  {name}", time.as_secs_f64());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{ALONE, Trial, run};
    use libtest_mimic::Arguments;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// How often a trial was run that passes at the last of so many runs, and whether it has passed.
    fn played(passes_at: usize, timed: bool) -> (usize, bool) {
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = runs.clone();
        let trial = Trial::new("counted", move || {
            let run = counted.fetch_add(1, Ordering::SeqCst) + 1;
            if run < passes_at { Err("too early".into()) } else { Ok(()) }
        });
        let trial = if timed { trial.timed() } else { trial };
        // The results of these trials are none of the project.
        let arguments = Arguments { logfile: Some("/dev/null".to_owned()), ..Arguments::default() };
        let passed = !run(arguments, vec![trial]).has_failed();
        (runs.load(Ordering::SeqCst), passed)
    }

    #[test]
    fn only_a_timed_trial_runs_again_and_not_for_ever() {
        assert_eq!(played(1, true), (1, true), "it passed at once");
        assert_eq!(played(2, false), (1, false), "it is not timed");
        assert_eq!(played(3, true), (3, true), "it passed alone");
        assert_eq!(played(100, true), (1 + ALONE, false), "a true failure stays one");
    }
}
