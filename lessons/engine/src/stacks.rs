//! The stacks that a person can choose between.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One of the two stacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StackChoice {
    /// The simulator: works everywhere, changes nothing.
    #[default]
    Sim,
    /// The running Linux kernel, in namespaces of its own.
    Real,
}

impl StackChoice {
    /// Both, the simulator first.
    pub const BOTH: [StackChoice; 2] = [StackChoice::Sim, StackChoice::Real];

    /// The word that chooses it.
    pub fn name(self) -> &'static str {
        match self {
            StackChoice::Sim => "sim",
            StackChoice::Real => "real",
        }
    }
}

impl fmt::Display for StackChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A stack cannot be had here: why, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}
