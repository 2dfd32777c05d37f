//! The frames of two stacks, compared as they come.

use super::{FrameComparison, FrameWatch, Traffic};
use crate::machine::Machine;
use vethlab_shared::error::StackError;
use vethlab_shared::time::Duration;

/// How long one side waits for frames that only the other one has so far. The kernel's timer wheel rounds the five
/// seconds before a neighbour is asked anew up by half a second at most (`calc_wheel_index`).
const PATIENCE: Duration = Duration::from_secs(1);
/// How often one looks meanwhile.
const STEP: Duration = Duration::from_millis(20);

/// Compares the frames of two stacks from one look to the next.
#[derive(Clone, Debug, Default)]
pub struct FrameMatch {
    watches: [FrameWatch; 2],
}

impl FrameMatch {
    /// Looks from now on.
    pub fn new() -> FrameMatch {
        FrameMatch::default()
    }

    /// Compares the frames since the last call, the simulator's on the left. Where one side only lacks some, time
    /// passes on both until they are there, or for a second at most.
    ///
    /// # Errors
    /// One of the stacks cannot wait.
    pub fn next(&mut self, mut machines: [&mut Machine; 2]) -> Result<FrameComparison, StackError> {
        wait_for_each_other(&mut machines, Duration::ZERO)?;
        let [left, right] = &mut self.watches;
        let mut traffic = [look(left, machines[0]), look(right, machines[1])];
        let mut waited = Duration::ZERO;
        loop {
            let frames = FrameComparison::of(&traffic[0], &traffic[1]);
            if !frames.is_incomplete() || waited >= PATIENCE {
                return Ok(frames);
            }
            wait_for_each_other(&mut machines, STEP)?;
            waited += STEP;
            for ((watch, machine), traffic) in self.watches.iter_mut().zip(&mut machines).zip(&mut traffic) {
                let (stack, journal) = machine.stack_and_journal();
                watch.look_on(stack, journal, traffic);
            }
        }
    }

    /// Leaves aside the frames since the last call.
    pub fn skip(&mut self, machines: [&mut Machine; 2]) {
        for (watch, machine) in self.watches.iter_mut().zip(machines) {
            watch.skip(machine.journal());
        }
    }
}

fn look(watch: &mut FrameWatch, machine: &mut Machine) -> Traffic {
    let (stack, journal) = machine.stack_and_journal();
    watch.look_at(stack, journal)
}

/// Lets both clocks come so far beyond the later one.
pub(super) fn wait_for_each_other(
    machines: &mut [&mut Machine; 2],
    beyond: Duration,
) -> Result<(), StackError> {
    let time = machines.iter().map(|machine| machine.now()).max().unwrap_or_default() + beyond;
    machines.iter_mut().try_for_each(|machine| machine.idle_until(time))
}
