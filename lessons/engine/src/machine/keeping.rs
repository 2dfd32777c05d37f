//! What a program prints, kept beside being shown.

use std::cell::Cell;
use vethlab_programs::{Console, Live, Transcript};
use vethlab_shared::time::Duration;

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
    fn interactive(&self) -> bool {
        self.console.interactive()
    }
    fn width(&self) -> usize {
        self.console.width()
    }
    fn pace(&mut self, passed: Duration) {
        self.console.pace(passed);
    }
    fn kept_bytes(&self, printed: usize) -> u64 {
        self.kept.kept_bytes(printed) + self.console.kept_bytes(printed)
    }
    fn live(&mut self) -> Option<&mut dyn Live> {
        self.console.live()
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        self.console.save(file, bytes)
    }
}
