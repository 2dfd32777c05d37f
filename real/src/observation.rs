//! What is heard of the namespaces, as events.

use crate::drops::correlation::{Correlated, Correlation, Passage};
use crate::drops::outcomes::{self, Seen};
use crate::drops::{RecordsMissing, Watch};
use crate::error::refused;
use crate::namespace::Namespace;
use crate::socket::Clock;
use crate::tap::{Epoch, Passed, Tap};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;
use vethlab_shared::error::StackError;
use vethlab_shared::event::{DropReason, Event, EventKind, Lost, PacketId};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::{Direction, SocketId};
use vethlab_shared::time::{Duration, Instant};

/// How long after a socket's read its packet may still be said to be dropped. It is done within microseconds, but
/// the record may be taken in later.
const READS_COUNT: Duration = Duration::from_secs(1);

/// What is said, once, where it is not known of every frame what became of it: the same words each time, so that
/// who shows it can say it once.
const UNTOLD: &str = "not all of the kernel's tracepoint records came, as happens on a busy machine: \
                      of some frames it is not known whether they were dropped, and why";

/// Whether the namespaces are listened to, and what was heard since somebody asked last.
pub(crate) struct Observation {
    on: bool,
    /// Tells which taps have something to hear, by the number of their namespace.
    ready: Epoll,
    /// How many taps there are.
    taps: usize,
    epoch: Epoch,
    heard: Vec<Heard>,
    /// How many bytes that takes, about.
    weight: u64,
    last_number: u64,
    watch: Watch,
    correlation: Correlation,
    /// Frames that were heard when records were missing, or that had none.
    doubtful: Vec<Passage>,
    /// When somebody asked last.
    asked: Instant,
    /// Which socket read the copy of a frame: by the namespace's number and the frame's stamp, which is the same.
    reads: BTreeMap<Copied, SocketId>,
}

/// What the copies of a packet have in common: the namespace that it came into, by number, and its stamp.
type Copied = (u32, Instant);

/// An event that has no number yet.
struct Heard {
    order: Order,
    namespace: NamespaceName,
    packet: Option<PacketId>,
    /// For a packet that no socket wants: what a socket's copy of it would be known by.
    unwanted: Option<Copied>,
    kind: EventKind,
}

/// The time of an event, and what comes first at one time: the cause before what it leads to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order(Instant, Turn);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Left,
    CameIn,
    Copied,
    Ended,
}

impl Observation {
    /// Nobody listens yet.
    ///
    /// # Errors
    /// There is no descriptor left.
    pub(crate) fn new() -> Result<Observation, Errno> {
        Ok(Observation {
            on: false,
            ready: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            taps: 0,
            epoch: Epoch::default(),
            heard: Vec::new(),
            weight: 0,
            last_number: 0,
            watch: Watch::new(),
            correlation: Correlation::default(),
            doubtful: Vec::new(),
            asked: Instant::START,
            reads: BTreeMap::new(),
        })
    }

    /// Whether it can be told why packets are dropped.
    pub(crate) fn sees_drop_reasons(&self) -> bool {
        self.watch.is_possible()
    }

    /// Whether anybody listens.
    pub(crate) fn is_on(&self) -> bool {
        self.on
    }

    /// Whether packets are followed to their end just now.
    pub(crate) fn follows_packets(&self) -> bool {
        self.watch.is_on()
    }

    /// Readable as soon as so much is known of packets that it should be taken in.
    pub(crate) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        self.watch.descriptors()
    }

    /// Begins, or ends.
    pub(crate) fn switch(&mut self, on: bool) {
        self.on = on;
        self.reads.clear();
        // Nobody asks any more what became of these.
        self.correlation.forget_all(self.asked);
        self.doubtful.clear();
        self.watch.rest();
    }

    /// Begins to follow packets, where somebody listens: soon there may be some.
    pub(crate) fn expect_packets(&mut self, clock: Clock) {
        if !self.on || self.watch.is_on() {
            return;
        }
        if let Err(why) = self.watch.begin() {
            self.lose(Lost::DropReasons, &NamespaceName::HOST, None, why.to_string(), clock);
        }
    }

    /// Begins to listen in a namespace, or ends it.
    pub(crate) fn attend(&mut self, namespace: &mut Namespace, clock: Clock) {
        match (self.on, namespace.tap.is_some()) {
            (true, false) => match self.open_tap(namespace) {
                Ok(tap) => namespace.tap = Some(tap),
                Err(error) => self.miss(&namespace.name, &error, clock),
            },
            (false, true) => {
                // Closed, it is no longer waited for.
                namespace.tap = None;
                self.taps -= 1;
            }
            _ => {}
        }
    }

    fn open_tap(&mut self, namespace: &Namespace) -> Result<Tap, StackError> {
        let tap = namespace.visit(Tap::open)?;
        let event = EpollEvent::new(EpollFlags::EPOLLIN, namespace.number.into());
        self.ready.add(&tap, event).map_err(refused)?;
        self.taps += 1;
        Ok(tap)
    }

    /// To be called before a namespace is let go.
    pub(crate) fn leave(&mut self, namespace: &Namespace) {
        self.taps -= usize::from(namespace.tap.is_some());
    }

    /// To be called before links come, go, or get another name or namespace, when all that passed so far was heard.
    pub(crate) fn links_change(&mut self) {
        self.epoch.end();
    }

    /// The numbers of the namespaces in which something passed that is not heard yet.
    pub(crate) fn unheard(&mut self, clock: Clock) -> Vec<u32> {
        let mut events = vec![EpollEvent::empty(); self.taps.max(1)];
        loop {
            match self.ready.wait(&mut events, EpollTimeout::ZERO) {
                Ok(count) => {
                    let numbers = events[..count].iter().map(EpollEvent::data);
                    return numbers.filter_map(|number| u32::try_from(number).ok()).collect();
                }
                Err(Errno::EINTR) => {}
                Err(errno) => {
                    self.miss(&NamespaceName::HOST, &refused(errno), clock);
                    return Vec::new();
                }
            }
        }
    }

    /// Takes in what passed in a namespace.
    pub(crate) fn hear(&mut self, namespace: &mut Namespace, clock: Clock) {
        let Namespace { tap: Some(tap), channel, number, name, .. } = namespace else { return };
        loop {
            match tap.take(self.epoch, channel) {
                Ok(Some(passed)) => self.pass(name, *number, passed, clock),
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
                self.lose(Lost::Frames, name, Some(frames), reason.to_owned(), clock);
            }
            Err(error) => self.miss(name, &error, clock),
        }
    }

    /// Takes in that a socket of a namespace read something with this stamp.
    pub(crate) fn read(&mut self, number: u32, stamp: Instant, socket: SocketId) {
        if self.watch.is_on() {
            self.reads.insert((number, stamp), socket);
        }
    }

    /// Follows packets up to a moment; all frames up to then have been heard.
    pub(crate) fn follow(&mut self, until: Instant, clock: Clock) {
        match self.watch.take(until, &self.correlation, clock) {
            Ok(traces) => {
                let Correlated { packets, drops } = self.correlation.follow(traces);
                for (place, packet) in packets {
                    self.heard[place].packet = Some(packet);
                }
                for drop in drops {
                    let came_in = drop.last.direction == Direction::In;
                    let unwanted = came_in && drop.reason == DropReason::NoSocket;
                    self.heard.push(Heard {
                        order: Order(drop.time, Turn::Ended),
                        namespace: drop.last.namespace,
                        packet: Some(drop.packet),
                        unwanted: unwanted.then_some((drop.last.number, drop.last.time)),
                        kind: EventKind::KfreeSkb { reason: drop.reason },
                    });
                }
            }
            Err(RecordsMissing) => self.doubtful.extend(self.correlation.forget_all(self.asked)),
        }
    }

    /// How many bytes it takes to keep what was heard since somebody asked last, about.
    pub(crate) fn weight(&self) -> u64 {
        self.weight
    }

    /// What was heard since the last call, in order.
    pub(crate) fn take(&mut self, clock: Clock) -> Vec<Event> {
        let now = clock.now();
        self.asked = now;
        self.doubtful.extend(self.correlation.forget_frames());
        if self.is_doubtful() {
            self.lose(Lost::DropReasons, &NamespaceName::HOST, None, UNTOLD.to_owned(), clock);
        }
        self.doubtful.clear();
        let mut heard = std::mem::take(&mut self.heard);
        self.weight = 0;
        let copies: Vec<Heard> = heard.iter().filter_map(|heard| self.copy(heard)).collect();
        heard.extend(copies);
        self.reads.retain(|(_, stamp), _| now.since(*stamp) < READS_COUNT);
        heard.sort_by_key(|heard| heard.order);
        let numbered = heard.into_iter().map(|Heard { order, namespace, packet, kind, .. }| {
            self.last_number += 1;
            Event { number: self.last_number, time: order.0, namespace, packet, kind }
        });
        numbered.collect()
    }

    /// Whether a frame was heard of which neither records nor other frames nor a socket tell what became of it.
    fn is_doubtful(&self) -> bool {
        let seen = |heard| {
            let Heard { order, namespace, kind, .. }: &'_ Heard = heard;
            Seen::of(namespace, order.0, kind)
        };
        let seen: Vec<Seen<'_>> = match self.doubtful.is_empty() {
            true => Vec::new(),
            false => self.heard.iter().filter_map(seen).collect(),
        };
        self.doubtful.iter().any(|passage| {
            !self.reads.contains_key(&(passage.number, passage.time)) && !outcomes::is_known(passage, &seen)
        })
    }

    /// The copy that a socket has read of a packet that no socket wants: an echo reply ends so although `ping` has
    /// it, for `ping` reads a copy from a raw socket (`raw_local_deliver`, `ping_rcv`).
    fn copy(&self, ended: &Heard) -> Option<Heard> {
        let socket = *self.reads.get(&ended.unwanted?)?;
        Some(Heard {
            order: Order(ended.order.0, Turn::Copied),
            namespace: ended.namespace.clone(),
            packet: ended.packet,
            unwanted: None,
            kind: EventKind::SockQueueRcvSkb { socket },
        })
    }

    fn pass(&mut self, name: &NamespaceName, number: u32, passed: Passed, clock: Clock) {
        let Passed { stamp, link, direction, bytes: frame } = passed;
        let time = clock.at(Some(stamp));
        if self.watch.is_on() {
            let passage = Passage { number, namespace: name.clone(), direction, time, bytes: frame.clone() };
            self.correlation.hear(self.heard.len(), &link, passage);
        }
        let frame = frame.into();
        let (turn, kind) = match direction {
            Direction::Out => (Turn::Left, EventKind::NetDevXmit { link, frame }),
            Direction::In => (Turn::CameIn, EventKind::NetifReceiveSkb { link, frame }),
        };
        self.tell(Order(time, turn), name, kind);
    }

    /// Something went by unheard, nobody knows how much.
    fn miss(&mut self, name: &NamespaceName, error: &StackError, clock: Clock) {
        self.lose(Lost::Frames, name, None, error.to_string(), clock);
    }

    fn lose(&mut self, what: Lost, name: &NamespaceName, count: Option<u32>, reason: String, clock: Clock) {
        let kind = EventKind::EventsLost { what, count: count.map(u64::from), reason };
        self.tell(Order(clock.now(), Turn::Ended), name, kind);
    }

    fn tell(&mut self, order: Order, name: &NamespaceName, kind: EventKind) {
        self.weight += kind.weight();
        self.heard.push(Heard { order, namespace: name.clone(), packet: None, unwanted: None, kind });
    }
}
