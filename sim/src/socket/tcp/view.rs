//! The sockets as they are shown (`net/ipv4/inet_diag.c`).

use super::super::{Kind, Options, Socket};
use super::Role;
use crate::id::NamespaceId;
use crate::world::World;
use std::net::{Ipv4Addr, SocketAddrV4};
use vethlab_shared::socket::Received;
use vethlab_shared::time::Instant;
use vethlab_shared::view::{SocketProtocol, SocketState as State, SocketTimer, SocketTimerKind, SocketView};

impl World {
    /// The UDP and TCP sockets of a namespace that have ports, and its connections without a socket.
    pub(crate) fn socket_views(&self, at: NamespaceId) -> Vec<SocketView> {
        let now = self.now;
        let open = self.sockets.open.iter().map(|(_, socket)| &**socket);
        let mut views: Vec<SocketView> = open
            .filter(|socket| socket.options.namespace == at && socket.options.port != 0)
            .flat_map(|socket| view(socket, now))
            .collect();
        views.extend(self.runtime(at).time_waits.values().map(|over| SocketView {
            protocol: SocketProtocol::Tcp,
            state: over.state,
            receive_queue: 0,
            send_queue: 0,
            local: over.ends.local.into(),
            peer: over.ends.peer.into(),
            device: None,
            timer: Some(SocketTimer {
                kind: SocketTimerKind::TimeWait,
                left: over.until.since(now),
                count: 0,
            }),
        }));
        views.sort_by_cached_key(SocketView::order);
        views
    }
}

fn view(socket: &Socket, now: Instant) -> Vec<SocketView> {
    let Options { kind, bound, source, port, peer, device, .. } = socket.options;
    let local = SocketAddrV4::new(bound.or(source).unwrap_or(Ipv4Addr::UNSPECIFIED), port);
    let nobody = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
    let plain = SocketView {
        protocol: if kind == Kind::Tcp { SocketProtocol::Tcp } else { SocketProtocol::Udp },
        state: if peer.is_some() { State::Established } else { State::Close },
        receive_queue: 0,
        send_queue: 0,
        local: local.into(),
        peer: peer.unwrap_or(nobody).into(),
        device,
        timer: None,
    };
    match (kind, &socket.tcp) {
        (Kind::Udp, _) => {
            let waiting = socket.data.iter().map(|received| match received {
                Received::Datagram(datagram) => super::super::udp::memory(datagram.payload.len()),
                _ => 0,
            });
            vec![SocketView { receive_queue: waiting.sum(), ..plain }]
        }
        (Kind::Tcp, Role::Listens(listener)) => {
            let asked = listener.requests.iter().map(|request| SocketView {
                state: State::SynReceived,
                local: request.ends.local.into(),
                peer: request.ends.peer.into(),
                timer: Some(SocketTimer {
                    kind: SocketTimerKind::Retransmit,
                    left: request.again_at.since(now),
                    count: request.timeouts,
                }),
                ..plain.clone()
            });
            let own = SocketView {
                state: State::Listen,
                receive_queue: listener.accepted.len() as u32,
                send_queue: listener.backlog,
                ..plain.clone()
            };
            std::iter::once(own).chain(asked).collect()
        }
        (Kind::Tcp, Role::Connection(connection)) if connection.control.state != State::Close => {
            let control = &connection.control;
            let (receive_queue, send_queue) = control.queues();
            let timer = control.timer(now);
            vec![SocketView { state: control.state, receive_queue, send_queue, timer, ..plain }]
        }
        _ => Vec::new(),
    }
}
