//! TCP sockets (`net/ipv4/tcp_ipv4.c`, `inet_connection_sock.c`): what stands between programs, connections and the world.
//! What a connection does by itself is in [`tcp`](crate::tcp).
//!
//! * here: the system calls.
//! * `port`: which port a socket may have.
//! * `receive`: whom a segment is for.
//! * `send`: segments on their way, and the timers of connections.
//! * `error`: ICMP errors about segments.
//! * `view`: the sockets as they are shown.

mod error;
mod port;
mod receive;
mod send;
mod view;

use super::{Kind, Options, Socket, inet_address};
use crate::ipv4::route::OutputQuery;
use crate::tcp::{Control, Ends, Request, Settings};
use crate::world::World;
pub(crate) use send::TcpTimer;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::socket::{Accepted, Readiness, Shutdown, SocketId};
use vethlab_shared::time::Instant;
use vethlab_shared::view::{RouteKind, SocketState as State};

/// The most connections that may wait to be accepted (`net.core.somaxconn`).
const MOST_WAITING: u32 = 4096;

/// What a TCP socket is just now.
#[derive(Clone, Debug, Default)]
pub(super) enum Role {
    /// Nothing yet, or nothing any more.
    #[default]
    Closed,
    /// It takes in connections.
    Listens(Listener),
    /// It is one end of a connection.
    Connection(Box<Connection>),
}

/// A socket that takes in connections (`struct request_sock_queue`).
#[derive(Clone, Debug, Default)]
pub(super) struct Listener {
    backlog: u32,
    /// Connections that were asked for, the oldest first.
    requests: Vec<Request>,
    /// Connections that wait to be accepted.
    accepted: VecDeque<SocketId>,
}

/// A connection, and for when a timer is set.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    control: Control,
    armed: Option<Instant>,
    /// Its program has not been told yet that it is connected (`SS_CONNECTING`).
    connecting: bool,
    /// The state that was told last.
    told: State,
}

impl Role {
    fn control(&self) -> Option<&Control> {
        match self {
            Role::Connection(connection) => Some(&connection.control),
            Role::Closed | Role::Listens(_) => None,
        }
    }

    fn control_mut(&mut self) -> Option<&mut Control> {
        match self {
            Role::Connection(connection) => Some(&mut connection.control),
            Role::Closed | Role::Listens(_) => None,
        }
    }

    /// How many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Role::Closed => 0,
            Role::Listens(listener) => listener.requests.len() * size_of::<Request>(),
            Role::Connection(connection) => connection.control.weight(),
        }
    }

    /// `tcp_poll`. A socket that was never connected is hung up, and there is nothing to read.
    fn readiness(&self) -> Readiness {
        match self {
            Role::Closed => Readiness { readable: false, writable: true, hung_up: true },
            Role::Listens(listener) => {
                Readiness { readable: !listener.accepted.is_empty(), ..Readiness::default() }
            }
            Role::Connection(connection) => connection.control.readiness(),
        }
    }

    /// Whether it has what its program waits for.
    pub(super) fn is_awaited(&self) -> bool {
        let Readiness { readable, writable, .. } = self.readiness();
        let wants_room = self.control().is_some_and(|control| control.wants_room);
        !matches!(self, Role::Closed) && (readable || (wants_room && writable))
    }
}

/// The TCP part of a socket.
///
/// # Errors
/// `EOPNOTSUPP` where the socket is of another kind.
fn role(socket: &mut Socket) -> Result<&mut Role, Errno> {
    if socket.options.kind == Kind::Tcp { Ok(&mut socket.tcp) } else { Err(Errno::EOPNOTSUPP) }
}

impl World {
    /// `inet_listen`, `inet_csk_listen_start`.
    pub(crate) fn tcp_listen(&mut self, id: SocketId, backlog: u32) -> Result<(), StackError> {
        let backlog = backlog.min(MOST_WAITING);
        match role(self.sockets.get(id)?)? {
            Role::Connection(connection) if connection.control.state != State::Close => {
                return Err(Errno::EINVAL.into());
            }
            Role::Listens(listener) => {
                listener.backlog = backlog;
                return Ok(());
            }
            _ => {}
        }
        let Options { port, .. } = self.sockets.options(id)?;
        if port == 0 {
            self.tcp_get_port(id, 0)?;
        } else if self.tcp_port_taken(id, port)? {
            return Err(Errno::EADDRINUSE.into());
        }
        *role(self.sockets.get(id)?)? = Role::Listens(Listener { backlog, ..Listener::default() });
        self.tcp_tell_state(id, None, (State::Close, State::Listen));
        Ok(())
    }

    /// `inet_csk_accept`.
    pub(crate) fn tcp_accept(&mut self, id: SocketId) -> Result<Option<Accepted>, StackError> {
        let Role::Listens(listener) = role(self.sockets.get(id)?)? else { return Err(Errno::EINVAL.into()) };
        let Some(socket) = listener.accepted.pop_front() else { return Ok(None) };
        let Role::Connection(connection) = role(self.sockets.get(socket)?)? else {
            return Err(Errno::EINVAL.into());
        };
        Ok(Some(Accepted { socket, peer: connection.control.ends.peer.into() }))
    }

    /// `tcp_v4_connect`.
    pub(super) fn tcp_connect(&mut self, id: SocketId, peer: SocketAddr) -> Result<(), StackError> {
        let peer = inet_address(peer)?;
        let options = self.sockets.options(id)?;
        match role(self.sockets.get(id)?)? {
            Role::Closed => {}
            Role::Listens(_) => return Err(Errno::EISCONN.into()),
            Role::Connection(connection) => {
                let state = connection.control.state;
                let connecting = std::mem::take(&mut connection.connecting);
                return match state {
                    State::SynSent | State::SynReceived => {
                        connection.connecting = true;
                        Err(Errno::EALREADY.into())
                    }
                    State::Close if connecting => {
                        let errno = connection.control.error.take().unwrap_or(Errno::ECONNABORTED);
                        self.sockets.get(id)?.tcp = Role::Closed;
                        Err(errno.into())
                    }
                    _ if connecting => Ok(()),
                    _ => Err(Errno::EISCONN.into()),
                };
            }
        }
        let at = options.namespace;
        let query = options.query(*peer.ip());
        let mut route = self.route_output_told(at, &query, None)?;
        if matches!(route.kind, RouteKind::Broadcast | RouteKind::Multicast) {
            return Err(Errno::ENETUNREACH.into());
        }
        if query.source.is_none() || query.destination.is_unspecified() {
            let query = OutputQuery { destination: route.destination, source: route.source, ..query };
            route = self.route_output_told(at, &query, None)?;
        }
        let source = options.source.or(route.source).unwrap_or(Ipv4Addr::UNSPECIFIED);
        let peer = SocketAddrV4::new(route.destination, peer.port());
        let port = self.tcp_port_to(id, source, peer)?;
        let settings = self.tcp_settings(route.mtu);
        let ends = Ends { local: SocketAddrV4::new(source, port), peer };
        let now = self.now;
        let mut control = Control::connect(ends, &settings, now);
        control.set_keepalive(options.keepalive, now);
        control.wants_room = true;
        control.owned = true;
        let known = Options {
            source: Some(source),
            bound: options.bound.or(Some(source)),
            port,
            peer: Some(peer),
            ..options
        };
        let socket = self.sockets.get(id)?;
        socket.options = known;
        socket.tcp = Role::Connection(Box::new(Connection {
            control,
            armed: None,
            connecting: true,
            told: State::Close,
        }));
        let index = &mut self.runtime_mut(at).sockets;
        index.remove(id, &options);
        index.insert(id, &known);
        index.connect(id, ends);
        self.tcp_settle(id, None);
        self.run_deliveries();
        self.tcp_release(id);
        Err(Errno::EINPROGRESS.into())
    }

    /// What is drawn at random for a connection by a way of this MTU.
    fn tcp_settings(&mut self, mtu: u32) -> Settings {
        let numbers = self.random_numbers();
        Settings {
            first_sequence: numbers as u32,
            timestamp_offset: (numbers >> 32) as u32,
            identification: self.random_numbers() as u16,
            mtu,
        }
    }

    /// Lets a program act on its connection, and does what follows.
    fn tcp_act<T>(
        &mut self,
        id: SocketId,
        act: impl FnOnce(&mut Control, Instant) -> Result<T, Errno>,
    ) -> Result<T, StackError> {
        let now = self.now;
        let control = role(self.sockets.get(id)?)?.control_mut().ok_or(Errno::ENOTCONN)?;
        control.owned = true;
        let result = act(control, now);
        self.tcp_settle(id, None);
        self.run_deliveries();
        self.tcp_release(id);
        Ok(result?)
    }

    /// The program's call is over (`release_sock`).
    fn tcp_release(&mut self, id: SocketId) {
        if let Ok(socket) = self.sockets.get(id)
            && let Some(control) = socket.tcp.control_mut()
        {
            control.owned = false;
        }
    }

    pub(crate) fn tcp_read(&mut self, id: SocketId, most: usize) -> Result<Option<Vec<u8>>, StackError> {
        self.tcp_act(id, |control, now| control.read(most, now))
    }

    pub(crate) fn tcp_write(&mut self, id: SocketId, bytes: &[u8]) -> Result<usize, StackError> {
        if let Role::Closed | Role::Listens(_) = role(self.sockets.get(id)?)? {
            return Err(Errno::EPIPE.into());
        }
        self.tcp_follow_mtu(id);
        self.tcp_act(id, |control, now| control.write(bytes, now))
    }

    pub(crate) fn tcp_shutdown(&mut self, id: SocketId, how: Shutdown) -> Result<(), StackError> {
        self.tcp_act(id, |control, now| control.shutdown(how, now))
    }

    /// `SO_ERROR`, of any socket.
    pub(crate) fn socket_take_error(&mut self, id: SocketId) -> Result<Option<Errno>, StackError> {
        let socket = self.sockets.get(id)?;
        if let Some(control) = socket.tcp.control_mut() {
            if control.readiness().writable {
                control.wants_room = false;
            }
            return Ok(control.take_error());
        }
        Ok(socket.pending.take())
    }

    /// `poll(2)`, of any socket.
    pub(crate) fn socket_readiness(&mut self, id: SocketId) -> Result<Readiness, StackError> {
        let socket = self.sockets.get(id)?;
        Ok(match socket.options.kind {
            Kind::Tcp => socket.tcp.readiness(),
            _ => Readiness { readable: socket.is_readable(), writable: true, hung_up: false },
        })
    }

    /// A program closes its socket (`tcp_close`). What is left to do for the connection goes on without one.
    pub(super) fn tcp_close(&mut self, id: SocketId) {
        let now = self.now;
        let Ok(socket) = self.sockets.get(id) else { return };
        match std::mem::take(&mut socket.tcp) {
            Role::Closed => self.tcp_forget(id),
            Role::Listens(listener) => {
                self.tcp_tell_state(id, None, (State::Listen, State::Close));
                self.tcp_forget(id);
                for child in listener.accepted {
                    if let Ok(socket) = self.sockets.get(child)
                        && let Some(control) = socket.tcp.control_mut()
                    {
                        control.abort(now);
                        self.tcp_settle(child, None);
                    }
                }
            }
            Role::Connection(mut connection) => {
                connection.control.close(now);
                socket.tcp = Role::Connection(connection);
                self.tcp_settle(id, None);
            }
        }
        self.run_deliveries();
    }

    /// `SO_KEEPALIVE`.
    pub(super) fn tcp_keepalive(&mut self, id: SocketId, on: bool) -> Result<(), StackError> {
        let now = self.now;
        if let Some(control) = self.sockets.get(id)?.tcp.control_mut() {
            control.set_keepalive(on, now);
            self.tcp_settle(id, None);
        }
        Ok(())
    }
}
