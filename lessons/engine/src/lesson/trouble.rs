//! Why a lesson or an exercise cannot go on.

use super::CommandFailed;
use crate::stacks::Unavailable;
use std::fmt;

/// Why a lesson or an exercise cannot go on.
#[derive(Debug)]
pub enum Trouble {
    /// Its network cannot be prepared.
    SetUp(CommandFailed),
    /// A stack cannot be had.
    Stack(Unavailable),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::SetUp(error) => error.fmt(f),
            Trouble::Stack(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Trouble {}

impl From<CommandFailed> for Trouble {
    fn from(error: CommandFailed) -> Trouble {
        Trouble::SetUp(error)
    }
}

impl From<Unavailable> for Trouble {
    fn from(error: Unavailable) -> Trouble {
        Trouble::Stack(error)
    }
}
