//! Whose account an explanation is, and what speaks for it.

use crate::journal::Journal;
use serde::{Deserialize, Serialize};
use vethlab_shared::stack::NetworkStack;

/// Who tells what happened, and whether the kernel did the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose account it is.
    pub stack: ToldBy,
    /// Whether the kernel, given the same commands, printed the same and sent the same frames. `false` too where
    /// nobody compared, as on the simulator alone.
    pub confirmed: bool,
    /// Commands that vethlab refused, as it does not model them, and that would have altered the network: what they would
    /// have done is missing on both.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missed: Vec<String>,
    /// For how many commands the two were the same, from the first one on.
    pub commands: usize,
    /// Where they were not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub difference: Option<Departure>,
}

/// A stack that tells why it decides as it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToldBy {
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
pub trait StackBeside {
    /// Comes up to where the stack is now, and gives what it knows. The journal is the stack's own.
    fn tell(&mut self, stack: &mut dyn NetworkStack, journal: &Journal) -> SeenBeside<'_>;
}

/// What a stack beside this one has seen.
pub struct SeenBeside<'a> {
    /// The stack itself.
    pub stack: &'a mut dyn NetworkStack,
    /// What was done and happened there.
    pub journal: &'a Journal,
    /// What speaks for it.
    pub account: Account,
}

/// The same stack for a shorter while.
pub fn borrowed<'a>(beside: &'a mut Option<&mut dyn StackBeside>) -> Option<&'a mut dyn StackBeside> {
    match beside {
        Some(beside) => Some(&mut **beside),
        None => None,
    }
}
