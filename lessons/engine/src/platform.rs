//! What the machine around gives to those who work on stacks.

use crate::bounded::Stopped;
use crate::machine::Machine;
use crate::stacks::{StackChoice, Unavailable};
use vethlab_shared::time::Duration;

/// Says why commands are to stop, where they are; asked again and again while they run.
pub type Stops = Box<dyn Fn() -> Option<Stopped>>;

/// Opens stacks, knows a clock, and keeps a record.
pub trait Platform {
    /// Opens a stack as it is on a fresh machine, with a place for a person. The seed is the simulator's.
    ///
    /// # Errors
    /// The stack cannot be had here.
    fn open(&mut self, choice: StackChoice, seed: u64) -> Result<Machine, Unavailable>;

    /// How much time has passed since this was asked last.
    fn idle(&mut self) -> Duration;

    /// What stops the commands of a setup that begins now.
    fn stops_setup(&self) -> Stops;

    /// What stops the commands of an answer that is run again from now on.
    fn stops_answer(&self) -> Stops;

    /// Told when fresh stacks take the place of those that there were.
    ///
    /// # Errors
    /// That cannot be recorded, in one line that says why.
    fn stacks_are_fresh(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Told after each command, to record what happened.
    ///
    /// # Errors
    /// It cannot be recorded, in one line that says why.
    fn record(&mut self, _machines: &[Machine]) -> Result<(), String> {
        Ok(())
    }

    /// Told when the session ends.
    ///
    /// # Errors
    /// A record is not whole, in one line that says why.
    fn finish(&mut self, _machines: &mut [Machine]) -> Result<(), String> {
        Ok(())
    }
}

/// A platform with the simulator alone: no kernel, no clock, and nothing is recorded. What counts work and output
/// stops commands all the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatorOnly;

impl Platform for SimulatorOnly {
    fn open(&mut self, choice: StackChoice, seed: u64) -> Result<Machine, Unavailable> {
        match choice {
            StackChoice::Sim => Ok(Machine::on_sim(seed)),
            StackChoice::Real => Err(Unavailable("there is no Linux kernel to play on here".to_owned())),
        }
    }

    fn idle(&mut self) -> Duration {
        Duration::ZERO
    }

    fn stops_setup(&self) -> Stops {
        Box::new(|| None)
    }

    fn stops_answer(&self) -> Stops {
        Box::new(|| None)
    }
}
