//! Learners at a terminal: each lesson from its first screen to its last, as a person plays it.
//!
//! They type what the lesson's own solutions hold, with typing errors among it; they paste, type ahead, leave in the
//! middle and come back. A run of all twelve lessons on the simulator is part of every run of the tests, and a few more.
//! `VETHLAB_LEARNERS=all` plays every lesson at two sizes of the screen, as root and as an ordinary user, on the
//! simulator and on the kernel, with pauses of seconds between some lines.

mod plan;
mod typist;

use crate::terminal::missing;
use libtest_mimic::Failed;
use std::fmt;
use vethlab::packs::packs;
use vethlab_engine::lesson::{Edition, Lesson};
use vethlab_engine::stacks::StackChoice;
use vethlab_tests::trial::Trial;

/// Names the runs that are wanted: `all`, or those that are quick where it is not set.
const RUNS: &str = "VETHLAB_LEARNERS";

/// Where a learner sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sitting {
    rows: u16,
    columns: u16,
    stack: StackChoice,
    ordinary_user: bool,
    /// Whether there are pauses of seconds.
    pauses: bool,
}

impl fmt::Display for Sitting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sitting { rows, columns, stack, ordinary_user, .. } = self;
        let user = if *ordinary_user { "an ordinary user" } else { "whoever runs the tests" };
        write!(f, "{columns}x{rows} on {stack} as {user}")
    }
}

const SMALL: Sitting =
    Sitting { rows: 24, columns: 80, stack: StackChoice::Sim, ordinary_user: false, pauses: false };
const LARGE: Sitting = Sitting { rows: 40, columns: 120, ..SMALL };
const ORDINARY: Sitting = Sitting { ordinary_user: true, ..SMALL };
const REAL: Sitting = Sitting { stack: StackChoice::Real, ..SMALL };

/// Those of a lesson, by its number from 1.
fn sittings(number: usize) -> Vec<Sitting> {
    if std::env::var_os(RUNS).is_some_and(|runs| runs == "all") {
        let pauses = |sitting: Sitting| Sitting { pauses: true, ..sitting };
        let sizes = |sitting: Sitting| {
            [(24, 80), (40, 120)].map(|(rows, columns)| Sitting { rows, columns, ..sitting })
        };
        return [SMALL, ORDINARY, REAL].into_iter().flat_map(sizes).map(pauses).collect();
    }
    let more = match number {
        1 => vec![LARGE],
        2 => vec![ORDINARY],
        6 => vec![REAL],
        _ => Vec::new(),
    };
    [vec![SMALL], more].concat()
}

pub(crate) fn trials(real: Option<&str>) -> Result<Vec<Trial>, Failed> {
    let no_terminal = missing();
    let no_user = || {
        let is_root = rustix::process::geteuid().is_root();
        (!is_root).then(|| "only root can become another user".to_owned())
    };
    let mut trials = Vec::new();
    let lessons = packs()?.into_iter().flat_map(|pack| pack.lessons);
    for (number, lesson) in (1..).zip(lessons) {
        for sitting in sittings(number).into_iter().filter(|sitting| lesson.stacks.contains(&sitting.stack)) {
            let name = format!("{} at {sitting}", lesson.id);
            let lesson = lesson.clone();
            let test = move || learn(number, &lesson, sitting);
            let no_user = no_user().filter(|_| sitting.ordinary_user);
            let missing = no_terminal.as_deref().or(no_user.as_deref());
            trials.push(match sitting.stack {
                StackChoice::Sim => Trial::with_tool(name, missing, test).waits(),
                StackChoice::Real => Trial::on_kernel(name, real.or(missing), test).timed(),
            });
        }
    }
    Ok(trials)
}

/// Plays a lesson.
fn learn(number: usize, lesson: &Lesson, sitting: Sitting) -> Result<(), Failed> {
    let lesson = lesson.in_edition(Edition { seed: 0, stack: sitting.stack })?;
    let plans = plan::plans(&lesson, usize::from(sitting.columns))?;
    typist::play(number, &lesson, &plans, sitting)
}
