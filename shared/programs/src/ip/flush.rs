//! What the flushes of addresses, routes and neighbours have in common: rounds of deletions, until a look
//! finds nothing left.

use super::Options;
use crate::{Context, Failure, Status};
use vethlab_shared::change::Change;
use vethlab_shared::error::StackError;

/// Asks for all deletions in one go, as one buffer of requests does; gives the first refusal
/// (`rtnl_send_check`).
pub(super) fn delete(
    changes: impl Iterator<Item = Change>,
    context: &mut Context<'_>,
) -> Result<(), StackError> {
    let mut result = Ok(());
    for change in changes {
        result = result.and(context.stack.apply(&context.namespace, &change));
    }
    result
}

/// How the program ends when a round was refused.
pub(super) fn round_refused(error: StackError, status: Status) -> Failure {
    crate::refused(error, status, |errno| format!("Failed to send flush request: {errno}"))
}

/// Says with `-s` what a round deleted.
pub(super) fn say_round(
    options: &Options,
    round: u32,
    count: usize,
    things: &str,
    context: &mut Context<'_>,
) {
    if options.statistics > 0 {
        context.console.out(&format!("\n*** Round {round}, deleting {count} {things} ***\n"));
    }
}

/// Says with `-s` how many rounds it took.
pub(super) fn say_done(options: &Options, rounds: u32, context: &mut Context<'_>) {
    if options.statistics == 0 {
        return;
    }
    let plural = if rounds > 1 { "s" } else { "" };
    context.console.out(&match rounds {
        0 => "Nothing to flush.\n".to_owned(),
        _ => format!("*** Flush is complete after {rounds} round{plural} ***\n"),
    });
}
