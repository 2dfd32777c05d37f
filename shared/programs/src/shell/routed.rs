//! Where a command's text goes: on to the console, or to the script that runs it.

use crate::{Console, Live};
use vethlab_shell::{Call, Machine, Route, System};

/// The console of a command of a script.
pub(crate) struct Routed<'a> {
    console: &'a mut dyn Console,
    routes: [Route; 2],
    /// What the script takes, in order, each with whether it is an error.
    taken: Vec<(bool, String)>,
}

impl<'a> Routed<'a> {
    pub(crate) fn new(console: &'a mut dyn Console, call: &Call) -> Routed<'a> {
        Routed { console, routes: [call.out, call.err], taken: Vec::new() }
    }

    /// What the script takes.
    pub(crate) fn taken(self) -> Vec<(bool, String)> {
        self.taken
    }

    fn pass(&mut self, is_error: bool, text: &str) {
        match self.routes[usize::from(is_error)] {
            Route::Out => self.console.out(text),
            Route::Error => self.console.err(text),
            Route::Machine => self.taken.push((is_error, text.to_owned())),
        }
    }
}

/// Gives a script what its command printed for it.
pub(crate) fn hand_over(taken: Vec<(bool, String)>, machine: &mut Machine, system: &mut dyn System) {
    for (is_error, text) in taken {
        machine.took(is_error, &text, system);
    }
}

impl Console for Routed<'_> {
    crate::pass_console_on!(console: interrupted, interactive, width, pace, kept_bytes, save);

    fn out(&mut self, text: &str) {
        self.pass(false, text);
    }
    fn err(&mut self, text: &str) {
        self.pass(true, text);
    }
    fn page(&mut self, text: &str) {
        match self.routes[0] {
            Route::Out => self.console.page(text),
            _ => self.pass(false, text),
        }
    }
    fn live(&mut self) -> Option<&mut dyn Live> {
        match self.routes[0] {
            Route::Out => self.console.live(),
            _ => None,
        }
    }
}
