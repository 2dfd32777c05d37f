//! The timer wheel (`kernel/time/timer.c`).

use vethlab_shared::time::{Duration, Instant};

/// Length of a jiffy, with `CONFIG_HZ=250`.
pub(crate) const JIFFY: Duration = Duration::from_millis(4);
/// Waits shorter than this are in the wheel's first level, in jiffies (`LVL_START(1)`).
const FIRST_LEVEL: u128 = 63;
/// The highest level (`LVL_DEPTH`).
const LAST_LEVEL: u32 = 8;

/// When the jiffy began that a moment is in.
pub(crate) fn start_of_jiffy(now: Instant) -> Instant {
    Instant::from_nanos(now.as_nanos() - now.as_nanos() % JIFFY.as_nanos() as u64)
}

/// When a timer really runs out that is set now for `time`.
///
/// Each level of the wheel is eight times as coarse as the one below, and a timer never runs out early
/// (`calc_index`): it may be late by up to one step of its level. By how much is chance; here it is half a
/// step.
pub(crate) fn expiry(now: Instant, time: Instant) -> Instant {
    let jiffies = time.since(now).as_millis() / JIFFY.as_millis();
    let level = (0..LAST_LEVEL).find(|level| jiffies < FIRST_LEVEL << (3 * level)).unwrap_or(LAST_LEVEL);
    time + JIFFY * (1 << (3 * level)) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_waits_are_less_exact() {
        let late = |milliseconds| {
            let now = Instant::START + Duration::from_secs(7);
            let time = now + Duration::from_millis(milliseconds);
            expiry(now, time).since(time)
        };
        assert_eq!(late(0), Duration::from_millis(2));
        assert_eq!(late(1000), Duration::from_millis(16));
        assert_eq!(late(5000), Duration::from_millis(128));
        assert_eq!(late(u64::from(u32::MAX)), JIFFY * (1 << 23));
    }
}
