//! TCP (RFC 9293, `net/ipv4/tcp*.c`): a connection as a pure state machine.
//!
//! A [`Control`] is told of what came in, what its program wants and what time it is. It alters itself, and leaves in it
//! what is to be sent ([`Segment`]). It knows neither sockets nor the world: `sim/src/socket/tcp` hands it what is for it,
//! sends what it wants sent, and sets its timers.
//!
//! * `control`: what is known of a connection, and how it begins.
//! * `input`: what comes in: whether it belongs to the connection, and how the states follow each other.
//! * `acknowledge`: what the other end has received: round trip times, the congestion window, what is sent again.
//! * `receive`: data that came in, in order or not, and when that is acknowledged.
//! * `window`: how much more the other end may send.
//! * `output`: what is sent, and when.
//! * `timers`: what is done when nothing comes.
//! * `user`: what the program asks for.
//! * `request`, `time_wait`: connections that have no socket: those asked for, and those that are over.
//!
//! Simplified, where no frame between hosts of a lab shows it: losses are found by three later segments that arrived or by
//! a timer (`tcp_rack`'s time limits are not kept); the congestion window opens by slow start and by one segment a round
//! trip, and closes to 7/10 (neither CUBIC's curve nor BBR's model); receive buffers stay as large as they are at first
//! (`tcp_rcv_space_adjust`); no ECN, fast open, urgent data, MD5, SYN cookies, pacing.

mod acknowledge;
mod control;
mod input;
mod output;
mod receive;
mod request;
mod sequence;
#[cfg(test)]
mod tests;
mod time_wait;
mod timers;
mod user;
mod window;

pub(crate) use control::{Control, Ends, Settings};
pub(crate) use input::{Arrived, Verdict};
pub(crate) use output::Segment;
pub(crate) use request::{Asked, Request};
pub(crate) use time_wait::{AfterTimeWait, TimeWait};

use vethlab_shared::time::{Duration, Instant};

/// The time by which time stamps go: milliseconds (`tcp_time_stamp_ms`).
fn milliseconds(now: Instant) -> u32 {
    (now.as_nanos() / 1_000_000) as u32
}

/// Microseconds between two moments.
fn microseconds(passed: Duration) -> u32 {
    u32::try_from(passed.as_micros()).unwrap_or(u32::MAX)
}
