//! Which files are being played: on the kernel that takes a while.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use vethlab_engine::stacks::StackChoice;

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playing {
    /// How many files there are.
    pub all: usize,
    /// How many of them are done.
    pub done: usize,
    /// Those that are being played, by their places in the pack, and on which stack.
    pub now: BTreeMap<usize, (String, StackChoice)>,
}

impl fmt::Display for Playing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<String> =
            self.now.values().map(|(file, stack)| format!("{file} on {stack}")).collect();
        write!(f, "{} of {} files done", self.done, self.all)?;
        match files.is_empty() {
            true => Ok(()),
            false => write!(f, "; playing {}", files.join(", ")),
        }
    }
}

/// Tells each change to whoever wants to know.
pub(super) struct Board<'a> {
    tell: &'a (dyn Fn(&Playing) + Sync),
    playing: Mutex<Playing>,
}

impl<'a> Board<'a> {
    pub(super) fn new(all: usize, tell: &'a (dyn Fn(&Playing) + Sync)) -> Board<'a> {
        Board { tell, playing: Mutex::new(Playing { all, ..Playing::default() }) }
    }

    /// A file is played on this stack from now on.
    pub(super) fn begin(&self, place: usize, file: &str, stack: StackChoice) {
        self.change(|playing| {
            playing.now.insert(place, (file.to_owned(), stack));
        });
    }

    pub(super) fn end(&self, place: usize) {
        self.change(|playing| {
            playing.now.remove(&place);
            playing.done += 1;
        });
    }

    /// Told while the lock is held: in the order in which it happens.
    fn change(&self, change: impl FnOnce(&mut Playing)) {
        let mut playing = self.playing.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut playing);
        (self.tell)(&playing);
    }
}
