//! What was done, and what happened then: the commands of a session with the events that they led to.

mod crossing;
mod invocation;
mod results;

pub use crossing::{Crossing, Place};
pub use invocation::{Effect, Invocation, Sending, View};
pub use results::{Loss, MOST_LOSSES, NoWay, Refused, Results, Slip, Thing};

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use vethlab_shared::event::Event;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::stack::Snapshot;
use vethlab_shared::status::Status;
use vethlab_shared::time::Instant;

/// How many events are kept. With more than this the oldest are forgotten, with the commands that they belong to;
/// but never those of the last command that led to any.
const MOST_EVENTS: usize = 1 << 18;

/// How many bytes they may take unless said, with what they hold.
const MOST_BYTES: u64 = 192 << 20;

/// How many bytes may be kept of how the network was.
const MOST_BYTES_OF_SNAPSHOTS: u64 = 32 << 20;

/// Of how many commands that sent something it is kept how the network was when they ended.
const MOST_SNAPSHOTS: usize = 100;

/// The commands of a session and all events since it began, in order.
#[derive(Clone, Debug)]
pub struct Journal {
    events: Vec<Event>,
    /// How many bytes the events take.
    bytes: u64,
    /// How many they may take.
    most_bytes: u64,
    entries: Vec<Entry>,
    /// How all was after the last commands that sent something, and the numbers of their events.
    snapshots: VecDeque<Kept>,
    /// How many frames were numbered before the oldest one that is kept.
    frames_forgotten: usize,
    /// How many commands there were before the oldest one that is kept.
    commands_forgotten: usize,
    /// Whether what came later was left out.
    cut: bool,
}

/// A command that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// As typed, without the white space around it.
    pub line: String,
    /// What it asked for, as its program understood it.
    pub invocation: Invocation,
    /// The namespace that it was typed in.
    pub namespace: NamespaceName,
    /// How it ended.
    pub status: Status,
    /// What else came of it.
    pub results: Results,
    /// When it began.
    pub began: Instant,
    /// When it ended.
    pub ended: Instant,
}

impl Command {
    /// The namespace that it was about: the one that it was typed in, or the one that it named.
    pub fn place(&self) -> &NamespaceName {
        self.invocation.namespace.as_ref().unwrap_or(&self.namespace)
    }

    /// Whether it asked the stack to alter something, or let time pass.
    pub fn acted(&self) -> bool {
        self.results.changes > 0 || self.ended > self.began
    }

    /// Whether its program is there to send packets.
    pub fn is_to_send(&self) -> bool {
        self.invocation.sending().is_some()
    }
}

/// A command and the numbers of its events.
#[derive(Clone, Debug)]
struct Entry {
    command: Command,
    events: Range<u64>,
}

/// How all was after a command.
#[derive(Clone, Debug)]
struct Kept {
    /// The numbers of the command's events.
    events: Range<u64>,
    after: Arc<dyn Snapshot>,
    /// How many bytes it takes.
    weight: u64,
}

/// A place in a journal, to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    next_event: u64,
    /// How many commands there were, with those that are forgotten.
    commands: usize,
}

/// What a journal held behind a mark.
#[derive(Debug)]
pub struct Tail {
    mark: Mark,
    events: Vec<Event>,
    entries: Vec<Entry>,
    snapshots: VecDeque<Kept>,
}

impl Tail {
    /// How many bytes it takes.
    pub fn weight(&self) -> u64 {
        weight(&self.events) + self.snapshots.iter().map(|kept| kept.weight).sum::<u64>()
    }
}

impl Default for Journal {
    fn default() -> Journal {
        Journal {
            events: Vec::new(),
            bytes: 0,
            most_bytes: MOST_BYTES,
            entries: Vec::new(),
            snapshots: VecDeque::new(),
            frames_forgotten: 0,
            commands_forgotten: 0,
            cut: false,
        }
    }
}

/// How many bytes events take.
fn weight(events: &[Event]) -> u64 {
    events.iter().map(|event| event.kind.weight()).sum()
}

impl Journal {
    /// Nothing done so far.
    pub fn new() -> Journal {
        Journal::default()
    }

    /// The same, where the events may take so many bytes.
    #[must_use]
    pub fn of_at_most(most_bytes: u64) -> Journal {
        Journal { most_bytes, ..Journal::default() }
    }

    /// Takes in what happened while no command ran.
    pub fn between(&mut self, events: Vec<Event>) {
        self.take_in(events, false);
    }

    /// Takes in events: of a command, or of none. The last command that led to any keeps all of its own, unless it is no
    /// longer the last.
    fn take_in(&mut self, events: Vec<Event>, of_command: bool) {
        let new = weight(&events);
        self.forget(new, of_command && !events.is_empty());
        self.bytes += new;
        match self.events.is_empty() {
            // They may be many: they are not copied.
            true => self.events = events,
            false => self.events.extend(events),
        }
    }

    /// Forgets the oldest events where there are too many, or where they take too many bytes together with so many new
    /// ones. What the last command led to is kept in full, unless another one takes its place.
    fn forget(&mut self, new: u64, has_successor: bool) {
        let last = self.entries.iter().rev().find(|entry| !entry.events.is_empty());
        let kept = last.filter(|_| !has_successor).map_or(u64::MAX, |entry| entry.events.start);
        let mut excess = match self.events.len() {
            few if few <= MOST_EVENTS => 0,
            many => many - MOST_EVENTS / 2,
        };
        let mut bytes = self.bytes - weight(&self.events[..excess]);
        if bytes + new > self.most_bytes {
            // Half of what may be, so that it does not have to be done again at once.
            let wanted = self.most_bytes.saturating_sub(new) / 2;
            while let Some(event) = self.events.get(excess).filter(|_| bytes > wanted) {
                bytes -= event.kind.weight();
                excess += 1;
            }
        }
        let excess = excess.min(self.place(kept));
        if excess == 0 {
            return;
        }
        self.bytes -= weight(&self.events[..excess]);
        let oldest = self.events[excess - 1].number + 1;
        let frames = Crossing::all(&self.events).len();
        self.events.drain(..excess);
        // Counted from the newest, so that a frame that was under way just then moves no number but its own.
        self.frames_forgotten += frames - Crossing::all(&self.events).len();
        let commands = self.entries.len();
        self.entries.retain(|entry| entry.events.start >= oldest);
        self.commands_forgotten += commands - self.entries.len();
        self.snapshots.retain(|kept| kept.events.start >= oldest);
        self.events.shrink_to(2 * self.events.len());
    }

    /// How many frames there were before the oldest one that is kept.
    pub fn frames_forgotten(&self) -> usize {
        self.frames_forgotten
    }

    /// The frames of the session that are kept, in the order in which they left, each with its number: they are
    /// counted from 1 since the session began, and keep their numbers.
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = (usize, Crossing)> {
        let first = self.frames_forgotten + 1;
        let frames = Crossing::all(&self.events).into_iter().enumerate();
        frames.map(move |(index, crossing)| (first + index, crossing))
    }

    /// Takes in a command that ran, what happened meanwhile, and how all is now.
    pub fn command(&mut self, command: Command, events: Vec<Event>, after: Option<Arc<dyn Snapshot>>) {
        let numbers = match (events.first(), events.last()) {
            (Some(first), Some(last)) => first.number..last.number + 1,
            _ => self.next_event()..self.next_event(),
        };
        let kept = |after: Arc<dyn Snapshot>| Kept { events: numbers.clone(), weight: after.weight(), after };
        self.snapshots.extend(after.map(kept));
        let mut weight: u64 = self.snapshots.iter().map(|kept| kept.weight).sum();
        while self.snapshots.len() > MOST_SNAPSHOTS
            || (self.snapshots.len() > 1 && weight > MOST_BYTES_OF_SNAPSHOTS)
        {
            weight -= self.snapshots.pop_front().map_or(0, |oldest| oldest.weight);
        }
        self.take_in(events, true);
        self.entries.push(Entry { command, events: numbers });
    }

    /// How all was when the command had ended that led to the event of this number, where that is still known.
    pub fn after(&self, number: u64) -> Option<&dyn Snapshot> {
        self.snapshots.iter().find(|kept| kept.events.contains(&number)).map(|kept| &*kept.after)
    }

    /// All events that are kept, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Each command with what happened while it ran, oldest first.
    pub fn commands(&self) -> impl DoubleEndedIterator<Item = (&Command, &[Event])> {
        self.entries.iter().map(|entry| (&entry.command, self.numbered(&entry.events)))
    }

    /// The last command of all.
    pub fn last(&self) -> Option<&Command> {
        self.entries.last().map(|entry| &entry.command)
    }

    /// The last command that put a packet under way, or was to and could not, with what happened while it ran.
    pub fn last_traffic(&self) -> Option<(&Command, &[Event])> {
        let mut commands = self.commands().rev().enumerate();
        let found = commands.find(|(place, (command, events))| {
            // Not every stack tells that a program was refused to send; and it may not have come to that yet.
            let may_not_have = command.status != 0 || (self.cut && *place == 0);
            events.iter().any(Event::is_traffic) || (may_not_have && command.is_to_send())
        });
        found.map(|(_, found)| found)
    }

    /// The same journal as it was when the event of this number had just happened: what came later is left out,
    /// and so are the commands that had not begun.
    #[must_use]
    pub fn until(&self, number: u64) -> Journal {
        let events: Vec<Event> =
            self.events.iter().take_while(|event| event.number <= number).cloned().collect();
        let begun = |entry: &&Entry| entry.events.start <= number;
        let entries = self.entries.iter().take_while(begun).cloned().collect();
        let snapshots =
            self.snapshots.iter().take_while(|kept| kept.events.start <= number).cloned().collect();
        let Journal { most_bytes, frames_forgotten, commands_forgotten, .. } = *self;
        Journal {
            bytes: weight(&events),
            events,
            most_bytes,
            entries,
            snapshots,
            frames_forgotten,
            commands_forgotten,
            cut: true,
        }
    }

    /// The number that the next event will have.
    fn next_event(&self) -> u64 {
        self.events.last().map_or(1, |event| event.number + 1)
    }

    /// How far the journal has come.
    pub fn mark(&self) -> Mark {
        Mark { next_event: self.next_event(), commands: self.commands_forgotten + self.entries.len() }
    }

    /// Goes back to where it was: what came since is taken out.
    pub fn split_off(&mut self, mark: Mark) -> Tail {
        let events = self.events.split_off(self.place(mark.next_event));
        self.bytes -= weight(&events);
        let commands = mark.commands.saturating_sub(self.commands_forgotten).min(self.entries.len());
        let snapshots = self.snapshots.partition_point(|kept| kept.events.start < mark.next_event);
        Tail {
            mark,
            events,
            entries: self.entries.split_off(commands),
            snapshots: self.snapshots.split_off(snapshots),
        }
    }

    /// Goes on with what was taken out, from where that was done: what came since is forgotten.
    pub fn append(&mut self, mut tail: Tail) {
        self.split_off(tail.mark);
        self.bytes += weight(&tail.events);
        self.events.append(&mut tail.events);
        self.entries.append(&mut tail.entries);
        self.snapshots.append(&mut tail.snapshots);
    }

    /// The event of this number.
    pub fn event(&self, number: u64) -> Option<&Event> {
        let place = self.events.binary_search_by_key(&number, |event| event.number).ok()?;
        self.events.get(place)
    }

    /// While time stands still at an event: all events up to that one.
    pub fn moment(&self) -> Option<&[Event]> {
        self.cut.then_some(&self.events)
    }

    /// The events before the one of this number.
    pub fn events_before(&self, number: u64) -> &[Event] {
        &self.events[..self.place(number)]
    }

    /// The event of this number and those behind it.
    pub fn events_from(&self, number: u64) -> &[Event] {
        &self.events[self.place(number)..]
    }

    fn numbered(&self, numbers: &Range<u64>) -> &[Event] {
        &self.events[self.place(numbers.start)..self.place(numbers.end)]
    }

    /// Where the event of this number stands, or would stand.
    fn place(&self, number: u64) -> usize {
        self.events.partition_point(|event| event.number < number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::event::EventKind;
    use vethlab_shared::words::WordList;

    /// A command during which this many frames left, each with a number in it.
    fn command(journal: &mut Journal, first: u64, frames: u64) {
        let event = |number: u64| Event {
            number,
            time: Instant::from_nanos(number),
            namespace: NamespaceName::HOST,
            packet: None,
            kind: EventKind::NetDevXmit {
                link: "lo".parse().expect("a name"),
                frame: number.to_be_bytes().into(),
            },
        };
        let command = Command {
            line: "ping".to_owned(),
            invocation: Invocation::new("ping", WordList::default(), Effect::Sends(Sending::default())),
            namespace: NamespaceName::HOST,
            status: 0,
            results: Results::default(),
            began: Instant::START,
            ended: Instant::START,
        };
        journal.command(command, (first..first + frames).map(event).collect(), None);
    }

    #[test]
    fn frames_keep_their_numbers_when_the_oldest_are_forgotten() {
        let mut journal = Journal::new();
        let half = MOST_EVENTS as u64 / 2 + 1;
        command(&mut journal, 1, half);
        command(&mut journal, half + 1, half);
        assert_eq!(journal.frames().next().map(|(number, _)| number), Some(1));
        // What the last command led to stays, however much it is, until there is another one.
        command(&mut journal, 2 * half + 1, 0);
        assert_eq!(journal.events().len() as u64, half);
        command(&mut journal, 2 * half + 1, 3);
        for (number, crossing) in journal.frames() {
            assert_eq!(crossing.frame[..], (number as u64).to_be_bytes());
        }
        assert_eq!(journal.frames().last().map(|(number, _)| number as u64), Some(2 * half + 3));
        let commands: Vec<usize> = journal.commands().map(|(_, events)| events.len()).collect();
        assert_eq!(commands, [half as usize, 0, 3]);
    }

    #[test]
    fn the_oldest_make_room_by_their_bytes() {
        const MOST: u64 = 64 << 10;
        let mut journal = Journal::of_at_most(MOST);
        let mut first = 1;
        for frames in [100, 20, 50, 1, 0, 3 * MOST / 200, 7, 200] {
            command(&mut journal, first, frames);
            first += frames;
            assert_eq!(journal.bytes, weight(&journal.events));
            let last = journal.commands().rev().find(|(_, events)| !events.is_empty());
            let last = last.map_or(0, |(_, events)| weight(events));
            assert!(journal.bytes <= MOST.max(last), "{frames}: {} of {last}", journal.bytes);
            let newest = journal.commands().last().map(|(_, events)| events.len() as u64);
            assert_eq!(newest, Some(frames), "the last command keeps all of its own");
            for (number, crossing) in journal.frames() {
                assert_eq!(crossing.frame[..], (number as u64).to_be_bytes());
            }
        }
        assert!(journal.frames_forgotten() > 0);
    }

    #[test]
    fn a_journal_of_the_past_numbers_its_frames_alike() {
        let mut journal = Journal::new();
        command(&mut journal, 1, 5);
        let past: Vec<_> = journal.until(3).frames().collect();
        assert_eq!(past, journal.frames().take(3).collect::<Vec<_>>());
    }

    /// Also where the oldest events, with their commands, were forgotten after the mark.
    #[test]
    fn what_is_taken_out_can_be_put_back() {
        let mut journal = Journal::new();
        command(&mut journal, 1, 3);
        command(&mut journal, 4, 2);
        let mark = journal.mark();
        let half = MOST_EVENTS as u64 / 2;
        command(&mut journal, 6, MOST_EVENTS as u64);
        command(&mut journal, 6 + MOST_EVENTS as u64, half);
        assert!(journal.frames_forgotten() > 3);
        let all = |journal: &Journal| -> Vec<usize> {
            journal.commands().map(|(_, events)| events.len()).collect()
        };
        let (before, bytes, end) = (all(&journal), journal.bytes, journal.mark());
        let tail = journal.split_off(mark);
        assert_eq!((all(&journal), journal.bytes), (vec![], 0), "what was before the mark is forgotten");
        journal.append(tail);
        assert_eq!((all(&journal), journal.bytes, journal.mark()), (before, bytes, end));
    }
}
