//! What was done, and what happened then: the commands of a session with the events that they led to.

mod crossing;

pub use crossing::{Crossing, Place};

use crate::event::Event;
use crate::name::NamespaceName;
use crate::programs::Status;
use crate::time::Instant;
use std::ops::Range;

/// How many events are kept. With more than this the oldest are forgotten, with the commands that they belong to.
const MOST_EVENTS: usize = 1 << 18;

/// The commands of a session and all events since it began, in order.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    events: Vec<Event>,
    entries: Vec<Entry>,
    /// Whether what came later was left out.
    cut: bool,
}

/// A command that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// As typed, without the white space around it.
    pub line: String,
    /// The namespace that it was typed in.
    pub namespace: NamespaceName,
    /// How it ended.
    pub status: Status,
    /// When it began.
    pub began: Instant,
    /// When it ended.
    pub ended: Instant,
}

/// A command and the numbers of its events.
#[derive(Clone, Debug)]
struct Entry {
    command: Command,
    events: Range<u64>,
}

impl Journal {
    /// Nothing done so far.
    pub fn new() -> Journal {
        Journal::default()
    }

    /// Takes in what happened while no command ran.
    pub fn between(&mut self, events: Vec<Event>) {
        self.events.extend(events);
        if self.events.len() > MOST_EVENTS {
            let oldest = self.events.drain(..self.events.len() - MOST_EVENTS / 2).next_back();
            let gone = oldest.map_or(0, |event| event.number);
            self.entries.retain(|entry| entry.events.start > gone || entry.events.is_empty());
        }
    }

    /// Takes in a command that ran, and what happened meanwhile.
    pub fn command(&mut self, command: Command, events: Vec<Event>) {
        let numbers = match (events.first(), events.last()) {
            (Some(first), Some(last)) => first.number..last.number + 1,
            _ => 0..0,
        };
        self.entries.push(Entry { command, events: numbers });
        self.between(events);
    }

    /// All events that are kept, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Each command with what happened while it ran, oldest first.
    pub fn commands(&self) -> impl DoubleEndedIterator<Item = (&Command, &[Event])> {
        self.entries.iter().map(|entry| (&entry.command, self.numbered(&entry.events)))
    }

    /// The last command that put a packet under way, or was refused to, with what happened while it ran.
    pub fn last_traffic(&self) -> Option<(&Command, &[Event])> {
        self.commands().rev().find(|(_, events)| events.iter().any(Event::is_traffic))
    }

    /// The same journal as it was when the event of this number had just happened: what came later is left out,
    /// and so are the commands that had not begun.
    #[must_use]
    pub fn until(&self, number: u64) -> Journal {
        let events = self.events.iter().take_while(|event| event.number <= number).cloned().collect();
        let begun = |entry: &&Entry| entry.events.is_empty() || entry.events.start <= number;
        Journal { events, entries: self.entries.iter().take_while(begun).cloned().collect(), cut: true }
    }

    /// While time stands still at an event: all events up to that one.
    pub fn moment(&self) -> Option<&[Event]> {
        self.cut.then_some(&self.events)
    }

    fn numbered(&self, numbers: &Range<u64>) -> &[Event] {
        let place = |number| self.events.partition_point(|event| event.number < number);
        &self.events[place(numbers.start)..place(numbers.end)]
    }
}
