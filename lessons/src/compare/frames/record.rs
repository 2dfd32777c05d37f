//! A file of commands on two stacks at once.

use super::{FrameWatch, Traffic};
use crate::compare::Entry;
use crate::script;
use crate::seat::Seat;
use vethlab_shared::error::StackError;
use vethlab_shared::programs::Transcript;
use vethlab_shared::session::Outcome;
use vethlab_shared::time::Duration;

/// What came of a file of commands on one stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// What each command did, and the frames since the one before it.
    pub commands: Vec<(Entry, Traffic)>,
    /// The frames right after the last command.
    pub rest: Traffic,
}

impl Recording {
    /// Leaves the frames out.
    pub fn forget_frames(&mut self) {
        self.commands.iter_mut().for_each(|(_, traffic)| *traffic = Traffic::default());
        self.rest = Traffic::default();
    }
}

/// How long to look for frames after the last command: about as long as a timer of the kernel may be late.
const AFTER_LAST: Duration = Duration::from_millis(100);

/// Runs commands on two stacks, one after another until the last, or until `exit` leaves the outermost shell.
/// Their clocks go together: after each command the one that was faster waits for the other.
///
/// # Errors
/// One of the stacks cannot wait.
pub fn record(commands: &[String], seats: &mut [Seat; 2]) -> Result<[Recording; 2], StackError> {
    let mut watches = [FrameWatch::new(), FrameWatch::new()];
    let mut recordings = [Recording::default(), Recording::default()];
    let mut left = [false; 2];
    for command in commands {
        let mut entries = [None, None];
        for (side, seat) in seats.iter_mut().enumerate() {
            if left[side] {
                continue;
            }
            let mut transcript = Transcript::default();
            let outcome = seat.execute(command, &mut transcript);
            entries[side] = script::entry(command, outcome, transcript);
            left[side] = matches!(outcome, Outcome::Exit(_));
        }
        wait_for_each_other(seats, Duration::ZERO)?;
        for (side, entry) in entries.into_iter().enumerate() {
            let watch = &mut watches[side];
            let command = entry.map(|entry| (entry, watch.look(&mut seats[side])));
            recordings[side].commands.extend(command);
        }
    }
    wait_for_each_other(seats, AFTER_LAST)?;
    for (side, recording) in recordings.iter_mut().enumerate() {
        recording.rest = watches[side].look(&mut seats[side]);
    }
    Ok(recordings)
}

/// Lets both clocks come so far beyond the later one.
fn wait_for_each_other(seats: &mut [Seat; 2], beyond: Duration) -> Result<(), StackError> {
    let time = seats.iter().map(Seat::now).max().unwrap_or_default() + beyond;
    seats.iter_mut().try_for_each(|seat| seat.idle_until(time))
}
