//! What is going to happen, in the order of (time, sequence).

use crate::device::{Delivery, WIRE_DELAY};
use crate::id::{LinkId, NamespaceId};
use crate::link::StpTimer;
use crate::socket::TcpTimer;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::net::Ipv4Addr;
use vethlab_shared::time::Instant;

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub(crate) enum Pending {
    /// A frame reaches the other end of a wire.
    Delivery(Delivery),
    /// A timer runs out.
    Timer(Timer),
}

/// What a timer is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Timer {
    /// A neighbour entry goes on; a timer of another generation was cancelled.
    Neighbour {
        /// The entry's link.
        link: LinkId,
        /// The entry's address.
        destination: Ipv4Addr,
        /// Which setting of the timer this is.
        generation: u64,
    },
    /// It is time to tell which group a link has joined.
    Igmp {
        /// The link.
        link: LinkId,
        /// Which setting of the timer this is.
        generation: u64,
    },
    /// Stations that a bridge knows may have been silent for too long; a timer of another generation was cancelled.
    Fdb {
        /// The bridge.
        bridge: LinkId,
        /// Which setting of the timer this is.
        generation: u64,
    },
    /// Something of TCP is due, unless it was cancelled.
    Tcp {
        /// Where.
        namespace: NamespaceId,
        /// What.
        what: TcpTimer,
    },
    /// A timer of the spanning tree; one of another generation was cancelled.
    Stp {
        /// The bridge, or the port.
        link: LinkId,
        /// Which of their timers.
        which: StpTimer,
        /// Which setting of the timer this is.
        generation: u32,
    },
    /// Connections may be known for too long.
    Connections {
        /// Where.
        namespace: NamespaceId,
    },
    /// Fragments that did not all arrive are given up.
    Fragments {
        /// Where they wait.
        namespace: NamespaceId,
        /// Which wait this is.
        generation: u64,
    },
}

/// When something happens: the time, and how many things were put in before it.
type When = (Instant, u64);

/// A timer that is set.
#[derive(Clone, Debug)]
struct Set {
    when: When,
    timer: Timer,
}

impl PartialEq for Set {
    fn eq(&self, other: &Set) -> bool {
        self.when == other.when
    }
}
impl Eq for Set {}
impl PartialOrd for Set {
    fn partial_cmp(&self, other: &Set) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Set {
    fn cmp(&self, other: &Set) -> std::cmp::Ordering {
        self.when.cmp(&other.when)
    }
}

/// The queue of all that is going to happen. Things due at the same time happen in the order in which they
/// were put in.
///
/// All wires are equally long, and time does not go back, so that frames arrive in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    /// Frames under way, the first to arrive in front.
    wires: VecDeque<(When, Delivery)>,
    timers: BinaryHeap<Reverse<Set>>,
    sequence: u64,
}

impl Queue {
    /// How many bytes it takes, with the frames under way.
    pub(crate) fn weight(&self) -> usize {
        let frame =
            |(_, delivery): &(When, Delivery)| size_of::<(When, Delivery)>() + delivery.packet.frame().len();
        self.timers.len() * size_of::<Set>() + self.wires.iter().map(frame).sum::<usize>()
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Puts a frame on its wire.
    #[inline]
    pub(crate) fn deliver(&mut self, now: Instant, delivery: Delivery) {
        let when = (now + WIRE_DELAY, self.next_sequence());
        debug_assert!(self.wires.back().is_none_or(|(last, _)| *last < when), "time goes back");
        self.wires.push_back((when, delivery));
    }

    /// Sets a timer.
    pub(crate) fn set_timer(&mut self, time: Instant, timer: Timer) {
        let when = (time, self.next_sequence());
        self.timers.push(Reverse(Set { when, timer }));
    }

    /// When the next thing happens, and whether that is a frame that arrives.
    #[inline]
    fn next(&self) -> Option<(Instant, bool)> {
        let frame = self.wires.front().map(|(when, _)| *when);
        let timer = self.timers.peek().map(|Reverse(set)| set.when);
        match (frame, timer) {
            (Some(frame), Some(timer)) if timer < frame => Some((timer.0, false)),
            (Some(frame), _) => Some((frame.0, true)),
            (None, timer) => timer.map(|timer| (timer.0, false)),
        }
    }

    /// Whether nothing is going to happen.
    pub(crate) fn is_empty(&self) -> bool {
        self.next().is_none()
    }

    /// Takes out what is due first, if that is no later than the deadline.
    pub(crate) fn pop_until(&mut self, deadline: Instant) -> Option<(Instant, Pending)> {
        let (time, is_frame) = self.next().filter(|(time, _)| *time <= deadline)?;
        let what = if is_frame {
            Pending::Delivery(self.wires.pop_front()?.1)
        } else {
            Pending::Timer(self.timers.pop()?.0.timer)
        };
        Some((time, what))
    }

    /// The frame that is due first, where nothing else is and where that is no later than the deadline.
    #[inline]
    pub(crate) fn front_until(&mut self, deadline: Instant) -> Option<(Instant, &mut Delivery)> {
        let timer = self.timers.peek().map(|Reverse(set)| set.when);
        let (when, delivery) = self.wires.front_mut()?;
        let is_first = when.0 <= deadline && timer.is_none_or(|timer| *when < timer);
        is_first.then_some((when.0, delivery))
    }

    /// Puts the frame that is due first on the next wire.
    #[inline]
    pub(crate) fn send_front_on(&mut self, now: Instant) {
        let when = (now + WIRE_DELAY, self.next_sequence());
        if let Some((time, _)) = self.wires.front_mut() {
            *time = when;
            // Most often it is the only one.
            if self.wires.len() > 1 {
                self.wires.rotate_left(1);
            }
        }
    }

    /// When the next frame arrives.
    pub(crate) fn next_arrival(&self) -> Option<Instant> {
        self.wires.front().map(|((time, _), _)| *time)
    }
}
