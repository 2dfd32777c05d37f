//! This machine, for those who work on stacks: its stacks, its clock, its files.

use crate::bounds;
use crate::session_files::SessionFiles;
use crate::stacks;
use std::time::Instant;
use vethlab_engine::machine::Machine;
use vethlab_engine::machines::Machines;
use vethlab_engine::platform::{Platform, Stops};
use vethlab_engine::stacks::{StackChoice, Unavailable};
use vethlab_shared::time::Duration;

/// Opens fresh stacks; what happens on them is written into these files.
///
/// # Errors
/// One of them cannot be had here.
pub fn open(choices: &[StackChoice], seed: u64, files: SessionFiles) -> Result<Machines, Unavailable> {
    Machines::open(choices, seed, Box::new(Local { asked: Instant::now(), files }))
}

/// This machine.
struct Local {
    /// When it was asked last how much time has passed.
    asked: Instant,
    files: SessionFiles,
}

impl Platform for Local {
    fn open(&mut self, choice: StackChoice, seed: u64) -> Result<Machine, Unavailable> {
        stacks::machine(choice, seed).map_err(|unavailable| Unavailable(unavailable.to_string()))
    }

    fn idle(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.asked, now))
    }

    fn stops_setup(&self) -> Stops {
        Box::new(bounds::within_setup())
    }

    fn stops_answer(&self) -> Stops {
        Box::new(bounds::within(bounds::LIMIT_ON_SIM))
    }

    fn stacks_are_fresh(&mut self) -> Result<(), String> {
        self.files.stacks_are_fresh()
    }

    fn record(&mut self, machines: &[Machine]) -> Result<(), String> {
        self.files.take_in(machines)
    }

    fn finish(&mut self, machines: &mut [Machine]) -> Result<(), String> {
        std::mem::take(&mut self.files).finish(machines)
    }
}
