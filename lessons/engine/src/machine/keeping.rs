//! What a program prints, kept beside being shown.

use std::cell::Cell;
use vethlab_programs::{Console, Transcript};

/// A console that keeps what passes through it.
pub(super) struct Keeping<'a> {
    console: &'a mut dyn Console,
    pub(super) kept: Transcript,
    pub(super) lines: usize,
    /// How many lines were printed when the program was told that it is to stop.
    pub(super) interrupted_at: Cell<Option<usize>>,
}

impl Keeping<'_> {
    pub(super) fn new(console: &mut dyn Console) -> Keeping<'_> {
        Keeping { console, kept: Transcript::default(), lines: 0, interrupted_at: Cell::new(None) }
    }
}

impl Console for Keeping<'_> {
    vethlab_programs::pass_console_on!(console: interactive, width, pace, live, save);

    fn out(&mut self, text: &str) {
        self.lines += text.matches('\n').count();
        self.kept.out(text);
        self.console.out(text);
    }
    fn err(&mut self, text: &str) {
        self.lines += text.matches('\n').count();
        self.kept.err(text);
        self.console.err(text);
    }
    fn page(&mut self, text: &str) {
        self.lines += text.matches('\n').count();
        self.kept.out(text);
        self.console.page(text);
    }
    fn interrupted(&self) -> bool {
        let interrupted = self.console.interrupted();
        if interrupted && self.interrupted_at.get().is_none() {
            self.interrupted_at.set(Some(self.lines));
        }
        interrupted
    }
    fn kept_bytes(&self, printed: usize) -> u64 {
        self.kept.kept_bytes(printed) + self.console.kept_bytes(printed)
    }
}
