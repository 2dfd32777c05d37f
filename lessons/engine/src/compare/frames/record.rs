//! A file of commands on two stacks at once.

use super::matching::wait_for_each_other;
use super::{FrameComparison, FrameMatch};
use crate::compare::Entry;
use crate::machine::Machine;
use crate::script;
use vethlab_programs::Transcript;
use vethlab_programs::session::Outcome;
use vethlab_shared::error::StackError;
use vethlab_shared::time::Duration;

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// What it did on each stack; `None` where that one had ended before.
    pub entries: [Option<Entry>; 2],
    /// The frames since the command before it; none where they are not wanted.
    pub frames: FrameComparison,
}

/// How long to look for frames after the last command: about as long as a timer of the kernel may be late.
const AFTER_LAST: Duration = Duration::from_millis(100);

/// Runs commands on two stacks, one after another until the last, or until `exit` leaves the outermost shell.
/// Their clocks go together: after each command the one that was faster waits for the other. Their frames are
/// compared where they are wanted. What came of each command is handed over at once; given back are the frames right
/// after the last one.
///
/// # Errors
/// One of the stacks cannot wait, or whoever takes what came of a command wants no more.
pub fn record<E: From<StackError>>(
    commands: &[String],
    machines: &mut [Machine; 2],
    frames: bool,
    mut take: impl FnMut(Recorded) -> Result<(), E>,
) -> Result<FrameComparison, E> {
    let [left, right] = machines;
    let mut machines = [left, right];
    let mut matching = frames.then(FrameMatch::new);
    let mut compare = |[left, right]: [&mut Machine; 2]| {
        matching.as_mut().map_or(Ok(FrameComparison::default()), |matching| matching.next([left, right]))
    };
    let mut ended = [false; 2];
    for command in commands {
        let mut entries = [None, None];
        for (side, machine) in machines.iter_mut().enumerate() {
            if ended[side] {
                continue;
            }
            let mut transcript = Transcript::default();
            let outcome = machine.execute(command, &mut transcript);
            entries[side] = script::entry(command, outcome, transcript);
            ended[side] = matches!(outcome, Outcome::Exit(_));
        }
        wait_for_each_other(&mut machines, Duration::ZERO)?;
        let [left, right] = &mut machines;
        if entries.iter().any(Option::is_some) {
            take(Recorded { entries, frames: compare([left, right])? })?;
        }
    }
    wait_for_each_other(&mut machines, AFTER_LAST)?;
    Ok(compare(machines)?)
}
