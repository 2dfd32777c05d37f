//! Consoles that write down what is needed to play a command again.

use std::cell::Cell;
use std::rc::Rc;
use vethlab_programs::Console;

/// A piece of text that a command printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The number of the last event before it.
    pub(super) after: u64,
    /// Whether it went to standard error.
    pub(super) is_error: bool,
    pub(super) text: String,
}

impl Piece {
    /// How many bytes it takes with so many of text.
    fn weight(text: usize) -> u64 {
        (size_of::<Piece>() + text) as u64
    }
}

/// What is needed beside the world to play a command again.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) pieces: Vec<Piece>,
    /// How often the command asked whether it was interrupted before it was told so.
    pub(super) patience: Option<u64>,
    pub(super) interactive: bool,
}

impl Record {
    /// How many bytes it takes.
    pub(super) fn weight(&self) -> u64 {
        self.pieces.iter().map(|piece| Piece::weight(piece.text.len())).sum()
    }
}

/// A console that notes what passes through it.
pub(super) struct Recorder<'a> {
    pub(super) inner: &'a mut dyn Console,
    pub(super) record: Record,
    /// The number of the last event, kept up to date by the stack.
    pub(super) event: Rc<Cell<u64>>,
    asked: Cell<u64>,
    patience: Cell<Option<u64>>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(inner: &'a mut dyn Console, event: Rc<Cell<u64>>) -> Recorder<'a> {
        let record = Record { interactive: inner.interactive(), ..Record::default() };
        Recorder { inner, record, event, asked: Cell::new(0), patience: Cell::new(None) }
    }

    pub(super) fn finish(self) -> Record {
        Record { patience: self.patience.get(), ..self.record }
    }

    fn note(&mut self, text: &str, is_error: bool) {
        self.record.pieces.push(Piece { after: self.event.get(), is_error, text: text.to_owned() });
    }
}

impl Console for Recorder<'_> {
    vethlab_programs::pass_console_on!(inner: interactive, width, pace, live, save);

    fn out(&mut self, text: &str) {
        self.note(text, false);
        self.inner.out(text);
    }
    fn err(&mut self, text: &str) {
        self.note(text, true);
        self.inner.err(text);
    }
    fn page(&mut self, text: &str) {
        self.note(text, false);
        self.inner.page(text);
    }
    fn interrupted(&self) -> bool {
        let interrupted = self.inner.interrupted();
        if interrupted && self.patience.get().is_none() {
            self.patience.set(Some(self.asked.get()));
        }
        self.asked.set(self.asked.get() + 1);
        interrupted
    }
    fn kept_bytes(&self, printed: usize) -> u64 {
        Piece::weight(printed) + self.inner.kept_bytes(printed)
    }
}

/// The console of a command that is played again: nothing is shown, and it is interrupted where it was.
pub(super) struct Again<'a> {
    record: &'a Record,
    asked: Cell<u64>,
}

impl<'a> Again<'a> {
    pub(super) fn new(record: &'a Record) -> Again<'a> {
        Again { record, asked: Cell::new(0) }
    }
}

impl Console for Again<'_> {
    fn out(&mut self, _text: &str) {}
    fn err(&mut self, _text: &str) {}
    fn interrupted(&self) -> bool {
        let asked = self.asked.replace(self.asked.get() + 1);
        self.record.patience.is_some_and(|patience| asked >= patience)
    }
    fn interactive(&self) -> bool {
        self.record.interactive
    }
    fn save(&mut self, _file: &str, _bytes: &[u8]) -> Result<(), String> {
        Ok(())
    }
}
