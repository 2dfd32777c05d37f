//! What connections go through, told to whoever listens (`net/netfilter/nf_conntrack_ecache.c`, `ctnetlink_conntrack_event`).
//!
//! What a packet brings about is noted with the connection, and told once the packet has passed all hooks: a packet that is
//! dropped leaves it for the next one. That a connection is over is told at once.

use super::connection::Connection;
use super::table::ConnectionId;
use super::view::view;
use crate::id::NamespaceId;
use crate::queue::Timer;
use crate::world::World;
use bitflags::bitflags;
use std::sync::Arc;
use vethlab_shared::netfilter::{ConnectionEvent, ConnectionGroups};
use vethlab_shared::time::{Duration, Instant};

/// How often connections whose time is over are looked for, where somebody hears of it. The kernel looks when it has reason to
/// think that some are over, and once a minute at the latest (`gc_worker`).
const COLLECTED_EVERY: Duration = Duration::from_secs(1);

bitflags! {
    /// What happened to a connection that is still there (`enum ip_conntrack_events`).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Noted: u8 {
        const NEW = 1;
        const REPLY = 1 << 1;
        const ASSURED = 1 << 2;
        const PROTOINFO = 1 << 3;
        const MARK = 1 << 4;
    }
}

/// Something that is to be told.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    id: ConnectionId,
    connection: Connection,
    /// What it was; none where the connection is over.
    noted: Option<Noted>,
}

impl Connection {
    /// Notes what happened, where somebody listened when the connection began (`nf_conntrack_event_cache`).
    pub(crate) fn note(&mut self, what: Noted) {
        if let Some(noted) = &mut self.noted {
            *noted |= what;
        }
    }

    /// Sets its mark, and notes that where it is another one (`connmark_tg_shift`, `nft_ct_set_eval`).
    pub(crate) fn set_mark(&mut self, mark: u32) {
        if self.mark != mark {
            self.mark = mark;
            self.note(Noted::MARK);
        }
    }
}

impl Happened {
    /// That a connection is over, where that is to be told.
    pub(super) fn over(id: ConnectionId, connection: &Connection) -> Option<Happened> {
        connection.noted.map(|_| Happened { id, connection: connection.clone(), noted: None })
    }

    /// What was noted with a connection, which is not noted any more (`nf_ct_deliver_cached_events`).
    pub(super) fn noted(id: ConnectionId, connection: &mut Connection) -> Option<Happened> {
        let noted = connection.noted.as_mut().map(std::mem::take).filter(|noted| !noted.is_empty())?;
        Some(Happened { id, connection: connection.clone(), noted: Some(noted) })
    }

    fn event(&self, now: Instant, port: u32) -> ConnectionEvent {
        let group = match self.noted {
            None => ConnectionGroups::DESTROY,
            Some(noted) if noted.contains(Noted::NEW) => ConnectionGroups::NEW,
            Some(_) => ConnectionGroups::UPDATE,
        };
        let mut connection = view(self.id, &self.connection, now);
        connection.uses = 0;
        if let Some(noted) = self.noted {
            connection.counters = None;
            connection.tcp_state = connection.tcp_state.filter(|_| noted.contains(Noted::PROTOINFO));
        }
        let has_mark = connection.mark != 0 || self.noted.is_some_and(|noted| noted.contains(Noted::MARK));
        ConnectionEvent { time: now, group, connection, has_mark, port }
    }
}

impl World {
    /// Tells what the connections of a namespace went through, by this port of a netlink socket; 0 where nobody did it.
    pub(crate) fn tell_of_connections(&mut self, namespace: NamespaceId, port: u32) {
        let now = self.now;
        let Some(runtime) = self.namespaces.runtime_mut(namespace) else { return };
        if !runtime.connections.has_happened() {
            return;
        }
        for happened in Arc::make_mut(&mut runtime.connections).take_happened() {
            self.socket_hear(namespace, &happened.event(now, port));
        }
    }

    /// Takes out the connections of a namespace whose time is over, again and again, for as long as somebody hears of it and
    /// there are any.
    pub(crate) fn collect_connections(&mut self, namespace: NamespaceId) {
        let now = self.now;
        let Some(runtime) = self.namespaces.runtime_mut(namespace) else { return };
        runtime.collects = false;
        Arc::make_mut(&mut runtime.connections).collect_garbage(now);
        self.tell_of_connections(namespace, 0);
        self.plan_collection(namespace);
    }

    /// Sets the timer by which connections whose time is over are taken out, where it has to be.
    pub(crate) fn plan_collection(&mut self, namespace: NamespaceId) {
        if !self.sockets.hears_of_connections() {
            return;
        }
        let next = self.now + COLLECTED_EVERY;
        let Some(runtime) = self.namespaces.runtime_mut(namespace) else { return };
        if !runtime.collects && runtime.connections.len() > 0 && !runtime.sockets.conntrack().is_empty() {
            runtime.collects = true;
            self.queue.set_timer(next, Timer::Connections { namespace });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conntrack::{Protocol, Status, Tuple};
    use std::net::Ipv4Addr;
    use vethlab_shared::wire::ipv4::protocol;

    fn connection(noted: Option<Noted>) -> Connection {
        let tuple = Tuple {
            source: Ipv4Addr::new(10, 0, 0, 1),
            destination: Ipv4Addr::new(10, 0, 0, 2),
            protocol: protocol::UDP,
            from: 1,
            to: 2,
        };
        Connection {
            original: tuple,
            reply: tuple.inverse().expect("UDP goes both ways"),
            status: Status::empty(),
            mark: 0,
            protocol: Protocol::Other,
            expires: Instant::START,
            masquerades_by: None,
            counters: None,
            noted,
        }
    }

    #[test]
    fn what_is_noted_is_told_once() {
        let mut heard = connection(Some(Noted::empty()));
        let id = ConnectionId::first();
        assert!(Happened::noted(id, &mut heard).is_none(), "nothing happened");
        heard.note(Noted::REPLY);
        heard.set_mark(7);
        heard.set_mark(0);
        let told = Happened::noted(id, &mut heard).expect("it is told").event(Instant::START, 0);
        assert_eq!((told.group, told.has_mark), (ConnectionGroups::UPDATE, true));
        assert!(Happened::noted(id, &mut heard).is_none(), "it was told");
        let over = Happened::over(id, &heard).expect("its end is told").event(Instant::START, 5);
        assert_eq!((over.group, over.has_mark, over.port), (ConnectionGroups::DESTROY, false, 5));
    }

    #[test]
    fn of_one_that_began_before_anybody_listened_nothing_is_told() {
        let mut unheard = connection(None);
        unheard.note(Noted::REPLY);
        assert!(Happened::noted(ConnectionId::first(), &mut unheard).is_none());
        assert!(Happened::over(ConnectionId::first(), &unheard).is_none());
    }
}
