//! Whom a segment is for (`tcp_v4_rcv`).

use super::super::{Kind, Options, Socket};
use super::{Connection, Role};
use crate::id::NamespaceId;
use crate::ipv4::{destination_of, source_of};
use crate::receive::{Addressee, Incoming};
use crate::tcp::{AfterTimeWait, Arrived, Asked, Ends, Request, Verdict};
use crate::world::World;
use std::net::{Ipv4Addr, SocketAddrV4};
use vethlab_shared::event::{Consumer, DropReason, EventKind};
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::SocketId;
use vethlab_shared::view::SocketState as State;
use vethlab_shared::wire::Tcp;
use vethlab_shared::wire::checksum::transport_checksum;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::tcp::flag;

/// A segment that came in, with what it came in by.
struct Came<'a> {
    incoming: &'a Incoming,
    segment: Arrived<'a>,
    ends: Ends,
    /// The link that it counts as having come in by.
    link: IfIndex,
}

impl World {
    /// Takes in a segment (`tcp_v4_rcv`). It is found by the addresses that it has now, whatever they were before.
    pub(crate) fn tcp_receive(&mut self, incoming: &Incoming) {
        let (namespace, id) = (incoming.at.namespace, incoming.packet.id);
        let verdict = self.tcp_take(incoming);
        match verdict {
            Verdict::Taken => self.tell(namespace, Some(id), || EventKind::ConsumeSkb { by: Consumer::Tcp }),
            Verdict::Drop(reason) => self.drop_packet(namespace, id, reason),
            Verdict::Reset(reason) => {
                self.tcp_send_reset(incoming);
                self.drop_packet(namespace, id, reason);
            }
        }
    }

    fn tcp_take(&mut self, incoming: &Incoming) -> Verdict {
        if incoming.addressee != Addressee::Host {
            return Verdict::Drop(DropReason::NotSpecified);
        }
        let (packet, bytes) = (incoming.packet.network(), incoming.packet.transport());
        let Some(segment) = Tcp::new(bytes) else { return Verdict::Drop(DropReason::PktTooSmall) };
        let (source, destination) = (source_of(packet), destination_of(packet));
        if !incoming.packet.checksum_partial
            && transport_checksum(source, destination, protocol::TCP, bytes) != 0
        {
            return Verdict::Drop(DropReason::TcpCsum);
        }
        let came = Came {
            incoming,
            segment: Arrived::new(segment, incoming.packet.segment_size),
            ends: Ends {
                local: SocketAddrV4::new(destination, segment.destination()),
                peer: SocketAddrV4::new(source, segment.source()),
            },
            link: incoming.packet.input.unwrap_or(incoming.at.index),
        };
        let runtime = self.runtime(incoming.at.namespace);
        if let Some(id) = runtime.sockets.connected(&came.ends) {
            return self.tcp_for_connection(id, &came);
        }
        if runtime.time_waits.contains_key(&came.ends) {
            return self.tcp_for_time_wait(&came);
        }
        match self.tcp_listener(&came) {
            Some(listener) => self.tcp_for_listener(listener, &came, None),
            None => Verdict::Reset(DropReason::NoSocket),
        }
    }

    fn tcp_for_connection(&mut self, id: SocketId, came: &Came<'_>) -> Verdict {
        let now = self.now;
        let Ok(socket) = self.sockets.get(id) else { return Verdict::Reset(DropReason::NoSocket) };
        let Some(control) = socket.tcp.control_mut() else { return Verdict::Reset(DropReason::NoSocket) };
        let verdict = control.receive(&came.segment, now);
        self.tcp_settle(id, Some(came.incoming.packet.id));
        verdict
    }

    fn tcp_for_time_wait(&mut self, came: &Came<'_>) -> Verdict {
        let (at, now) = (came.incoming.at.namespace, self.now);
        let Some(over) = self.runtime_mut(at).time_waits.get_mut(&came.ends) else {
            return Verdict::Reset(DropReason::NoSocket);
        };
        match over.receive(&came.segment, now) {
            AfterTimeWait::Ignored => Verdict::Drop(DropReason::NotSpecified),
            AfterTimeWait::Forget => {
                self.runtime_mut(at).time_waits.remove(&came.ends);
                Verdict::Drop(DropReason::NotSpecified)
            }
            AfterTimeWait::Answer(segment) => {
                self.tcp_answer(came.incoming, came.ends, &segment);
                Verdict::Drop(DropReason::NotSpecified)
            }
            AfterTimeWait::Reset => {
                self.runtime_mut(at).time_waits.remove(&came.ends);
                Verdict::Reset(DropReason::NotSpecified)
            }
            AfterTimeWait::NewConnection(first) => match self.tcp_listener(came) {
                Some(listener) => {
                    self.runtime_mut(at).time_waits.remove(&came.ends);
                    self.tcp_for_listener(listener, came, Some(first))
                }
                None => Verdict::Drop(DropReason::NotSpecified),
            },
        }
    }

    /// A segment for a socket that takes in connections (`tcp_rcv_state_process` in `TCP_LISTEN`, `tcp_check_req`).
    fn tcp_for_listener(&mut self, id: SocketId, came: &Came<'_>, first: Option<u32>) -> Verdict {
        let now = self.now;
        let Some(listener) = self.sockets.listener_mut(id) else {
            return Verdict::Reset(DropReason::NoSocket);
        };
        let Some(place) = listener.requests.iter().position(|request| request.ends == came.ends) else {
            return self.tcp_asked(id, came, first);
        };
        match listener.requests[place].check(&came.segment, now) {
            Asked::Again(answer) => {
                self.tcp_send(
                    came.incoming.at.namespace,
                    Some(id),
                    came.ends,
                    &answer,
                    Some(came.incoming.packet.id),
                );
                Verdict::Drop(DropReason::NotSpecified)
            }
            Asked::Outside(answer, reason) => {
                self.tcp_answer(came.incoming, came.ends, &answer);
                Verdict::Drop(reason)
            }
            Asked::Forget(reason) => {
                listener.requests.remove(place);
                Verdict::Drop(reason)
            }
            Asked::Reset(reason) => Verdict::Reset(reason),
            Asked::Drop(reason) => Verdict::Drop(reason),
            Asked::Confirms if listener.accepted.len() as u32 > listener.backlog => {
                listener.requests[place].is_confirmed();
                Verdict::Drop(DropReason::NotSpecified)
            }
            Asked::Confirms => {
                let request = listener.requests.remove(place);
                self.tcp_confirmed(id, request, came)
            }
        }
    }

    /// Somebody asks for a connection (`tcp_conn_request`).
    fn tcp_asked(&mut self, id: SocketId, came: &Came<'_>, first: Option<u32>) -> Verdict {
        let segment = &came.segment;
        if segment.has(flag::ACK) {
            return Verdict::Reset(DropReason::TcpFlags);
        }
        if segment.has(flag::RST) {
            return Verdict::Drop(DropReason::TcpReset);
        }
        if !segment.has(flag::SYN) || segment.has(flag::FIN) {
            return Verdict::Drop(DropReason::TcpFlags);
        }
        let Some(listener) = self.sockets.listener_mut(id) else {
            return Verdict::Reset(DropReason::NoSocket);
        };
        let is_full = |count: usize, backlog: u32| count as u32 > backlog;
        if is_full(listener.requests.len(), listener.backlog)
            || is_full(listener.accepted.len(), listener.backlog)
        {
            return Verdict::Drop(DropReason::NotSpecified);
        }
        let Ok(options) = self.sockets.options(id) else { return Verdict::Reset(DropReason::NoSocket) };
        let query = super::send::query(&options, came.ends);
        let Ok(route) = self.route_output_told(options.namespace, &query, Some(came.incoming.packet.id))
        else {
            return Verdict::Drop(DropReason::NotSpecified);
        };
        let mut settings = self.tcp_settings(route.mtu);
        settings.first_sequence = first.unwrap_or(settings.first_sequence);
        let now = self.now;
        let request = Request::new(came.ends, settings, segment, now);
        let answer = request.answer(now);
        let again_at = request.again_at;
        if let Some(listener) = self.sockets.listener_mut(id) {
            listener.requests.push(request);
        }
        self.tcp_set_timer(options.namespace, super::TcpTimer::Request(id, came.ends), again_at);
        self.tcp_send(options.namespace, Some(id), came.ends, &answer, Some(came.incoming.packet.id));
        Verdict::Taken
    }

    /// The other end has confirmed: the connection waits to be accepted (`tcp_v4_syn_recv_sock`, `tcp_child_process`).
    fn tcp_confirmed(&mut self, listener: SocketId, request: Request, came: &Came<'_>) -> Verdict {
        let now = self.now;
        let Ok(parent) = self.sockets.options(listener) else { return Verdict::Reset(DropReason::NoSocket) };
        let mut control = request.into_control(&came.segment, now);
        control.set_keepalive(parent.keepalive, now);
        let (local, peer) = (came.ends.local, came.ends.peer);
        let options = Options {
            source: Some(*local.ip()),
            bound: Some(*local.ip()),
            port: local.port(),
            peer: Some(peer),
            ..parent
        };
        let id = self.sockets.next_id();
        let connection = Connection { control, armed: None, connecting: false, told: State::Listen };
        let socket = Socket { tcp: Role::Connection(Box::new(connection)), ..Socket::new(options) };
        self.sockets.open.push((id, Box::new(socket)));
        let index = &mut self.runtime_mut(options.namespace).sockets;
        index.insert(id, &options);
        index.connect(id, came.ends);
        let verdict = self.tcp_for_connection(id, came);
        if let Some(listener) = self.sockets.listener_mut(listener) {
            listener.accepted.push_back(id);
        }
        self.sockets.touch();
        verdict
    }

    /// The socket that takes in connections to this address (`__inet_lookup_listener`): one that is bound to it goes before
    /// one that is not; of those that share a port one is drawn.
    fn tcp_listener(&mut self, came: &Came<'_>) -> Option<SocketId> {
        let at = came.incoming.at.namespace;
        let scored = self.tcp_listeners(at, came.ends.local, came.link);
        let best = scored.iter().map(|(score, ..)| *score).max()?;
        let fit: Vec<(SocketId, bool)> = scored
            .into_iter()
            .filter(|(score, ..)| *score == best)
            .map(|(_, id, shares)| (id, shares))
            .collect();
        let last = fit.last()?;
        let sharing: Vec<SocketId> = fit.iter().filter(|(_, shares)| *shares).map(|(id, _)| *id).collect();
        if sharing.len() < 2 {
            return Some(last.0);
        }
        let place = self.random_port(u16::try_from(sharing.len()).unwrap_or(u16::MAX));
        sharing.get(usize::from(place)).copied()
    }

    /// The sockets that take in connections to this address, each with how well it fits, and whether it shares its port.
    pub(super) fn tcp_listeners(
        &self,
        at: NamespaceId,
        own: SocketAddrV4,
        link: IfIndex,
    ) -> Vec<(u32, SocketId, bool)> {
        let score = |options: &Options| {
            let fits = options.kind == Kind::Tcp
                && options.bound.is_none_or(|bound| bound == *own.ip() || bound == Ipv4Addr::UNSPECIFIED)
                && options.device.is_none_or(|device| device == link);
            fits.then(|| 2 * u32::from(options.bound.is_some()) + u32::from(options.device.is_some()))
        };
        let ids = self.runtime(at).sockets.tcp_on(own.port());
        ids.filter_map(|id| {
            let socket = self.sockets.find(id)?;
            let Role::Listens(_) = socket.tcp else { return None };
            Some((score(&socket.options)?, id, socket.options.reuse_port))
        })
        .collect()
    }
}
