//! What `ping` counts, and the lines that it prints at the end.

use vethlab_shared::time::Duration;

/// How many sequence numbers there are (`MAX_DUP_CHK`).
const SEQUENCES: usize = 0x10000;

/// Counters and times of one run. Its size does not depend on how long the run is.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    /// Probes sent, those that could not be sent too (`ntransmitted`).
    pub(super) transmitted: i64,
    /// Probes answered.
    pub(super) received: i64,
    /// Answers beyond the first.
    pub(super) repeats: i64,
    /// Probes that came to an error.
    pub(super) errors: i64,
    /// The longest round trip in microseconds (`tmax`).
    pub(super) longest: i64,
    shortest: i64,
    sum: f64,
    sum_of_squares: f64,
    /// Eight times the smoothed round trip in microseconds (`rtt`).
    smoothed: i64,
    /// The highest sequence number that something was heard of.
    acknowledged: u16,
    /// The most probes that were ever on their way.
    pipe_size: i32,
    /// One bit a sequence number: whether it was answered.
    answered: Vec<u64>,
}

impl Default for Statistics {
    fn default() -> Statistics {
        Statistics {
            transmitted: 0,
            received: 0,
            repeats: 0,
            errors: 0,
            longest: 0,
            shortest: i64::MAX,
            sum: 0.0,
            sum_of_squares: 0.0,
            smoothed: 0,
            acknowledged: 0,
            pipe_size: -1,
            answered: vec![0; SEQUENCES / 64],
        }
    }
}

/// What the summary depends on beside the counters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// The destination as it is shown.
    pub(super) name: &'a str,
    /// From the first probe to the last.
    pub(super) elapsed: Duration,
    /// Whether the probes carried a time.
    pub(super) timed: bool,
    /// Whether probes went out without a pause (`-i 0`).
    pub(super) flooding: bool,
}

impl Statistics {
    /// The sequence number of the next probe.
    pub(super) fn next_sequence(&self) -> u16 {
        (self.transmitted + 1) as u16
    }

    /// Counts a probe (`advance_ntransmitted`).
    pub(super) fn advance(&mut self) {
        self.transmitted += 1;
        let last = self.transmitted as u16;
        if i32::from(last) - i32::from(self.acknowledged) > 0x7fff {
            self.acknowledged = last.wrapping_add(1);
        }
    }

    /// Whether this sequence number was answered (`rcvd_test`).
    pub(super) fn is_answered(&self, sequence: u16) -> bool {
        self.answered[usize::from(sequence) / 64] >> (sequence % 64) & 1 != 0
    }

    /// Forgets an answer of 65536 probes ago (`rcvd_clear`).
    pub(super) fn forget(&mut self, sequence: u16) {
        self.answered[usize::from(sequence) / 64] &= !(1 << (sequence % 64));
    }

    /// Something was heard of this sequence number (`acknowledge`).
    pub(super) fn acknowledge(&mut self, sequence: u16) {
        let last = self.transmitted as u16;
        let behind = last.wrapping_sub(sequence);
        if behind > 0x7fff {
            return;
        }
        self.pipe_size = self.pipe_size.max(i32::from(behind) + 1);
        let newer = sequence.wrapping_sub(self.acknowledged) as i16 > 0;
        if newer || i32::from(last) - i32::from(self.acknowledged) > 0x7fff {
            self.acknowledged = sequence;
        }
    }

    /// How many probes are on their way (`in_flight`).
    pub(super) fn in_flight(&self) -> i64 {
        let ahead = (self.transmitted as u16).wrapping_sub(self.acknowledged);
        if ahead <= 0x7fff { ahead.into() } else { self.transmitted - self.received - self.errors }
    }

    /// Counts an answer with its round trip, where one was taken, in microseconds; whether it is a repeated
    /// one (`gather_statistics`).
    pub(super) fn answer(&mut self, sequence: u16, round_trip: Option<i64>) -> bool {
        self.acknowledge(sequence);
        if let Some(time) = round_trip {
            self.sum += time as f64;
            self.sum_of_squares += (time as f64) * (time as f64);
            self.shortest = self.shortest.min(time);
            self.longest = self.longest.max(time);
            self.smoothed =
                if self.smoothed == 0 { time * 8 } else { self.smoothed + time - self.smoothed / 8 };
        }
        let repeated = self.is_answered(sequence);
        if repeated {
            self.repeats += 1;
        } else {
            self.received += 1;
            self.answered[usize::from(sequence) / 64] |= 1 << (sequence % 64);
        }
        repeated
    }

    /// The summary, from its blank line on (`finish`).
    pub(super) fn summary(&self, run: Run<'_>) -> String {
        let mut text = format!(
            "\n--- {} ping statistics ---\n{} packets transmitted, {} received",
            run.name, self.transmitted, self.received
        );
        for (count, what) in [(self.repeats, "duplicates"), (self.errors, "errors")] {
            if count != 0 {
                text += &format!(", +{count} {what}");
            }
        }
        if self.transmitted != 0 {
            let lost = ((self.transmitted - self.received) as f64 * 100.0 / self.transmitted as f64) as f32;
            let elapsed = (run.elapsed.as_nanos() + 500_000) / 1_000_000;
            text += &format!(", {}% packet loss, time {elapsed}ms", general(lost));
        }
        let last_line: Vec<String> =
            [self.round_trips(run), self.pipe(), self.gaps(run)].into_iter().flatten().collect();
        text + "\n" + &last_line.join(", ") + "\n"
    }

    fn round_trips(&self, run: Run<'_>) -> Option<String> {
        if self.received == 0 || !run.timed {
            return None;
        }
        let total = (self.received + self.repeats) as f64;
        let average = (self.sum / total) as i64;
        // The order of operations is iputils': it decides on the last digit.
        let variance = if self.sum < f64::from(i32::MAX) {
            (self.sum_of_squares - self.sum * self.sum / total) / total
        } else {
            self.sum_of_squares / total - (average * average) as f64
        };
        let times = [self.shortest, average, self.longest, integer_root(variance as i64)];
        let [min, avg, max, mdev] = times.map(|time| format!("{}.{:03}", time / 1000, time % 1000));
        Some(format!("rtt min/avg/max/mdev = {min}/{avg}/{max}/{mdev} ms"))
    }

    fn pipe(&self) -> Option<String> {
        (self.pipe_size > 1).then(|| format!("pipe {}", self.pipe_size))
    }

    fn gaps(&self, run: Run<'_>) -> Option<String> {
        if self.received == 0 || !run.flooding || self.transmitted < 2 {
            return None;
        }
        let gap = run.elapsed.as_micros() / (self.transmitted - 1).unsigned_abs() as u128;
        let (whole, part) = (self.smoothed / 8000, self.smoothed / 8 % 1000);
        Some(format!("ipg/ewma {}.{:03}/{whole}.{part:03} ms", gap / 1000, gap % 1000))
    }
}

/// Newton's root, rounded as iputils' `llsqrt` does.
fn integer_root(square: i64) -> i64 {
    let (mut previous, mut root) = (i64::MAX, square);
    while root > 0 && root < previous {
        previous = root;
        root = (root + square / root) / 2;
    }
    root
}

/// C's `%g`: six significant digits, without trailing zeros.
fn general(number: f32) -> String {
    let number = f64::from(number);
    let scientific = format!("{number:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if (-4..6).contains(&exponent) {
        trim(&format!("{number:.*}", (5 - exponent) as usize))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(milliseconds: u64) -> Run<'static> {
        let elapsed = Duration::from_millis(milliseconds);
        Run { name: "10.0.0.2", elapsed, timed: true, flooding: false }
    }

    #[test]
    fn all_answered() {
        let mut statistics = Statistics::default();
        for (sequence, time) in [(1, 286), (2, 50)] {
            statistics.advance();
            assert!(!statistics.answer(sequence, Some(time)));
            assert_eq!(statistics.in_flight(), 0);
        }
        assert_eq!(
            statistics.summary(run(205)),
            "\n--- 10.0.0.2 ping statistics ---\n\
             2 packets transmitted, 2 received, 0% packet loss, time 205ms\n\
             rtt min/avg/max/mdev = 0.050/0.168/0.286/0.118 ms\n"
        );
    }

    #[test]
    fn all_unreachable() {
        let mut statistics = Statistics::default();
        (0..3).for_each(|_| statistics.advance());
        for sequence in 1..=3 {
            statistics.acknowledge(sequence);
            statistics.errors += 1;
        }
        assert_eq!(
            statistics.summary(run(2031)),
            "\n--- 10.0.0.2 ping statistics ---\n\
             3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2031ms\n\
             pipe 3\n"
        );
    }

    #[test]
    fn a_repeated_answer_is_no_second_one() {
        let mut statistics = Statistics::default();
        statistics.advance();
        assert!(!statistics.answer(1, Some(40)));
        assert!(statistics.answer(1, Some(80)));
        let text = statistics.summary(run(0));
        assert!(text.contains("1 packets transmitted, 1 received, +1 duplicates, 0% packet loss"), "{text}");
        assert!(text.contains("= 0.040/0.060/0.080/0.020 ms"), "{text}");
    }

    #[test]
    fn sequence_numbers_wrap() {
        let mut statistics = Statistics::default();
        for _ in 0..200_000 {
            let sequence = statistics.next_sequence();
            statistics.forget(sequence);
            statistics.advance();
            assert!(!statistics.answer(sequence, None));
            assert_eq!(statistics.in_flight(), 0);
        }
    }

    #[test]
    fn percentages_read_as_in_c() {
        let cases =
            [(0.0, "0"), (100.0, "100"), (33.333_332, "33.3333"), (66.666_664, "66.6667"), (1e-5, "1e-05")];
        for (number, text) in cases {
            assert_eq!(general(number), text);
        }
    }
}
