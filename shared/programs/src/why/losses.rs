//! What a command took away that is missing now: what would bring it back is tried with the other mends.

use vethlab_explain::journal::{Command, Journal};
use vethlab_explain::why::{Diagnosis, Mend, Missing, taken_away};
use vethlab_shared::error::StackError;
use vethlab_shared::stack::NetworkStack;

/// Finds what the commands before took that a diagnosis misses, and adds what would bring it back to its mends. Its
/// story is not told yet.
///
/// # Errors
/// The stack cannot be read.
pub(super) fn missing<'j>(
    diagnosis: &mut Diagnosis,
    before: impl Iterator<Item = &'j Command>,
    journal: &Journal,
    stack: &mut dyn NetworkStack,
) -> Result<Option<Missing>, StackError> {
    let before: Vec<&Command> = before.collect();
    let found = taken_away(diagnosis, before.iter().copied(), stack)?;
    let Some((place, mut missing)) = found else { return Ok(None) };
    let mends = missing.mends.clone();
    if missing.first {
        diagnosis.mends.splice(0..0, mends);
    } else {
        diagnosis.mends.extend(mends);
    }
    if stack.capabilities().undo
        && let Some(command) = before.get(place)
    {
        missing.story.push(undo(command, journal));
    }
    Ok(Some(missing))
}

/// Tells of it where it is missing for sure, or where the mend that is spoken of brings it back.
pub(super) fn told(diagnosis: &mut Diagnosis, missing: Option<Missing>, spoken_of: Option<&Mend>) {
    let Some(missing) = missing else { return };
    let brings = |back: &Mend| {
        let all = |mend: &Mend| back.iter().all(|fix| mend.contains(fix));
        !back.is_empty() && spoken_of.is_some_and(all)
    };
    if missing.sure || missing.mends.iter().any(brings) {
        diagnosis.story.extend(missing.story);
    }
}

/// How to take a command back: one by one, or with how many others. Where shells were entered or left meanwhile, they
/// count too, and nobody knows how many.
fn undo(command: &Command, journal: &Journal) -> String {
    let since = journal.commands().rev().take_while(|(other, _)| other.began >= command.began);
    let (mut number, mut same) = (0, true);
    for (other, events) in since {
        same &= other.namespace == command.namespace;
        number += usize::from(other.acted() || !events.is_empty());
    }
    match number {
        1 if same => "'undo' takes that command back.".to_owned(),
        number if same => format!("'undo {number}' takes back that command and what was done since."),
        _ => "'undo' takes commands back, the last one first.".to_owned(),
    }
}
