//! What a script is compiled to: steps in a row, with jumps.

use brush_parser::ast::{Assignment, ExtendedTestExpr, IoRedirect};
use std::sync::Arc;

/// Steps in a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Code {
    pub(crate) steps: Vec<Step>,
    /// The script that it was compiled from.
    pub(crate) source: Arc<[char]>,
}

/// A command of words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Simple {
    pub(crate) assignments: Vec<Assignment>,
    /// Words as written. One that reads as an assignment is kept with it, for `export A=…` and its like.
    pub(crate) words: Vec<String>,
    pub(crate) redirects: Vec<IoRedirect>,
    /// The line of the script, from 1.
    pub(crate) line: usize,
}

/// A loop's places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopPlaces {
    /// Behind it.
    pub(crate) exit: usize,
    /// Where its next round begins.
    pub(crate) again: usize,
}

/// What a `for` goes over.
#[derive(Clone, Debug)]
pub(crate) struct ForHead {
    pub(crate) name: String,
    /// The words of the shell where there are none.
    pub(crate) words: Option<Vec<String>>,
}

/// One step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A line begins: an error in counting leaves out the rest of the line before.
    Unit,
    Run(Simple),
    Jump(usize),
    /// Where the last status is not 0.
    JumpIfFailed(usize),
    /// Where it is 0.
    JumpIfGood(usize),
    /// `!`.
    Invert,
    Status(u8),
    /// With `set -e` a failure ends the shell here.
    Check,
    /// From here on failures are looked at, until the end of the condition.
    BeginCondition,
    EndCondition,
    /// A loop begins, without or with words to take one after another.
    BeginLoop(LoopPlaces),
    BeginFor {
        head: Arc<ForHead>,
        places: LoopPlaces,
    },
    /// The next round of a `for`, or its end.
    Next,
    /// A round has ended: the status of a loop is that of its last round, and not of the condition that ends it.
    Remember,
    EndLoop,
    /// Jumps to the first arm one of whose patterns fits, or behind all of them.
    Case {
        word: String,
        arms: Vec<(Vec<String>, usize)>,
        otherwise: usize,
    },
    /// Opens what the compound command that follows reads and writes; where that fails it is left out.
    Redirect {
        redirects: Vec<IoRedirect>,
        behind: usize,
    },
    Restore,
    Pipeline(Arc<Vec<Arc<Code>>>),
    Subshell(Arc<Code>),
    Background {
        code: Arc<Code>,
        text: String,
    },
    Define {
        name: String,
        code: Arc<Code>,
    },
    Arithmetic(String),
    Condition(ExtendedTestExpr),
}
