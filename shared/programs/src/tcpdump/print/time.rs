//! Times before frames: of a stack that began at midnight on 1 January 1970.

use super::{Printer, put};
use crate::date::Day;
use std::fmt::Write;
use vethlab_shared::time::{Duration, Instant};

const SECONDS_OF_A_DAY: u64 = 86_400;

impl Printer {
    /// `ts_print`.
    pub(super) fn time(&mut self, time: Instant) {
        let since_start = time.since(Instant::START);
        match self.style.time {
            0 => put!(self, "{} ", clock(since_start)),
            1 => {}
            2 => put!(self, "{}.{:06} ", since_start.as_secs(), since_start.subsec_micros()),
            4 => put!(self, "{} {} ", date(since_start.as_secs() / SECONDS_OF_A_DAY), clock(since_start)),
            form => {
                let reference = *self.reference.get_or_insert(time);
                // Both are cut to microseconds before one is taken from the other.
                let cut = |time: Instant| Duration::from_micros(time.as_nanos() / 1000);
                let (sign, passed) = match time < reference {
                    true => ('-', cut(reference).saturating_sub(cut(time))),
                    false => (' ', cut(time).saturating_sub(cut(reference))),
                };
                put!(self, "{sign}{} ", clock(passed));
                if form == 3 {
                    self.reference = Some(time);
                }
            }
        }
    }
}

/// Hours, minutes, seconds and microseconds of a day.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs() % SECONDS_OF_A_DAY;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:06}", seconds % 60, time.subsec_micros())
}

/// The date so many days after 1 January 1970.
fn date(days: u64) -> String {
    let Day { year, month, day, .. } = Day::after_start(days);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(58), "1970-02-28");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_816), "2026-12-29");
    }
}
