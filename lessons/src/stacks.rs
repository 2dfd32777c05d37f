//! Opens the stacks that a person can choose between.

use vethlab_engine::machine::Machine;
use vethlab_engine::stacks::StackChoice;
use vethlab_real::RealStack;
pub use vethlab_real::Unavailable;
use vethlab_shared::stack::NetworkStack;
use vethlab_sim::World;

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

/// Opens a fresh machine with a person's place on it. The seed is the simulator's, beside the kernel too.
///
/// # Errors
/// The real stack needs what not every machine has.
pub fn machine(choice: StackChoice, seed: u64) -> Result<Machine, Unavailable> {
    Ok(match choice {
        StackChoice::Sim => Machine::on_sim(seed),
        StackChoice::Real => Machine::on_kernel(open(choice, seed)?, seed),
    })
}

/// The same where nobody asks why: the kernel needs no simulator beside it then.
///
/// # Errors
/// The real stack needs what not every machine has.
pub fn machine_alone(choice: StackChoice, seed: u64) -> Result<Machine, Unavailable> {
    Ok(match choice {
        StackChoice::Sim => Machine::on_sim(seed),
        StackChoice::Real => Machine::on_kernel_alone(open(choice, seed)?),
    })
}
