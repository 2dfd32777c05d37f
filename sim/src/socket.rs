//! Sockets: raw ICMP (`net/ipv4/raw.c`), UDP for asking for a route, packet sockets (`net/packet`).

use crate::device::LinkId;
use crate::ipv4::{IPV4_HEADER, Outgoing, PROTOCOL_ICMP, route::OutputQuery};
use crate::netns::NamespaceId;
use crate::receive::Incoming;
use crate::world::World;
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::EventKind;
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{
    CapturedFrame, Datagram, Direction, ErrorOrigin, QueuedError, Received, SocketId, SocketKind,
    SocketOption,
};
use vethlab_shared::time::Instant;
use vethlab_shared::view::RouteKind;

/// How many bytes may wait to be read (`net.core.rmem_default`); a tap takes as much as there is.
const RECEIVE_BUFFER: usize = 212_992;

/// The longest IPv4 packet, in bytes (`IP_MAX_MTU`).
const LONGEST_PACKET: usize = 0xffff;

/// The time to live of what goes to a group, unless `IP_MULTICAST_TTL` is set (RFC 1112 section 6.1).
const MULTICAST_TTL: u8 = 1;

/// Types of ICMP message that a raw ICMP socket takes (the filter that `ping` sets, `ICMP_FILTER`): echo
/// reply, destination unreachable, source quench, redirect, time exceeded, parameter problem.
const ICMP_FILTER: u32 = 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 11 | 1 << 12;

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
    /// Whether anybody wants to see frames.
    pub(crate) fn has_taps(&self) -> bool {
        self.taps > 0
    }

    /// Shows a frame to the packet sockets of its link.
    pub(crate) fn capture(&mut self, time: Instant, at: LinkId, direction: Direction, frame: &[u8]) {
        for socket in self.open.values_mut() {
            if socket.kind == SocketKind::Packet(at.index) && socket.namespace == at.namespace {
                let bytes = frame.to_vec();
                let frame = CapturedFrame { time, link: at.index, direction, bytes };
                socket.push(Received::Frame(frame), 0);
            }
        }
    }

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

    /// Sends an ICMP message (`raw_sendmsg`).
    pub(crate) fn socket_send(
        &mut self,
        id: SocketId,
        to: Ipv4Addr,
        payload: &[u8],
    ) -> Result<(), StackError> {
        let socket = self.sockets.get(id)?.clone();
        if socket.kind != SocketKind::Icmp {
            return Err(StackError::NotModelled("sending by a UDP or packet socket".to_owned()));
        }
        if payload.len() > LONGEST_PACKET {
            return Err(Errno::EMSGSIZE.into());
        }
        let namespace = socket.namespace;
        let query = OutputQuery { destination: to, source: socket.source, output: socket.device, tos: 0 };
        let route = self.route_output_told(namespace, &query, None)?;
        if route.kind == RouteKind::Broadcast && !socket.broadcast {
            return Err(Errno::EACCES.into());
        }
        let destination = route.destination;
        let longest = if socket.dont_fragment == Some(true) { route.mtu as usize } else { LONGEST_PACKET };
        if payload.len() + IPV4_HEADER > longest {
            self.local_error(id, Errno::EMSGSIZE, route.mtu, destination, payload)?;
            return Err(Errno::EMSGSIZE.into());
        }
        let out = Outgoing {
            source: route.source.unwrap_or(Ipv4Addr::UNSPECIFIED),
            destination,
            protocol: PROTOCOL_ICMP,
            tos: 0,
            ttl: match route.kind {
                RouteKind::Multicast => MULTICAST_TTL,
                _ => socket.ttl.unwrap_or_else(|| self.default_ttl(namespace)),
            },
            dont_fragment: socket.dont_fragment != Some(false),
            payload,
            by_socket: true,
            parent: None,
        };
        match self.ip_send(namespace, &route, &out) {
            // Only who asked for errors hears of this one (`raw_sendmsg`).
            Err(Errno::ENOBUFS) if !socket.receive_errors => Ok(()),
            result => Ok(result?),
        }
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

    /// Gives a packet to the raw sockets that want it (`raw_local_deliver`).
    pub(crate) fn sockets_deliver(&mut self, incoming: &Incoming) {
        let packet = incoming.packet.network();
        if packet[9] != PROTOCOL_ICMP {
            return;
        }
        let header = usize::from(packet[0] & 0xf) * 4;
        let wanted = packet.get(header).is_some_and(|&kind| kind < 32 && ICMP_FILTER >> kind & 1 != 0);
        let destination = crate::ipv4::destination_of(packet);
        let (at, time) = (incoming.at, self.now);
        let mut takers = Vec::new();
        for (&id, socket) in self.sockets.open.iter_mut().filter(|_| wanted) {
            let mine = socket.kind == SocketKind::Icmp
                && socket.namespace == at.namespace
                && socket.bound.is_none_or(|own| own == destination)
                && socket.device.is_none_or(|device| device == incoming.counts_as);
            if mine {
                let payload = packet[header..].to_vec();
                let bytes = payload.len();
                let source = crate::ipv4::source_of(packet);
                let datagram = Datagram { time, source, destination, time_to_live: packet[8], payload };
                if socket.push(Received::Datagram(datagram), bytes) {
                    takers.push(id);
                }
            }
        }
        for socket in takers {
            self.tell(at.namespace, Some(incoming.packet.id), || EventKind::SockQueueRcvSkb { socket });
        }
    }

    /// Puts an ICMP error on the error queues of the sockets that sent such packets (`raw_icmp_error`).
    pub(crate) fn sockets_error(&mut self, namespace: NamespaceId, offender: Ipv4Addr, message: &[u8]) {
        let (kind, code) = (message[0], message[1]);
        let quoted = &message[8..];
        let header = usize::from(quoted[0] & 0xf) * 4;
        let (source, destination) = (crate::ipv4::source_of(quoted), crate::ipv4::destination_of(quoted));
        let Some(errno) = errno_of(kind, code).filter(|_| quoted[9] == PROTOCOL_ICMP) else { return };
        let info =
            if (kind, code) == (3, 4) { u32::from(u16::from_be_bytes([message[6], message[7]])) } else { 0 };
        let time = self.now;
        for socket in self.sockets.open.values_mut() {
            let mine = socket.kind == SocketKind::Icmp
                && socket.receive_errors
                && socket.namespace == namespace
                && socket.bound.is_none_or(|own| own == source);
            if mine {
                let origin = ErrorOrigin::Icmp { offender, kind, code };
                let payload = quoted[header..].to_vec();
                socket.errors.push_back(QueuedError { time, errno, origin, info, destination, payload });
            }
        }
    }
}

/// The error number that an ICMP error stands for (`icmp_err_convert`, `raw_err`); redirects are none.
fn errno_of(kind: u8, code: u8) -> Option<Errno> {
    const UNREACHABLE: [Errno; 16] = [
        Errno::ENETUNREACH,
        Errno::EHOSTUNREACH,
        Errno(92), // ENOPROTOOPT
        Errno::ECONNREFUSED,
        Errno::EMSGSIZE,
        Errno::EOPNOTSUPP,
        Errno::ENETUNREACH,
        Errno::EHOSTDOWN,
        Errno(64), // ENONET
        Errno::ENETUNREACH,
        Errno::EHOSTUNREACH,
        Errno::ENETUNREACH,
        Errno::EHOSTUNREACH,
        Errno::EHOSTUNREACH,
        Errno::EHOSTUNREACH,
        Errno::EHOSTUNREACH,
    ];
    match kind {
        3 => Some(UNREACHABLE.get(usize::from(code)).copied().unwrap_or(Errno::EHOSTUNREACH)),
        11 => Some(Errno::EHOSTUNREACH),
        12 => Some(Errno::EPROTO),
        _ => None,
    }
}
