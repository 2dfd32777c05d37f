//! What was found where something was looked for.

use serde::Serialize;
use vethlab_explain::why::{Cause, Diagnosis, Evidence};
use vethlab_shared::error::StackError;

/// What looking at a check gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether it holds.
    pub met: bool,
    /// What should be, in words.
    pub expected: String,
    /// What is instead; empty where it holds.
    pub found: String,
    /// Why it is so, in the words of `why`, where that is known.
    pub cause: Option<Cause>,
    /// What decided it: entries, addresses, settings.
    pub evidence: Vec<Evidence>,
    /// How it came, in a few sentences.
    pub story: Vec<String>,
}

/// A fact that does not hold: what is there instead, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Miss {
    pub(super) found: String,
    pub(super) cause: Option<Cause>,
    pub(super) diagnosis: Option<Diagnosis>,
}

/// `None` where a fact holds.
pub(super) type Answer = Result<Option<Miss>, StackError>;

impl Miss {
    pub(super) fn found(found: impl Into<String>) -> Miss {
        Miss { found: found.into(), cause: None, diagnosis: None }
    }

    pub(super) fn because(found: impl Into<String>, cause: Cause) -> Miss {
        Miss { cause: Some(cause), ..Miss::found(found) }
    }
}

impl Finding {
    /// From what a fact wants and what became of it. What a stack refuses to tell is not so.
    pub(super) fn new(expected: String, answer: Answer) -> Finding {
        let miss = match answer {
            Ok(None) => return Finding { met: true, expected, ..Finding::default() },
            Ok(Some(miss)) => miss,
            Err(error) => Miss::found(error.to_string()),
        };
        let Miss { found, cause, diagnosis } = miss;
        let (cause, evidence, story) = match diagnosis {
            Some(Diagnosis { cause, evidence, story, .. }) => (Some(cause), evidence, story),
            None => (cause, Vec::new(), Vec::new()),
        };
        Finding { met: false, expected, found, cause, evidence, story }
    }
}
