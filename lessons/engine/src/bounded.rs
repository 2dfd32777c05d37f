//! A console without a person before it. It stops commands that do too much.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;
use vethlab_programs::{Console, Transcript};
use vethlab_shared::budget::Exhausted;
use vethlab_shared::stack::NetworkStack;

/// How much may be printed, in bytes.
const MOST_OUTPUT: usize = 4 << 20;

/// What commands were stopped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// They printed too much.
    TooMuchOutput,
    /// They need more than they may use.
    Limit(Exhausted),
    /// They took too long, on this machine.
    TooLong(Duration),
    /// Whoever runs them does not want to go on.
    Interrupted,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::TooMuchOutput => write!(f, "its commands print more than {} MiB", MOST_OUTPUT >> 20),
            Stopped::Limit(limit) => limit.fmt(f),
            Stopped::TooLong(limit) => write!(f, "its commands take longer than {} seconds", limit.as_secs()),
            Stopped::Interrupted => f.write_str("it was interrupted"),
        }
    }
}

/// Asked again and again while commands run: why they are to stop, where they are. It is what the machine around
/// brings in: its clock, a person who has seen enough.
pub type Stop<'a> = &'a dyn Fn() -> Option<Stopped>;

/// A console that keeps all text that is printed, up to its limits.
///
/// Its limit on output is the same on every machine, as are those of the stack's budget. What stops commands besides is
/// there so that things go on whatever else was forgotten.
pub struct Bounded<'a> {
    stop: Stop<'a>,
    transcript: Transcript,
    stopped: Cell<Option<Stopped>>,
    printed: usize,
}

impl<'a> Bounded<'a> {
    /// A console for commands that also stop when this says so.
    pub fn until(stop: Stop<'a>) -> Bounded<'a> {
        Bounded { stop, transcript: Transcript::default(), stopped: Cell::new(None), printed: 0 }
    }

    /// What the stack, or this, had to stop for, if one had.
    pub fn stopped_on(&self, stack: &dyn NetworkStack) -> Option<Stopped> {
        stack.exhausted().map(Stopped::Limit).or_else(|| self.stopped())
    }

    /// What it had to stop for, if it had. Not every program asks whether to go on: this does too.
    pub fn stopped(&self) -> Option<Stopped> {
        if self.stopped.get().is_none() {
            self.stopped.set((self.stop)());
        }
        self.stopped.get()
    }

    /// What was printed since this was asked last.
    pub fn take(&mut self) -> Transcript {
        std::mem::take(&mut self.transcript)
    }

    fn print(&mut self, length: usize) {
        self.printed += length;
        if self.printed > MOST_OUTPUT {
            self.stopped.set(Some(Stopped::TooMuchOutput));
        }
    }
}

impl Console for Bounded<'_> {
    fn out(&mut self, text: &str) {
        self.print(text.len());
        if self.stopped().is_none() {
            self.transcript.out(text);
        }
    }

    fn err(&mut self, text: &str) {
        self.print(text.len());
        if self.stopped().is_none() {
            self.transcript.err(text);
        }
    }

    fn interrupted(&self) -> bool {
        self.stopped().is_some()
    }

    fn kept_bytes(&self, printed: usize) -> u64 {
        self.transcript.kept_bytes(printed)
    }
}
