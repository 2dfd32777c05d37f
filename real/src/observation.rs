//! What is heard of the namespaces, as events.

use crate::namespace::Namespace;
use crate::socket::Clock;
use crate::tap::{Passed, Tap};
use vethlab_shared::error::StackError;
use vethlab_shared::event::{Event, EventKind};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::Direction;
use vethlab_shared::time::Instant;

/// Whether the namespaces are listened to, and what was heard since somebody asked last.
#[derive(Default)]
pub(crate) struct Observation {
    on: bool,
    heard: Vec<Heard>,
    last_number: u64,
}

/// An event that has no number yet.
struct Heard {
    order: Order,
    namespace: NamespaceName,
    kind: EventKind,
}

/// The time of an event, and whether it is no frame that left: of two at the same time that one came first, for
/// it may be the cause of the other.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Order(Instant, bool);

impl Observation {
    /// Whether anybody listens.
    pub(crate) fn is_on(&self) -> bool {
        self.on
    }

    /// Begins, or ends.
    pub(crate) fn switch(&mut self, on: bool) {
        self.on = on;
    }

    /// Begins to listen in a namespace, or ends it.
    pub(crate) fn attend(&mut self, name: &NamespaceName, namespace: &mut Namespace, clock: Clock) {
        match (self.on, namespace.tap.is_some()) {
            (true, false) => match namespace.visit(Tap::open) {
                Ok(tap) => namespace.tap = Some(tap),
                Err(error) => self.miss(name, &error, clock),
            },
            (false, true) => namespace.tap = None,
            _ => {}
        }
    }

    /// Takes in what passed in a namespace. Whether anything did.
    pub(crate) fn hear(&mut self, name: &NamespaceName, namespace: &mut Namespace, clock: Clock) -> bool {
        let Namespace { tap: Some(tap), channel, .. } = namespace else { return false };
        let before = self.heard.len();
        loop {
            match tap.take(channel) {
                Ok(Some(passed)) => self.pass(name, passed, clock),
                Ok(None) => break,
                Err(error) => {
                    self.miss(name, &error, clock);
                    break;
                }
            }
        }
        match tap.lost() {
            Ok(0) => {}
            Ok(frames) => {
                let reason = "the kernel had no room for more frames: larger net.core.rmem_max helps";
                self.lose(name, Some(frames), reason.to_owned(), clock);
            }
            Err(error) => self.miss(name, &error, clock),
        }
        self.heard.len() > before
    }

    /// What was heard since the last call, in order.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        let mut heard = std::mem::take(&mut self.heard);
        heard.sort_by(|one, other| one.order.cmp(&other.order));
        let numbered = heard.into_iter().map(|Heard { order, namespace, kind }| {
            self.last_number += 1;
            Event { number: self.last_number, time: order.0, namespace, packet: None, kind }
        });
        numbered.collect()
    }

    fn pass(&mut self, name: &NamespaceName, passed: Passed, clock: Clock) {
        let Passed { stamp, link, direction, bytes: frame } = passed;
        let kind = match direction {
            Direction::Out => EventKind::NetDevXmit { link, frame },
            Direction::In => EventKind::NetifReceiveSkb { link, frame },
        };
        let order = Order(clock.at(Some(stamp)), direction == Direction::In);
        self.heard.push(Heard { order, namespace: name.clone(), kind });
    }

    /// Something went by unheard, nobody knows how much.
    fn miss(&mut self, name: &NamespaceName, error: &StackError, clock: Clock) {
        self.lose(name, None, error.to_string(), clock);
    }

    fn lose(&mut self, name: &NamespaceName, frames: Option<u32>, reason: String, clock: Clock) {
        let order = Order(clock.now(), true);
        let kind = EventKind::EventsLost { count: frames.map(u64::from), reason };
        self.heard.push(Heard { order, namespace: name.clone(), kind });
    }
}
