//! The stacks that the tests run on.

use libtest_mimic::Failed;
use vethlab::stacks;
use vethlab_engine::stacks::StackChoice;
use vethlab_shared::stack::NetworkStack;

/// A simulated machine, as it is fresh.
pub fn sim(seed: u64) -> Result<Box<dyn NetworkStack>, Failed> {
    Ok(stacks::open(StackChoice::Sim, seed)?)
}

/// A machine on the running kernel, as it is fresh.
pub fn real() -> Result<Box<dyn NetworkStack>, Failed> {
    Ok(stacks::open(StackChoice::Real, 0)?)
}

/// Why this machine cannot run the tests that need the real stack, if it cannot. To be asked before any
/// thread starts.
pub fn missing() -> Option<String> {
    stacks::open(StackChoice::Real, 0).err().map(|unavailable| unavailable.to_string())
}
