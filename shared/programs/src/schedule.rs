//! Who goes on when: the program in the foreground, those in the background, and the stack's time.

use super::process::{Poll, Process, Signal, Wait};
use super::{Context, Failure, jobs, told};
use vethlab_shared::error::StackError;
use vethlab_shared::socket::SocketId;
use vethlab_shared::status::Status;
use vethlab_shared::time::{Duration, Instant};

/// The longest time that passes at once while somebody may press Ctrl-C.
const STEP: Duration = Duration::from_millis(100);

/// So long nothing wakes a program that has done all that is due.
const MOMENT: Duration = Duration::from_millis(2);

/// So long it may take until nothing does.
const LONGEST_SETTLING: Duration = Duration::from_millis(100);

/// How often programs in the background are woken while nothing runs in the foreground: what would go on without an
/// end does not run for ever while nobody can stop it.
const MOST_WAKES: usize = 100_000;

/// Runs a program in the foreground to its end, and shows how it failed if it did.
pub(crate) fn in_foreground(process: &mut dyn Process, context: &mut Context<'_>) -> Status {
    to_its_end(process, context).unwrap_or_else(|failure| told(failure, context.console))
}

/// The same where whoever runs it shows how it failed.
///
/// # Errors
/// How it failed.
pub(crate) fn to_its_end(process: &mut dyn Process, context: &mut Context<'_>) -> Result<Status, Failure> {
    let result = loop {
        let wait = match process.step(context) {
            Ok(Poll::Ready(status)) => break context.limit_reached().map_or(Ok(status), Err),
            Ok(Poll::Pending(wait)) => wait,
            Err(failure) => break Err(failure),
        };
        // Be it that the program took no notice.
        if let Some(limit) = context.stack.exhausted() {
            break Err(Failure::Exhausted(limit));
        }
        if !process.handles(Signal::Interrupt) && context.console.interrupted() {
            if process.leaves_line_open() {
                context.console.out("\n");
            }
            break Ok(Signal::Interrupt.status());
        }
        if let Err(error) = wait_for(&wait, context) {
            break Err(process.cannot_wait(error));
        }
    };
    process.close(context.stack);
    result
}

/// Lets time pass until what the foreground waits for has come, or until the person before the console asks to stop;
/// it may return earlier. The console is told how much passed. Meanwhile the background goes on.
fn wait_for(wait: &Wait, context: &mut Context<'_>) -> Result<(), StackError> {
    let interactive = context.console.interactive();
    let whole = context.stack.capabilities().virtual_time && !interactive;
    loop {
        let ended = if interactive { jobs::step_all(context) } else { jobs::step_due(context) };
        let begin = context.stack.now();
        if begin >= wait.deadline || (ended && wait.children) || context.console.interrupted() {
            return Ok(());
        }
        let (next, sockets) = jobs::awaited(context.jobs, begin);
        let stop = if whole { wait.deadline } else { wait.deadline.min(begin + STEP) }.min(next);
        let woken = run_until(stop, &wait.sockets, &sockets, context)?;
        let end = context.stack.now();
        context.console.pace(end.since(begin));
        if woken {
            // A program wakes a while after what woke it: whatever else happens at that moment, it finds done.
            context.stack.run_until(end, &[])?;
            // Nobody tells whom it woke.
            if !wait.sockets.is_empty() {
                return Ok(());
            }
        }
    }
}

/// Lets time pass while nothing runs in the foreground: until then, or until one of these sockets may have something to
/// read. What the background has to show it keeps.
pub(crate) fn idle(
    deadline: Instant,
    wake: &[SocketId],
    context: &mut Context<'_>,
) -> Result<(), StackError> {
    for _ in 0..MOST_WAKES {
        jobs::step_due(context);
        let begin = context.stack.now();
        if begin >= deadline {
            return Ok(());
        }
        let (next, sockets) = jobs::awaited(context.jobs, begin);
        if run_until(deadline.min(next), wake, &sockets, context)? {
            context.stack.run_until(context.stack.now(), &[])?;
            // Nobody tells whom it woke.
            if !wake.is_empty() {
                jobs::step_due(context);
                return Ok(());
            }
        }
    }
    context.stack.run_until(deadline, wake)
}

/// Lets the background do what is due, until nothing wakes it for a moment; or for a while, where something always does.
pub(crate) fn settle(context: &mut Context<'_>) -> Result<(), StackError> {
    let end = context.stack.now() + LONGEST_SETTLING;
    for _ in 0..MOST_WAKES {
        jobs::step_due(context);
        let begin = context.stack.now();
        let (_, sockets) = jobs::awaited(context.jobs, begin);
        if begin >= end || !run_until(begin + MOMENT, &[], &sockets, context)? {
            break;
        }
    }
    Ok(())
}

/// Lets time pass until then, or until one of the sockets has something to read: whether one has.
fn run_until(
    stop: Instant,
    sockets: &[SocketId],
    others: &[SocketId],
    context: &mut Context<'_>,
) -> Result<bool, StackError> {
    match others {
        [] => context.stack.run_until(stop, sockets)?,
        _ => context.stack.run_until(stop, &[sockets, others].concat())?,
    }
    Ok(context.stack.now() < stop)
}
