//! What stops commands from outside: this machine's clock, and whoever does not want to wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use vethlab_engine::bounded::Stopped;

/// How long a setup, or the solution of a step, may take, whatever else was forgotten. Ones on the simulator take
/// milliseconds.
const LIMIT_ON_SETUP: Duration = Duration::from_secs(120);

/// How long an answer may take on the simulator, whatever else was forgotten. One takes milliseconds, and the worst that draws
/// all its work some seconds; only its work is to decide, on a slow and busy machine too.
pub(crate) const LIMIT_ON_SIM: Duration = Duration::from_secs(60);

/// Stops commands that take longer than so long, counted from now.
pub fn within(limit: Duration) -> impl Fn() -> Option<Stopped> {
    let deadline = Instant::now() + limit;
    move || (Instant::now() > deadline).then_some(Stopped::TooLong(limit))
}

/// The same as long as a setup or the solution of a step may take.
pub fn within_setup() -> impl Fn() -> Option<Stopped> {
    within(LIMIT_ON_SETUP)
}

/// The same, and when this becomes true.
pub fn within_or_when(limit: Duration, stop: &AtomicBool) -> impl Fn() -> Option<Stopped> {
    let within = within(limit);
    move || within().or_else(|| stop.load(Ordering::Relaxed).then_some(Stopped::Interrupted))
}
