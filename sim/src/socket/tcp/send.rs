//! Segments on their way, and the timers of connections (`__tcp_transmit_skb`, `ip_queue_xmit`).

use super::super::{Options, Sockets};
use super::{Listener, Role};
use crate::id::NamespaceId;
use crate::ipv4::route::OutputQuery;
use crate::ipv4::{Segments, destination_of, protocol_of, source_of, tos_of};
use crate::packet::Buffer;
use crate::queue::Timer;
use crate::receive::Incoming;
use crate::tcp::{Ends, Segment, TimeWait};
use crate::timer::expiry;
use crate::world::World;
use std::net::{Ipv4Addr, SocketAddrV4};
use vethlab_shared::event::{EventKind, PacketId};
use vethlab_shared::socket::SocketId;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::{RouteKind, SocketState as State};
use vethlab_shared::wire::Tcp;
use vethlab_shared::wire::checksum::{internet_checksum, pseudo_header, transport_checksum};
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::tcp::{self, Header, flag};

/// By how much a connection's timer is later than another one that is set for the same moment: which of them the kernel
/// runs first is chance. What the other one leads to, such as that a neighbour does not answer, has happened then.
const AFTER_OTHERS: Duration = Duration::from_millis(1);

/// What a timer of TCP is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TcpTimer {
    /// A connection.
    Connection(SocketId),
    /// One that was asked for at this socket.
    Request(SocketId, Ends),
    /// One that is over.
    TimeWait(Ends),
}

/// How a segment between these ends asks for its way.
pub(super) fn query(options: &Options, ends: Ends) -> OutputQuery {
    OutputQuery { source: Some(*ends.local.ip()), ..options.query(*ends.peer.ip()) }
}

/// The bytes of a segment, its checksum 0.
fn bytes(ends: Ends, segment: &Segment) -> Buffer {
    let header = Header {
        source: ends.local.port(),
        destination: ends.peer.port(),
        sequence: segment.sequence,
        acknowledgement: segment.acknowledgement,
        flags: segment.flags,
        window: segment.window,
    };
    Buffer::of(&[&header.bytes(&segment.options.bytes()), &segment.data])
}

impl Sockets {
    /// The part of a socket that takes in connections, where it does.
    pub(super) fn listener_mut(&mut self, id: SocketId) -> Option<&mut Listener> {
        match &mut self.get(id).ok()?.tcp {
            Role::Listens(listener) => Some(listener),
            Role::Closed | Role::Connection(_) => None,
        }
    }
}

impl World {
    /// Does what a connection has left to be done: sends its segments, sets its timer, and forgets it where it is over.
    /// `parent` is the packet that all this is due to.
    pub(super) fn tcp_settle(&mut self, id: SocketId, parent: Option<PacketId>) {
        let now = self.now;
        self.tcp_tell_states(id, parent);
        let Ok(socket) = self.sockets.get(id) else { return };
        let at = socket.options.namespace;
        let Role::Connection(connection) = &mut socket.tcp else { return };
        let ends = connection.control.ends;
        for segment in std::mem::take(&mut connection.control.out) {
            self.tcp_send(at, Some(id), ends, &segment, parent);
        }
        let Ok(socket) = self.sockets.get(id) else { return };
        let options = socket.options;
        let Role::Connection(connection) = &mut socket.tcp else { return };
        if let Some(state) = connection.control.becomes_time_wait.take() {
            let mut over = TimeWait::of(&connection.control, state, now);
            (over.reuse_address, over.reuse_port) = (options.reuse_address, options.reuse_port);
            connection.control.is_over_but_for_time_wait();
            let until = over.until;
            let runtime = self.runtime_mut(at);
            runtime.sockets.disconnect(id, &ends);
            runtime.time_waits.insert(ends, over);
            self.tcp_set_timer(at, TcpTimer::TimeWait(ends), until);
            self.tcp_tell_states(id, parent);
        }
        let Ok(socket) = self.sockets.get(id) else { return };
        let Role::Connection(connection) = &mut socket.tcp else { return };
        if connection.control.state == State::Close {
            let gone = connection.control.is_gone();
            self.runtime_mut(at).sockets.disconnect(id, &ends);
            if gone {
                self.tcp_forget(id);
            }
            return;
        }
        let Some(next) = connection.control.next_timer() else { return };
        let due = expiry(now, next) + AFTER_OTHERS;
        if connection.armed.is_none_or(|armed| due < armed) {
            connection.armed = Some(due);
            self.queue.set_timer(due, Timer::Tcp { namespace: at, what: TcpTimer::Connection(id) });
        }
    }

    /// Tells which states a connection went through since this was told last.
    fn tcp_tell_states(&mut self, id: SocketId, packet: Option<PacketId>) {
        let Ok(socket) = self.sockets.get(id) else { return };
        let Role::Connection(connection) = &mut socket.tcp else { return };
        for state in std::mem::take(&mut connection.control.entered) {
            let Ok(socket) = self.sockets.get(id) else { return };
            let Role::Connection(connection) = &mut socket.tcp else { return };
            let from = std::mem::replace(&mut connection.told, state);
            self.tcp_tell_state(id, packet, (from, state));
        }
    }

    /// Tells that a socket went from one state to another (`inet_sk_state_store`).
    pub(super) fn tcp_tell_state(
        &mut self,
        socket: SocketId,
        packet: Option<PacketId>,
        (from, to): (State, State),
    ) {
        let Ok(options) = self.sockets.options(socket) else { return };
        let local = SocketAddrV4::new(options.bound.unwrap_or(Ipv4Addr::UNSPECIFIED), options.port);
        let peer = options.peer.unwrap_or(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));
        self.tell(options.namespace, packet, || EventKind::InetSockSetState {
            socket,
            from,
            to,
            local: local.into(),
            peer: peer.into(),
        });
    }

    /// Nothing is left of a socket.
    pub(super) fn tcp_forget(&mut self, id: SocketId) {
        if let Some(place) = self.sockets.place(id) {
            let (_, socket) = self.sockets.open.remove(place);
            let options = socket.options;
            self.runtime_mut(options.namespace).sockets.remove(id, &options);
            self.end_nameless();
        }
    }

    /// Sets a timer of TCP.
    pub(super) fn tcp_set_timer(&mut self, namespace: NamespaceId, what: TcpTimer, time: Instant) {
        let due = expiry(self.now, time) + AFTER_OTHERS;
        self.queue.set_timer(due, Timer::Tcp { namespace, what });
    }

    /// A timer of TCP has run out.
    pub(crate) fn tcp_timer(&mut self, at: NamespaceId, what: TcpTimer) {
        let now = self.now;
        if self.namespaces.get(at).is_none() {
            return;
        }
        match what {
            TcpTimer::Connection(id) => {
                let waits = self.tcp_waits_here(at, id);
                let Ok(socket) = self.sockets.get(id) else { return };
                let Role::Connection(connection) = &mut socket.tcp else { return };
                connection.armed = None;
                connection.control.held_here = waits;
                connection.control.run_timers(now);
                connection.control.held_here = false;
                self.tcp_settle(id, None);
            }
            TcpTimer::Request(id, ends) => self.tcp_request_timer(at, id, ends),
            TcpTimer::TimeWait(ends) => {
                let Some(over) = self.runtime(at).time_waits.get(&ends) else { return };
                if over.until <= now {
                    self.runtime_mut(at).time_waits.remove(&ends);
                } else {
                    let until = over.until;
                    self.tcp_set_timer(at, what, until);
                }
            }
        }
    }

    /// Whether a segment of a connection waits for a neighbour.
    fn tcp_waits_here(&self, at: NamespaceId, id: SocketId) -> bool {
        let Some(control) = self.sockets.find(id).and_then(|socket| socket.tcp.control()) else {
            return false;
        };
        let Ends { local, peer } = control.ends;
        self.runtime(at).neighbours.waiting().any(|waiting| {
            let packet = waiting.packet();
            let (bytes, segment) = (packet.network(), Tcp::new(packet.transport()));
            packet.holds_socket
                && protocol_of(bytes) == protocol::TCP
                && (source_of(bytes), destination_of(bytes)) == (*local.ip(), *peer.ip())
                && segment.is_some_and(|it| (it.source(), it.destination()) == (local.port(), peer.port()))
        })
    }

    /// `reqsk_timer_handler`.
    fn tcp_request_timer(&mut self, at: NamespaceId, id: SocketId, ends: Ends) {
        let now = self.now;
        let Some(listener) = self.sockets.listener_mut(id) else { return };
        let Some(place) = listener.requests.iter().position(|request| request.ends == ends) else { return };
        let again_at = listener.requests[place].again_at;
        if again_at > now {
            return self.tcp_set_timer(at, TcpTimer::Request(id, ends), again_at);
        }
        let Some(answer) = listener.requests[place].run_timer(now) else {
            listener.requests.remove(place);
            return;
        };
        let again_at = listener.requests[place].again_at;
        self.tcp_set_timer(at, TcpTimer::Request(id, ends), again_at);
        self.tcp_send(at, Some(id), ends, &answer, None);
    }

    /// Sends a segment of a connection, or of one that was asked for at this socket. Where there is no way, or where it is
    /// dropped on it, nobody is told: it is sent again if need be.
    pub(super) fn tcp_send(
        &mut self,
        at: NamespaceId,
        id: Option<SocketId>,
        ends: Ends,
        segment: &Segment,
        parent: Option<PacketId>,
    ) {
        let Some(Ok(options)) = id.map(|id| self.sockets.options(id)) else { return };
        let count =
            segment.size.map_or(1, |size| segment.data.len().div_ceil(usize::from(size)).max(1)) as u16;
        let control = id.and_then(|id| self.sockets.get(id).ok()?.tcp.control_mut());
        // Without a connection that it could be told by, what may not be cut needs no identification.
        let (identification, confirms) = control
            .map_or((0, false), |control| (control.next_identification(count), control.take_confirmation()));
        let mut buffer = bytes(ends, segment);
        let length = buffer.transport().len() as u16;
        let sum =
            !internet_checksum(&pseudo_header(*ends.local.ip(), *ends.peer.ip(), protocol::TCP, length));
        tcp::set_checksum(buffer.transport_mut(), sum);
        let packet = self.new_packet_id(at, parent);
        if let Some(socket) = id {
            let length = segment.data.len();
            let Segment { flags, sequence, acknowledgement, .. } = *segment;
            self.tell(at, Some(packet), || EventKind::TcpTransmitSkb {
                socket,
                flags,
                sequence,
                acknowledgement,
                length,
            });
        }
        let segments = Segments {
            source: *ends.local.ip(),
            query: query(&options, ends),
            tos: options.tos,
            ttl: options.ttl,
            identification,
            checksum_partial: true,
            size: segment.size,
            sender: id,
            packet,
            confirms,
        };
        self.ip_queue_xmit(at, &segments, buffer);
    }

    /// Answers a segment for which there is no socket any more (`tcp_v4_send_ack`, `ip_send_unicast_reply`).
    pub(super) fn tcp_answer(&mut self, incoming: &Incoming, ends: Ends, segment: &Segment) {
        let at = incoming.at.namespace;
        let mut buffer = bytes(ends, segment);
        let sum = transport_checksum(*ends.local.ip(), *ends.peer.ip(), protocol::TCP, buffer.transport());
        tcp::set_checksum(buffer.transport_mut(), sum);
        let tos = tos_of(incoming.packet.network());
        let query = OutputQuery {
            destination: *ends.peer.ip(),
            source: Some(*ends.local.ip()),
            output: None,
            tos: tos & super::super::DSCP_MASK,
        };
        let segments = Segments {
            source: *ends.local.ip(),
            query,
            tos,
            ttl: None,
            identification: 0,
            checksum_partial: false,
            size: None,
            sender: None,
            packet: self.new_packet_id(at, Some(incoming.packet.id)),
            confirms: false,
        };
        self.ip_queue_xmit(at, &segments, buffer);
    }

    /// Answers a segment by a reset (`tcp_v4_send_reset`), unless it is one itself.
    pub(super) fn tcp_send_reset(&mut self, incoming: &Incoming) {
        let packet = incoming.packet.network();
        let Some(segment) = Tcp::new(incoming.packet.transport()) else { return };
        let (own, peer) = (destination_of(packet), source_of(packet));
        let flags = segment.flags();
        let is_own = self.net(incoming.at.namespace).address_type(own) == RouteKind::Local;
        if flags & flag::RST != 0 || !is_own {
            return;
        }
        let ends = Ends {
            local: SocketAddrV4::new(own, segment.destination()),
            peer: SocketAddrV4::new(peer, segment.source()),
        };
        let numbered = u32::from(flags & flag::SYN != 0) + u32::from(flags & flag::FIN != 0);
        let behind = segment.sequence().wrapping_add(segment.data().len() as u32 + numbered);
        let (sequence, acknowledgement, more) = match flags & flag::ACK {
            0 => (0, behind, flag::ACK),
            _ => (segment.acknowledgement(), 0, 0),
        };
        let reset = Segment {
            sequence,
            acknowledgement,
            flags: flag::RST | more,
            window: 0,
            options: tcp::Options::default(),
            data: Vec::new(),
            size: None,
        };
        self.tcp_answer(incoming, ends, &reset);
    }

    /// The way of a connection may have another MTU now (`tcp_current_mss`).
    pub(super) fn tcp_follow_mtu(&mut self, id: SocketId) {
        let now = self.now;
        let Ok(options) = self.sockets.options(id) else { return };
        let Some(control) = self.sockets.find(id).and_then(|socket| socket.tcp.control()) else { return };
        let (query, known) = (query(&options, control.ends), control.mtu());
        let Ok(route) = self.net(options.namespace).route_output(&query, now, None) else { return };
        if route.mtu != known
            && let Ok(socket) = self.sockets.get(id)
            && let Some(control) = socket.tcp.control_mut()
        {
            control.follow_mtu(route.mtu);
        }
    }
}
