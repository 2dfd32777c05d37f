//! Telling what happened, for as long as somebody listens.

use crate::id::{LinkId, NamespaceId};
use crate::world::World;
use vethlab_shared::event::{DropReason, Event, EventKind, PacketId};
use vethlab_shared::name::LinkName;

/// The events kept so far, and the numbers given to packets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) on: bool,
    pub(crate) events: Vec<Event>,
    last_packet: u64,
    last_event: u64,
    /// The event after which the world is to be remembered.
    pub(crate) wish: Option<u64>,
    pub(crate) remembered: Option<Box<World>>,
}

impl Trace {
    /// The events kept so far. About as many are expected next: growing step by step would copy them again and again.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        const MOST: usize = 1024;
        let next = Vec::with_capacity(self.events.len().min(MOST));
        std::mem::replace(&mut self.events, next)
    }
}

impl World {
    /// The number of the event that was told last; 0 before the first.
    pub fn last_event(&self) -> u64 {
        self.trace.last_event
    }

    /// Keeps, from now on, the moment right after the event of this number, be it in the middle of something. The last
    /// wish counts.
    pub fn remember_at(&mut self, event: u64) {
        self.trace.wish = Some(event);
        self.trace.remembered = None;
    }

    /// Takes the moment that was wished for, once it has passed.
    pub fn take_remembered(&mut self) -> Option<World> {
        self.trace.remembered.take().map(|world| *world)
    }

    /// A number for a new packet, told together with the packet that it is due to.
    #[inline]
    pub(crate) fn new_packet_id(&mut self, namespace: NamespaceId, parent: Option<PacketId>) -> PacketId {
        self.trace.last_packet += 1;
        let id = PacketId(self.trace.last_packet);
        self.tell(namespace, Some(id), || EventKind::PacketCreated { parent });
        id
    }

    /// Keeps an event if somebody listens; makes it only then.
    pub(crate) fn tell(
        &mut self,
        namespace: NamespaceId,
        packet: Option<PacketId>,
        kind: impl FnOnce() -> EventKind,
    ) {
        if self.trace.on {
            let namespace = self.name_of(namespace);
            self.trace.last_event += 1;
            let (number, time) = (self.trace.last_event, self.now);
            let kind = kind();
            self.allowance.hold(&kind);
            if self.trace.events.capacity() == 0 {
                // A ping alone leads to more.
                self.trace.events.reserve(64);
            }
            self.trace.events.push(Event { number, time, namespace, packet, kind });
            if self.trace.wish == Some(number) {
                self.trace.wish = None;
                // What was told up to here is no part of the moment, and may be long.
                let told = std::mem::take(&mut self.trace.events);
                self.trace.remembered = Some(Box::new(self.clone()));
                self.trace.events = told;
            }
        }
    }

    /// The same, of something that happened at a link, which may be gone: then nothing is told.
    pub(crate) fn tell_at(
        &mut self,
        at: LinkId,
        packet: Option<PacketId>,
        kind: impl FnOnce(LinkName) -> EventKind,
    ) {
        if self.trace.on
            && let Some(link) = self.link(at)
        {
            let name = link.name.clone();
            self.tell(at.namespace, packet, || kind(name));
        }
    }

    /// Ends a packet (`kfree_skb_reason`).
    pub(crate) fn drop_packet(&mut self, namespace: NamespaceId, packet: PacketId, reason: DropReason) {
        self.tell(namespace, Some(packet), || EventKind::KfreeSkb { reason });
    }
}
