//! The stacks that a person can choose between.

use serde::{Deserialize, Serialize};
use std::fmt;
use vethlab_real::RealStack;
pub use vethlab_real::Unavailable;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;

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

/// Opens a stack as it is on a fresh machine. The seed is the simulator's: the same seed, the same bytes.
///
/// The real stack may enter a user namespace, which the kernel allows to a process of one thread only: open it
/// before anything starts a thread.
///
/// # Errors
/// The real stack needs what not every machine has.
pub fn open(choice: StackChoice, seed: u64) -> Result<Box<dyn NetworkStack>, Unavailable> {
    match choice {
        StackChoice::Sim => Ok(Box::new(World::new(seed))),
        StackChoice::Real => Ok(Box::new(RealStack::new()?)),
    }
}
