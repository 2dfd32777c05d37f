//! Frames on their wires.

use crate::event::{DropReason, Event, EventKind, PacketId};
use crate::name::{LinkName, NamespaceName};
use crate::time::Instant;
use std::collections::BTreeSet;

/// A link's end, and when a frame was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The namespace.
    pub namespace: NamespaceName,
    /// The link.
    pub link: LinkName,
    /// When.
    pub time: Instant,
    /// The number of the event that told of it.
    pub event: u64,
}

/// One frame on one wire: where it left, and where it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Where it left; `None` where only its arrival was seen.
    pub sent: Option<Place>,
    /// Where it came in; `None` where it never did.
    pub received: Option<Place>,
    /// The frame.
    pub frame: Vec<u8>,
    /// The packet that it carried, where the stack tells them apart.
    pub packet: Option<PacketId>,
    /// Why it ended on this wire or right behind it, where it did.
    pub dropped: Option<DropReason>,
}

impl Crossing {
    /// The frames that events tell of, in the order in which they left.
    ///
    /// A frame that came in is the one of the same packet that left last; where packets are not told apart, the
    /// oldest one of the same bytes that has not come in yet.
    pub fn all(events: &[Event]) -> Vec<Crossing> {
        let mut crossings: Vec<Crossing> = Vec::new();
        let mut taken = BTreeSet::new();
        for event in events {
            let place = |link: &LinkName| Place {
                namespace: event.namespace.clone(),
                link: link.clone(),
                time: event.time,
                event: event.number,
            };
            match &event.kind {
                EventKind::NetDevXmit { link, frame } => crossings.push(Crossing {
                    sent: Some(place(link)),
                    received: None,
                    frame: frame.clone(),
                    packet: event.packet,
                    dropped: None,
                }),
                EventKind::NetifReceiveSkb { link, frame } => {
                    let under_way = |crossing: &&mut Crossing| {
                        crossing.received.is_none()
                            && crossing.packet == event.packet
                            && crossing.frame == *frame
                    };
                    match crossings.iter_mut().find(under_way) {
                        Some(crossing) => crossing.received = Some(place(link)),
                        None => crossings.push(Crossing {
                            sent: None,
                            received: Some(place(link)),
                            frame: frame.clone(),
                            packet: event.packet,
                            dropped: None,
                        }),
                    }
                }
                // A socket has its copy: that the packet itself found no other taker is no loss.
                EventKind::KfreeSkb { reason: DropReason::NoSocket } if taken.contains(&event.packet) => {}
                EventKind::SockQueueRcvSkb { .. } => {
                    taken.insert(event.packet);
                }
                EventKind::KfreeSkb { reason } if event.packet.is_some() => {
                    let last = crossings.iter_mut().rev().find(|crossing| crossing.packet == event.packet);
                    if let Some(crossing) = last {
                        crossing.dropped = Some(*reason);
                    }
                }
                _ => {}
            }
        }
        crossings
    }
}
