//! A simulated world that a person can walk through in time.
//!
//! A program is stepped from one wait to the next, and an event may lie in the middle of a step. But all that happens
//! follows from the seed and the commands: to look at an event, the command that led to it is played once more, from
//! the moment before it, and the world remembers itself as the event passes.

mod console;
mod lookup;
mod timeline;
mod undo;
mod window;
mod words;

pub use words::can_be_typed;

use console::{Again, Record, Recorder};
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;
use timeline::{Frames, describe};
use undo::{Undone, oldest_to_forget};
use vethlab_explain::journal::{Journal, Mark};
use vethlab_programs::session::{Attended, Outcome, START_OF_PROGRAM, Session};
use vethlab_programs::{Console, Transcript};
use vethlab_shared::budget::Budget;
use vethlab_shared::error::StackError;
use vethlab_shared::event::EventKind;
use vethlab_shared::stack::NetworkStack;
use vethlab_shared::status::Status;
use vethlab_shared::time::Instant;
use vethlab_sim::World;
use window::Window;
use words::Wish;

/// How many commands can be taken back.
const MOST_MOMENTS: usize = 1000;

/// How many bytes it may take to keep them.
const MOST_BYTES: u64 = 96 << 20;

/// Whether a line is about time, and no command.
pub fn is_about_time(line: &str) -> bool {
    words::parse(line).is_some()
}

/// Whether a line takes commands back, or does such ones again.
pub fn takes_back(line: &str) -> bool {
    matches!(words::parse(line), Some(Ok(Wish::Undo(_) | Wish::Redo(_))))
}

/// Answers a line about time where time cannot be walked through.
pub fn refuse(line: &str, console: &mut dyn Console) -> Outcome {
    match words::parse(line) {
        Some(Ok(Wish::Help(word))) => {
            console.out(&words::usage(word));
            Outcome::Ran(0)
        }
        _ => {
            console.err(ONE_WAY);
            Outcome::Ran(1)
        }
    }
}

const ONE_WAY: &str = "vethlab: the running kernel does not go back: 'step', 'goto' and 'undo' work on the \
                           simulator alone (--stack sim)\n";

/// A world, a person's place on it, and all that was done.
#[derive(Debug)]
pub struct TimeMachine {
    world: World,
    session: Session,
    /// What was done, the oldest first.
    past: Vec<Moment>,
    /// The lines of commands that are too long ago to be taken back.
    forgotten: Vec<String>,
    /// What was taken back, the last on top.
    undone: Vec<Undone>,
    /// Where in the past the person is; `None` is the present.
    place: Option<Place>,
}

/// Something that happened, and the world before it.
#[derive(Clone, Debug)]
struct Moment {
    world: World,
    /// The session, its journal left out.
    session: Session,
    mark: Mark,
    act: Act,
    events: Range<u64>,
    /// Text that was printed before this event was shown; the rest appears as the person walks on.
    shown: u64,
    /// How many bytes it takes to keep it, beside the moments after it.
    weight: u64,
    /// Whether the person typed it and it changed something. Other moments are taken back together with the typed moment
    /// before them.
    typed: bool,
}

#[derive(Clone, Debug)]
enum Act {
    Command {
        line: String,
        record: Record,
    },
    /// Nobody typed anything until then.
    Idle(Instant),
}

/// An event of the past, and all as it was then.
#[derive(Debug)]
struct Place {
    event: u64,
    world: World,
    session: Session,
}

impl TimeMachine {
    /// A fresh machine.
    pub fn new(seed: u64) -> TimeMachine {
        let mut world = World::new(seed);
        world.observe(true);
        TimeMachine {
            world,
            session: Session::new(),
            past: Vec::new(),
            forgotten: Vec::new(),
            undone: Vec::new(),
            place: None,
        }
    }

    /// What is used from now on, in the present and where the person looks, is taken from this.
    pub(crate) fn draw_from(&mut self, budget: &Budget) {
        let place = self.place.iter_mut().map(|place| &mut place.world);
        place.chain([&mut self.world]).for_each(|world| world.set_budget(budget.clone()));
    }

    /// What runs in the background of the session that prepared the world goes on.
    pub(crate) fn take_over_background(&mut self, prepared: Session) {
        self.session.take_over_background(prepared);
    }

    /// The world of the present.
    pub fn world(&mut self) -> &mut World {
        &mut self.world
    }

    /// The world of the present, as a check looks at it between two lines: its background goes on.
    pub(crate) fn attended(&mut self) -> Attended<'_> {
        self.session.attended(&mut self.world)
    }

    /// The world of the present, and what was done and happened where the person looks.
    pub(crate) fn world_and_journal(&mut self) -> (&mut World, &Journal) {
        let session = self.place.as_ref().map_or(&self.session, |place| &place.session);
        (&mut self.world, session.journal())
    }

    /// The session of the present, or of the past that the person looks at.
    pub fn session(&self) -> &Session {
        self.place.as_ref().map_or(&self.session, |place| &place.session)
    }

    /// All that was done and happened up to the present.
    pub fn journal(&self) -> &Journal {
        self.session.journal()
    }

    /// What time it is in the present.
    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// How many commands changed something and were not taken back.
    pub fn commands(&self) -> usize {
        self.past.iter().filter(|moment| moment.typed).count()
    }

    /// The lines of all commands that were done and not taken back, in order.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.past.iter().filter_map(Moment::line).map(str::to_owned);
        self.forgotten.iter().cloned().chain(lines).collect()
    }

    /// The event that the person looks at, and the last one that there is.
    pub fn place(&self) -> Option<(u64, u64)> {
        self.place.as_ref().map(|place| (place.event, self.last_event()))
    }

    /// Takes one line as typed.
    pub fn execute(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        match (words::parse(line), &mut self.place) {
            (Some(Err(problem)), _) => {
                console.err(&format!("vethlab: {problem}\n"));
                Outcome::Ran(2)
            }
            (Some(Ok(Wish::Walk(command))), _) => self.walk(&command, console),
            (Some(Ok(wish)), _) => Outcome::Ran(self.fulfil(&wish, console)),
            (None, Some(place)) => place.session.execute(line, &mut Window::still(&mut place.world), console),
            (None, None) => self.run(line, console),
        }
    }

    /// Takes a line that the person did not type: it is taken back together with what was typed before it.
    pub fn execute_untyped(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        let present = self.place.is_none();
        let outcome = self.execute(line, console);
        if let Some(last) = self.past.last_mut().filter(|_| present && outcome != Outcome::Nothing) {
            last.typed = false;
        }
        outcome
    }

    /// Lets time pass while the person does not type. In the past, time stands still.
    ///
    /// # Errors
    /// The world cannot wait.
    pub fn idle_until(&mut self, time: Instant) -> Result<(), StackError> {
        if self.place.is_some() || time <= self.world.now() {
            return Ok(());
        }
        self.take_in();
        let (world, mark) = (self.world.clone(), self.session.journal().mark());
        let session = self.session.with_journal(Journal::new());
        let first = world.last_event() + 1;
        self.session.idle_until(time, &mut self.world)?;
        self.take_in();
        let events = first..self.world.last_event() + 1;
        if !events.is_empty() {
            let (act, weight) = (Act::Idle(time), world.weight_beside(Some(&self.world)));
            self.keep(Moment { world, session, mark, act, events, weight, shown: u64::MAX, typed: false });
        }
        Ok(())
    }

    /// Takes in what happened beside the commands.
    pub fn take_in(&mut self) {
        self.session.take_in(&mut self.world);
    }

    fn run(&mut self, line: &str, console: &mut dyn Console) -> Outcome {
        self.take_in();
        let (world, mark) = (self.world.clone(), self.session.journal().mark());
        let session = self.session.with_journal(Journal::new());
        let first = world.last_event() + 1;
        let event = Rc::new(Cell::new(0));
        let mut recorder = Recorder::new(console, Rc::clone(&event));
        let mut window = Window::open(&mut self.world, event);
        let outcome = self.session.execute(line, &mut window, &mut recorder);
        let record = recorder.finish();
        let acted = window.has_acted();
        if outcome != Outcome::Nothing {
            let waited = self.world.now().since(world.now()) > START_OF_PROGRAM;
            let happened = self.world.last_event() >= first;
            let typed = acted || waited || happened || !self.session.is_as(&session);
            if typed {
                self.undone.clear();
            }
            let weight = world.weight_beside(Some(&self.world)) + record.weight();
            let act = Act::Command { line: vethlab_shared::words::trim(line).to_owned(), record };
            let events = first..self.world.last_event() + 1;
            self.keep(Moment { world, session, mark, act, events, weight, shown: u64::MAX, typed });
        }
        outcome
    }

    fn keep(&mut self, moment: Moment) {
        self.past.push(moment);
        let weights = self.past.iter().map(|moment| moment.weight);
        let excess = oldest_to_forget(weights, MOST_MOMENTS, MOST_BYTES);
        let oldest = self.past.drain(..excess);
        self.forgotten.extend(oldest.filter_map(|moment| moment.line().map(str::to_owned)));
        self.undone.iter_mut().for_each(|undone| undone.place = undone.place.saturating_sub(excess));
    }

    /// Runs a command unseen and stops at its first event.
    fn walk(&mut self, command: &str, console: &mut dyn Console) -> Outcome {
        if self.place.is_some() {
            console.err("vethlab: this is the past: 'continue' first, then 'step COMMAND'\n");
            return Outcome::Ran(1);
        }
        if is_about_time(command) {
            console.err(&format!("vethlab: '{command}' is no command to step through\n"));
            return Outcome::Ran(2);
        }
        let mut unseen = Transcript::default();
        let outcome = self.run(command, &mut unseen);
        let first = match self.past.last_mut() {
            Some(moment) if !moment.events.is_empty() && moment.line() == Some(command) => {
                moment.shown = 0;
                moment.events.start
            }
            _ => {
                console.out(&unseen.stdout);
                console.err(&unseen.stderr);
                console.out("Nothing happened that one could step through.\n");
                return outcome;
            }
        };
        self.go_to(first, console);
        outcome
    }

    fn fulfil(&mut self, wish: &Wish, console: &mut dyn Console) -> Status {
        let here = self.place.as_ref().map(|place| place.event);
        let target = match *wish {
            Wish::Walk(_) => None,
            Wish::Help(word) => {
                console.out(&words::usage(word));
                return 0;
            }
            Wish::Continue => return self.go_on(console),
            Wish::Timeline { all } => return self.timeline(all, console),
            Wish::Undo(number) => return self.repeat(number, console, TimeMachine::undo),
            Wish::Redo(number) => return self.repeat(number, console, TimeMachine::redo),
            Wish::Forward(_) | Wish::NextFrame if here.is_none() => {
                console.err(
                    "vethlab: this is the present: 'step COMMAND' walks through a command, 'step back' looks \
                     at what happened\n",
                );
                return 1;
            }
            Wish::Forward(number) => {
                let on = self.numbers().filter(|event| Some(*event) > here).nth(number - 1);
                match on {
                    Some(event) => Some(event),
                    None => return self.go_on(console),
                }
            }
            Wish::NextFrame => {
                let frame = self.numbers().find(|&event| Some(event) > here && self.is_frame(event));
                match frame {
                    Some(event) => Some(event),
                    None => return self.go_on(console),
                }
            }
            Wish::Back(number) => {
                let before: Vec<u64> =
                    self.numbers().take_while(|&event| here.is_none_or(|here| event < here)).collect();
                before.len().checked_sub(number).map(|place| before[place])
            }
            Wish::LastFrame => self
                .numbers()
                .filter(|&event| here.is_none_or(|here| event < here) && self.is_frame(event))
                .last(),
            Wish::Start => self
                .past
                .iter()
                .rev()
                .find(|moment| moment.line().is_some() && !moment.events.is_empty())
                .map(|moment| moment.events.start),
            Wish::End => self.numbers().last(),
            Wish::Event(number) => self.numbers().find(|&event| event == number),
            Wish::Time(time) if time > self.world.now() => None,
            Wish::Time(time) => self
                .numbers()
                .filter(|&event| self.session.journal().event(event).is_some_and(|event| event.time <= time))
                .last(),
        };
        match target {
            Some(event) => self.go_to(event, console),
            None => {
                let (first, last) = (self.numbers().next(), self.numbers().last());
                let problem = match (first, last, wish) {
                    (Some(first), _, Wish::Back(_) | Wish::LastFrame) if here == Some(first) => {
                        "this is the first event".to_owned()
                    }
                    (Some(first), Some(last), Wish::Time(time)) => {
                        let at =
                            |number| self.session.journal().event(number).map_or(*time, |event| event.time);
                        let (first, last, now) = (at(first), at(last), self.world.now());
                        format!(
                            "nothing to see at {time}: events are from {first} to {last}, and it is {now} now"
                        )
                    }
                    (Some(first), Some(last), _) => {
                        format!("there is no such event: events {first} to {last} can be looked at")
                    }
                    _ => "there is no such event: nothing has happened yet".to_owned(),
                };
                console.err(&format!("vethlab: {problem}\n"));
                1
            }
        }
    }

    /// The events that can be gone to, in order.
    fn numbers(&self) -> impl Iterator<Item = u64> {
        self.past.iter().flat_map(|moment| moment.events.clone())
    }

    fn last_event(&self) -> u64 {
        self.numbers().last().unwrap_or(0)
    }

    fn is_frame(&self, number: u64) -> bool {
        self.session
            .journal()
            .event(number)
            .is_some_and(|event| matches!(event.kind, EventKind::NetDevXmit { .. }))
    }

    /// Goes to an event that there is, and shows it.
    fn go_to(&mut self, event: u64, console: &mut dyn Console) -> Status {
        let Some((world, session)) = self.as_of(event) else {
            console.err(&format!("vethlab: event {event} does not come again: please report this\n"));
            return 1;
        };
        self.show_text(event, console);
        self.place = Some(Place { event, world, session });
        if let Some(told) = self.session.journal().event(event) {
            let journal = self.session.journal();
            console.out(&describe(told, journal, &Frames::of(journal), "", console.width()));
        }
        0
    }

    /// The world and the session as they were right after an event.
    fn as_of(&self, event: u64) -> Option<(World, Session)> {
        let moment = self.past.iter().find(|moment| moment.events.contains(&event))?;
        let mut world = moment.world.clone();
        world.renew_budget();
        world.remember_at(event);
        match &moment.act {
            Act::Command { line, record } => {
                moment.session.clone().execute(line, &mut world, &mut Again::new(record));
            }
            // What it would answer it answered the first time.
            Act::Idle(until) => drop(moment.session.clone().idle_until(*until, &mut world)),
        }
        let journal = self.session.journal().until(event);
        let mut world = world.take_remembered()?;
        world.renew_budget();
        Some((world, moment.session.with_journal(journal).standing_still()))
    }

    /// Prints what commands that one walks through had printed before an event.
    fn show_text(&mut self, event: u64, console: &mut dyn Console) {
        for moment in &mut self.past {
            if let Act::Command { record, .. } = &moment.act {
                for piece in &record.pieces {
                    if (moment.shown..event).contains(&piece.after) {
                        if piece.is_error { console.err(&piece.text) } else { console.out(&piece.text) }
                    }
                }
                moment.shown = moment.shown.max(event);
            }
        }
    }

    /// Back to the present.
    fn go_on(&mut self, console: &mut dyn Console) -> Status {
        self.show_text(u64::MAX, console);
        match self.place.take() {
            Some(_) => console.out("This is the present again.\n"),
            None => console.out("This is the present.\n"),
        }
        0
    }
}

impl Moment {
    /// The command. `None` where only time passed.
    fn line(&self) -> Option<&str> {
        match &self.act {
            Act::Command { line, .. } => Some(line),
            Act::Idle(_) => None,
        }
    }
}
