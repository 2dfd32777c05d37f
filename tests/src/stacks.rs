//! The stacks that the tests run on.

use crate::trial::Trial;
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

/// What holds of a stack as it is fresh.
pub type Case = fn(&mut dyn NetworkStack) -> Result<(), Failed>;

/// Trials of the same cases on the simulator and on the kernel, which may be missing here.
pub fn on_both(missing: Option<&str>, cases: &[(&str, Case)]) -> Vec<Trial> {
    let both = cases.iter().flat_map(|&(name, case)| {
        [
            Trial::new(format!("{name}::sim"), move || case(sim(1)?.as_mut())),
            Trial::on_kernel(format!("{name}::real"), missing, move || case(real()?.as_mut())),
        ]
    });
    both.collect()
}
