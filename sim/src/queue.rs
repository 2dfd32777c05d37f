//! What is going to happen, in the order of (time, sequence).

use crate::device::Delivery;
use crate::id::{LinkId, NamespaceId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::Ipv4Addr;
use vethlab_shared::time::Instant;

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub(crate) enum Pending {
    /// A frame reaches the other end of a wire.
    Delivery(Box<Delivery>),
    /// The timer of a neighbour entry runs out; a timer of another generation was cancelled.
    NeighbourTimer {
        /// The entry's link.
        link: LinkId,
        /// The entry's address.
        destination: Ipv4Addr,
        /// Which setting of the timer this is.
        generation: u64,
    },
    /// Fragments that did not all arrive are given up.
    FragmentTimer {
        /// Where they wait.
        namespace: NamespaceId,
        /// Which wait this is.
        generation: u64,
    },
}

#[derive(Clone, Debug)]
struct Entry {
    at: (Instant, u64),
    what: Pending,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.at == other.at
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

/// The queue of all that is going to happen. Things due at the same time happen in the order in which they
/// were put in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Reverse<Entry>>,
    sequence: u64,
}

impl Queue {
    /// Puts something in.
    pub(crate) fn push(&mut self, time: Instant, what: Pending) {
        self.sequence += 1;
        self.heap.push(Reverse(Entry { at: (time, self.sequence), what }));
    }

    /// Takes out what is due first, if that is no later than the deadline.
    pub(crate) fn pop_until(&mut self, deadline: Instant) -> Option<(Instant, Pending)> {
        if self.heap.peek()?.0.at.0 > deadline {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| (entry.at.0, entry.what))
    }

    /// The same, where that is a frame that arrives.
    pub(crate) fn pop_delivery_until(&mut self, deadline: Instant) -> Option<(Instant, Delivery)> {
        if !matches!(self.heap.peek()?.0.what, Pending::Delivery(_)) {
            return None;
        }
        match self.pop_until(deadline)? {
            (time, Pending::Delivery(delivery)) => Some((time, *delivery)),
            _ => None,
        }
    }
}
