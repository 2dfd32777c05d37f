//! Time as a stack sees it.

use serde::{Deserialize, Serialize};
pub use std::time::Duration;
use std::{fmt, ops};

/// A point in time: nanoseconds since the stack began. Virtual in the simulator, monotonic on the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(u64);

impl Instant {
    /// When the stack began.
    pub const START: Instant = Instant(0);
    /// The end of the clock: no stack lets more time pass, so that what is set for later than now always is.
    pub const LAST: Instant = Instant(u64::MAX / 2);
    /// Later than everything.
    pub const FOREVER: Instant = Instant(u64::MAX);

    /// The point `nanoseconds` after the start.
    pub const fn from_nanos(nanoseconds: u64) -> Instant {
        Instant(nanoseconds)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to here; zero where `earlier` is later.
    pub const fn since(self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl ops::Add<Duration> for Instant {
    type Output = Instant;
    /// Saturates at [`Instant::FOREVER`].
    fn add(self, duration: Duration) -> Instant {
        Instant(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for Instant {
    /// Seconds with microseconds: `1.000042`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000_000, self.0 % 1_000_000_000 / 1000)
    }
}
