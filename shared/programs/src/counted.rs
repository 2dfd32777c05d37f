//! Text that is kept counts as memory of the command that prints it.

use crate::{Console, Live};
use vethlab_shared::budget::Budget;
use vethlab_shared::time::Duration;

/// A console that passes text on as long as the budget has memory for what is kept of it.
pub(crate) struct Counted<'a> {
    console: &'a mut dyn Console,
    budget: Budget,
}

impl<'a> Counted<'a> {
    /// What this console keeps is taken from the budget.
    pub(crate) fn new(console: &'a mut dyn Console, budget: &Budget) -> Counted<'a> {
        Counted { console, budget: budget.clone() }
    }

    fn may_pass(&self, text: &str) -> bool {
        let kept = self.console.kept_bytes(text.len());
        kept == 0 || self.budget.keep_text(kept)
    }
}

impl Console for Counted<'_> {
    fn out(&mut self, text: &str) {
        if self.may_pass(text) {
            self.console.out(text);
        }
    }
    fn err(&mut self, text: &str) {
        if self.may_pass(text) {
            self.console.err(text);
        }
    }
    fn page(&mut self, text: &str) {
        if self.may_pass(text) {
            self.console.page(text);
        }
    }
    fn interrupted(&self) -> bool {
        self.console.interrupted()
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
        self.console.kept_bytes(printed)
    }
    fn live(&mut self) -> Option<&mut dyn Live> {
        self.console.live()
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        self.console.save(file, bytes)
    }
}
