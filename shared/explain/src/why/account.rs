//! Whose account an explanation is, and what speaks for it.

use crate::journal::Journal;
use serde::{Deserialize, Serialize};
use vethlab_shared::stack::NetworkStack;

/// Who tells what happened, and whether the kernel did the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose account it is.
    pub stack: Teller,
    /// Whether the kernel, given the same commands, printed the same and sent the same frames. `false` too where
    /// nobody compared, as on the simulator alone.
    pub confirmed: bool,
    /// For how many commands the two were the same, from the first one on.
    pub commands: usize,
    /// Where they were not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub difference: Option<Departure>,
}

/// A stack that tells why it decides as it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Teller {
    /// The simulator.
    #[default]
    Sim,
}

/// The first thing that the kernel did otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// The command by whose end it was seen.
    pub command: String,
    /// What each of them did.
    pub how: String,
}

/// A stack beside the one that a program works on, which was given the same commands and tells more.
pub trait Witness {
    /// Comes up to where the stack is now, and gives what it knows. The journal is the stack's own.
    fn testify(&mut self, stack: &mut dyn NetworkStack, journal: &Journal) -> Testimony<'_>;
}

/// What a witness knows.
pub struct Testimony<'a> {
    /// The witness's own stack.
    pub stack: &'a mut dyn NetworkStack,
    /// What was done and happened there.
    pub journal: &'a Journal,
    /// What speaks for it.
    pub account: Account,
}

/// The same witness for a shorter while.
pub fn borrowed<'a>(witness: &'a mut Option<&mut dyn Witness>) -> Option<&'a mut dyn Witness> {
    match witness {
        Some(witness) => Some(&mut **witness),
        None => None,
    }
}
