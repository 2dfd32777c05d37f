//! What a piece of work may use: a command, an answer, a check.
//!
//! Work is counted in steps and time in the stack's own, so that the same input comes to the same end on every machine.
//! Whoever does the work draws steps from its budget, and stops where none is left. A budget that has run out stays so:
//! everything that draws from it stops, and the first limit that was reached is the one that is told.

use crate::time::Duration;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// How much one piece of work may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: a call of the stack, a frame that crosses a wire, a timer that runs out. `--max-work`.
    pub work: u64,
    /// Time of the stack, from when the work begins. `--max-time`.
    pub time: Duration,
    /// Bytes of what is kept meanwhile: events, their frames, and text. `--max-memory`.
    pub memory: u64,
}

impl Limits {
    /// None that a piece of work would reach.
    pub const NONE: Limits =
        Limits { work: u64::MAX, time: Duration::from_nanos(u64::MAX / 2), memory: u64::MAX };
}

/// Why a piece of work was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exhausted {
    /// It takes more steps than this.
    Work(u64),
    /// It takes more of the stack's time than this.
    Time(Duration),
    /// More bytes would have to be kept than this.
    Memory(u64),
    /// Whoever waits for it does not want to any more.
    Stopped,
}

impl fmt::Display for Exhausted {
    /// With the name of the limit, as an option sets it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exhausted::Work(steps) => write!(f, "it takes more than {steps} steps (--max-work)"),
            Exhausted::Time(time) => {
                write!(f, "it takes more than {} seconds of the network's time (--max-time)", time.as_secs())
            }
            Exhausted::Memory(bytes) => {
                write!(f, "what is kept of it takes more than {} MiB (--max-memory)", bytes >> 20)
            }
            Exhausted::Stopped => f.write_str("it was interrupted"),
        }
    }
}

/// What is left of the limits. Clones share it.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: Limits,
    /// How many steps were drawn.
    drawn: AtomicU64,
    /// How many bytes are kept of what happens, as it was told last.
    kept: AtomicU64,
    /// How many bytes of text are kept.
    text: AtomicU64,
    /// How many bytes of text were taken since no more could be kept.
    last_words: AtomicU64,
    /// The first limit that was reached.
    reached: OnceLock<Exhausted>,
    /// Set by whoever does not want to wait any more.
    stop: Arc<AtomicBool>,
    /// How many steps were drawn since that was seen.
    drawn_since: AtomicU64,
}

/// How many steps may be drawn after whoever waits wants no more: a program that asks whether to go on ends by itself
/// meanwhile, and says what it has seen so far. The others stop here.
const LAST_STEPS: u64 = 1000;

/// How many bytes of text are taken after no more can be kept: why the work was stopped.
const LAST_WORDS: u64 = 4096;

impl Default for Budget {
    /// Without limits.
    fn default() -> Budget {
        Budget::new(Limits::NONE)
    }
}

impl Budget {
    /// Of these limits, for work that stops at nothing else.
    pub fn new(limits: Limits) -> Budget {
        Budget::until(limits, Arc::default())
    }

    /// The same for work that also stops soon after this is set.
    pub fn until(limits: Limits, stop: Arc<AtomicBool>) -> Budget {
        Budget(Arc::new(Shared {
            limits,
            drawn: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            text: AtomicU64::new(0),
            last_words: AtomicU64::new(0),
            reached: OnceLock::new(),
            stop,
            drawn_since: AtomicU64::new(0),
        }))
    }

    /// What the work may use in all.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// Takes up to so many steps: how many it got, none where a limit was reached.
    pub fn draw(&self, steps: u64) -> u64 {
        if self.is_to_stop() && self.0.drawn_since.fetch_add(steps, Ordering::Relaxed) >= LAST_STEPS {
            self.exhaust(Exhausted::Stopped);
        }
        if self.exhausted().is_some() {
            return 0;
        }
        let drawn = self.0.drawn.fetch_add(steps, Ordering::Relaxed);
        let left = self.0.limits.work.saturating_sub(drawn);
        if left == 0 {
            self.exhaust(Exhausted::Work(self.0.limits.work));
        }
        left.min(steps)
    }

    /// # Errors
    /// The limit that was reached first.
    pub fn check(&self) -> Result<(), Exhausted> {
        self.exhausted().map_or(Ok(()), Err)
    }

    /// So many bytes are kept of what happens: whether that and the text are no more than may be.
    pub fn keep(&self, bytes: u64) -> bool {
        self.0.kept.store(bytes, Ordering::Relaxed);
        self.fits(bytes.saturating_add(self.0.text.load(Ordering::Relaxed)))
    }

    /// So many bytes of text are to be kept besides: whether they may be. Where they may not be, a few last words are
    /// taken all the same.
    pub fn keep_text(&self, bytes: u64) -> bool {
        let before = self.0.kept.load(Ordering::Relaxed).saturating_add(self.0.text.load(Ordering::Relaxed));
        if self.fits(before.saturating_add(bytes)) {
            self.0.text.fetch_add(bytes, Ordering::Relaxed);
            return true;
        }
        bytes <= LAST_WORDS && self.0.last_words.fetch_add(bytes, Ordering::Relaxed) + bytes <= LAST_WORDS
    }

    fn fits(&self, bytes: u64) -> bool {
        let fits = bytes <= self.0.limits.memory;
        if !fits {
            self.exhaust(Exhausted::Memory(self.0.limits.memory));
        }
        fits
    }

    /// Whether whoever waits wants no more: nothing should be waited for now.
    pub fn is_to_stop(&self) -> bool {
        self.0.stop.load(Ordering::Relaxed)
    }

    /// Time would have to go further than it may.
    pub fn out_of_time(&self) {
        self.exhaust(Exhausted::Time(self.0.limits.time));
    }

    /// A budget of the same limits, of which nothing was used.
    #[must_use]
    pub fn renewed(&self) -> Budget {
        Budget::until(self.0.limits, Arc::clone(&self.0.stop))
    }

    /// Notes that a limit was reached. Only the first one counts.
    fn exhaust(&self, limit: Exhausted) {
        // It was reached before: that one is told.
        let _ = self.0.reached.set(limit);
    }

    /// The limit that was reached first, if one was.
    pub fn exhausted(&self) -> Option<Exhausted> {
        self.0.reached.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_limit_that_is_reached_is_the_one_that_is_told() {
        let budget = Budget::new(Limits { work: 10, memory: 1, ..Limits::NONE });
        assert_eq!((budget.draw(8), budget.exhausted()), (8, None));
        assert_eq!((budget.clone().draw(8), budget.exhausted()), (2, None), "clones share it");
        assert_eq!((budget.draw(1), budget.exhausted()), (0, Some(Exhausted::Work(10))));
        budget.keep(u64::MAX);
        budget.out_of_time();
        assert_eq!(budget.check(), Err(Exhausted::Work(10)));
        assert_eq!(budget.renewed().draw(8), 8, "nothing of it was used");
    }

    #[test]
    fn what_is_stopped_stays_so() {
        let stop = Arc::new(AtomicBool::new(false));
        let budget = Budget::until(Limits::NONE, stop.clone());
        assert_eq!(budget.draw(LAST_STEPS), LAST_STEPS);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(budget.draw(LAST_STEPS), LAST_STEPS, "to end by itself");
        assert_eq!((budget.draw(1), budget.exhausted()), (0, Some(Exhausted::Stopped)));
        stop.store(false, Ordering::Relaxed);
        assert_eq!((budget.draw(1), budget.exhausted()), (0, Some(Exhausted::Stopped)));
    }

    #[test]
    fn text_that_is_kept_counts_with_what_happens() {
        let budget = Budget::new(Limits { memory: 100, ..Limits::NONE });
        assert!(budget.keep(60) && budget.keep_text(40));
        assert_eq!(budget.exhausted(), None);
        assert!(!budget.keep_text(LAST_WORDS + 1), "it does not fit");
        assert_eq!(budget.exhausted(), Some(Exhausted::Memory(100)));
        assert!(budget.keep_text(LAST_WORDS) && !budget.keep_text(1), "why it was stopped, and no more");
        assert!(!Budget::new(Limits { memory: 100, ..Limits::NONE }).keep(101));
        let other = budget.renewed();
        assert!(other.keep_text(70) && !other.keep(31));
        assert_eq!(other.exhausted(), Some(Exhausted::Memory(100)));
    }

    #[test]
    fn a_limit_is_told_with_the_option_that_sets_it() {
        let told = [Exhausted::Work(5), Exhausted::Time(Duration::from_secs(60)), Exhausted::Memory(3 << 20)];
        assert_eq!(
            told.map(|limit| limit.to_string()),
            [
                "it takes more than 5 steps (--max-work)",
                "it takes more than 60 seconds of the network's time (--max-time)",
                "what is kept of it takes more than 3 MiB (--max-memory)",
            ]
        );
    }
}
