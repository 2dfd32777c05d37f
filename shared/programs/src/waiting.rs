//! Letting the stack's time pass, in steps short enough that a person can stop it.

use super::Context;
use vethlab_shared::error::StackError;
use vethlab_shared::socket::SocketId;
use vethlab_shared::time::{Duration, Instant};

/// The longest step while somebody may press Ctrl-C.
const STEP: Duration = Duration::from_millis(100);

/// Lets time pass until the deadline, until one of the sockets has something to read, or until the person
/// before the console asks to stop. The console is told how much passed, and before a person what runs in the
/// background shows meanwhile what it has to show.
pub(crate) fn wait_until(
    context: &mut Context<'_>,
    deadline: Instant,
    wake: &[SocketId],
) -> Result<(), StackError> {
    let whole = context.stack.capabilities().virtual_time && !context.console.interactive();
    loop {
        if context.console.interactive() {
            context.jobs.step(context.stack, context.console);
        }
        let begin = context.stack.now();
        if begin >= deadline || context.console.interrupted() {
            return Ok(());
        }
        let stop = if whole { deadline } else { deadline.min(begin + STEP) };
        context.stack.run_until(stop, wake)?;
        let end = context.stack.now();
        context.console.pace(end.since(begin));
        if end < stop {
            // A program wakes a while after what woke it: whatever else happens at that moment, it finds done.
            return context.stack.run_until(end, &[]);
        }
    }
}
