//! Sockets (`net/core/sock.c`, `net/ipv4/af_inet.c`): what all kinds have in common. Each kind has a file.

mod packet;
mod raw;

use crate::ipv4::route::OutputQuery;
use crate::netns::NamespaceId;
use crate::world::World;
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{ErrorOrigin, QueuedError, Received, SocketId, SocketKind, SocketOption};
use vethlab_shared::view::RouteKind;

/// How many bytes may wait to be read (`net.core.rmem_default`); a tap takes as much as there is.
const RECEIVE_BUFFER: usize = 212_992;

#[derive(Clone, Debug)]
struct Socket {
    namespace: NamespaceId,
    kind: SocketKind,
    device: Option<IfIndex>,
    ttl: Option<u8>,
    broadcast: bool,
    receive_errors: bool,
    /// `None` is `IP_PMTUDISC_WANT`.
    dont_fragment: Option<bool>,
    /// The source of what is sent (`inet_saddr`): a bound address, where that is an own one.
    source: Option<Ipv4Addr>,
    /// What must be for, to be received here (`inet_rcv_saddr`): the bound address.
    bound: Option<Ipv4Addr>,
    local: Ipv4Addr,
    errors: VecDeque<QueuedError>,
    data: VecDeque<Received>,
    data_bytes: usize,
}

impl Socket {
    fn push(&mut self, received: Received, bytes: usize) -> bool {
        let fits = matches!(self.kind, SocketKind::Packet(_)) || self.data_bytes + bytes <= RECEIVE_BUFFER;
        if fits {
            self.data_bytes += bytes;
            self.data.push_back(received);
        }
        fits
    }

    fn is_readable(&self) -> bool {
        !self.errors.is_empty() || !self.data.is_empty()
    }
}

/// The open sockets of all namespaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sockets {
    open: BTreeMap<SocketId, Socket>,
    last: u64,
    taps: usize,
}

impl Sockets {
    /// Whether any of these has something to read.
    pub(crate) fn any_readable(&self, wake: &[SocketId]) -> bool {
        wake.iter().any(|id| self.open.get(id).is_some_and(Socket::is_readable))
    }

    /// Whether a socket keeps the namespace alive.
    pub(crate) fn any_in(&self, namespace: NamespaceId) -> bool {
        self.open.values().any(|socket| socket.namespace == namespace)
    }

    /// The namespace that a socket was opened in.
    pub(crate) fn namespace_of(&self, id: SocketId) -> Option<NamespaceId> {
        self.open.get(&id).map(|socket| socket.namespace)
    }

    fn get(&mut self, id: SocketId) -> Result<&mut Socket, Errno> {
        self.open.get_mut(&id).ok_or(Errno::EBADF)
    }
}

impl World {
    pub(crate) fn socket_open(
        &mut self,
        namespace: NamespaceId,
        kind: &SocketKind,
    ) -> Result<SocketId, StackError> {
        if let SocketKind::Packet(link) = kind {
            if !self.net(namespace).links.contains_key(link) {
                return Err(Errno::ENODEV.into());
            }
            self.sockets.taps += 1;
        }
        self.sockets.last += 1;
        let id = SocketId(self.sockets.last);
        let socket = Socket {
            namespace,
            kind: kind.clone(),
            device: None,
            ttl: None,
            broadcast: false,
            receive_errors: false,
            dont_fragment: None,
            source: None,
            bound: None,
            local: Ipv4Addr::UNSPECIFIED,
            errors: VecDeque::new(),
            data: VecDeque::new(),
            data_bytes: 0,
        };
        self.sockets.open.insert(id, socket);
        Ok(id)
    }

    pub(crate) fn socket_close(&mut self, id: SocketId) {
        if let Some(socket) = self.sockets.open.remove(&id) {
            if matches!(socket.kind, SocketKind::Packet(_)) {
                self.sockets.taps -= 1;
            }
            self.end_nameless();
        }
    }

    pub(crate) fn socket_option(&mut self, id: SocketId, option: &SocketOption) -> Result<(), StackError> {
        let namespace = self.sockets.get(id)?.namespace;
        let device = match option {
            SocketOption::Device(name) => {
                let links = self.net(namespace).links.values();
                Some(links.into_iter().find(|link| link.name == *name).ok_or(Errno::ENODEV)?.index)
            }
            _ => None,
        };
        let socket = self.sockets.get(id)?;
        match *option {
            SocketOption::Device(_) => socket.device = device,
            SocketOption::TimeToLive(0) => return Err(Errno::EINVAL.into()),
            SocketOption::TimeToLive(ttl) => socket.ttl = Some(ttl),
            SocketOption::Broadcast(on) => socket.broadcast = on,
            SocketOption::ReceiveErrors(on) => socket.receive_errors = on,
            SocketOption::DontFragment(on) => socket.dont_fragment = Some(on),
        }
        Ok(())
    }

    /// `inet_bind`, `raw_bind`: own, broadcast and multicast addresses can be bound.
    pub(crate) fn socket_bind(&mut self, id: SocketId, address: Ipv4Addr) -> Result<(), StackError> {
        let namespace = self.sockets.get(id)?.namespace;
        let kind = self.net(namespace).address_type(address);
        if !address.is_unspecified()
            && !matches!(kind, RouteKind::Local | RouteKind::Broadcast | RouteKind::Multicast)
        {
            return Err(Errno::EADDRNOTAVAIL.into());
        }
        let own = (kind == RouteKind::Local).then_some(address);
        let socket = self.sockets.get(id)?;
        socket.source = own;
        socket.bound = (!address.is_unspecified()).then_some(address);
        socket.local = address;
        Ok(())
    }

    /// `__ip4_datagram_connect`.
    pub(crate) fn socket_connect(&mut self, id: SocketId, to: Ipv4Addr) -> Result<(), StackError> {
        let socket = self.sockets.get(id)?;
        let (namespace, broadcast) = (socket.namespace, socket.broadcast);
        let query = OutputQuery { destination: to, source: socket.source, output: socket.device, tos: 0 };
        let mut route = self.route_output_told(namespace, &query, None)?;
        if query.source.is_none() || to.is_unspecified() {
            // With both addresses known now, the kernel asks again (`ip_route_connect`).
            let query = OutputQuery { destination: route.destination, source: route.source, ..query };
            route = self.route_output_told(namespace, &query, None)?;
        }
        if route.kind == RouteKind::Broadcast && !broadcast {
            return Err(Errno::EACCES.into());
        }
        let socket = self.sockets.get(id)?;
        socket.local = socket.bound.or(route.source).unwrap_or(Ipv4Addr::UNSPECIFIED);
        Ok(())
    }

    pub(crate) fn socket_local_address(&mut self, id: SocketId) -> Result<Ipv4Addr, StackError> {
        Ok(self.sockets.get(id)?.local)
    }

    /// Queues an error of this machine's own (`ip_local_error`).
    fn local_error(
        &mut self,
        id: SocketId,
        errno: Errno,
        info: u32,
        destination: Ipv4Addr,
        payload: &[u8],
    ) -> Result<(), StackError> {
        let time = self.now;
        let socket = self.sockets.get(id)?;
        if socket.receive_errors {
            let payload = payload.to_vec();
            let origin = ErrorOrigin::Local;
            socket.errors.push_back(QueuedError { time, errno, origin, info, destination, payload });
        }
        Ok(())
    }

    pub(crate) fn socket_receive(&mut self, id: SocketId) -> Result<Option<Received>, StackError> {
        let socket = self.sockets.get(id)?;
        if let Some(error) = socket.errors.pop_front() {
            return Ok(Some(Received::Error(error)));
        }
        let received = socket.data.pop_front();
        if let Some(Received::Datagram(datagram)) = &received {
            socket.data_bytes = socket.data_bytes.saturating_sub(datagram.payload.len());
        }
        Ok(received)
    }
}
