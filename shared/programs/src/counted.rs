//! Text that is kept counts as memory of the command that prints it.

use crate::Console;
use vethlab_shared::budget::Budget;

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
    crate::pass_console_on!(console: interrupted, interactive, width, pace, kept_bytes, live, save);

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
}
