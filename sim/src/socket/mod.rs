//! Sockets (`net/core/sock.c`, `net/ipv4/af_inet.c`): what all kinds have in common. Each kind has a file.

mod conntrack;
mod index;
mod inet;
mod packet;
mod raw;
mod tcp;
mod udp;

pub(crate) use index::SocketIndex;
pub(crate) use tcp::TcpTimer;
pub(crate) use udp::complete_checksum;

use crate::id::{LinkId, NamespaceId};
use crate::ipv4::Outgoing;
use crate::ipv4::route::{OutputQuery, Route};
use crate::packet::Buffer;
use crate::world::World;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::ipv4_only;
use vethlab_shared::name::IfIndex;
use vethlab_shared::netfilter::ConnectionGroups;
use vethlab_shared::socket::{ErrorOrigin, MtuDiscovery, QueuedError, Received, SocketId, SocketKind};
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::ipv4;

/// How many bytes may wait to be read (`net.core.rmem_default`); a tap takes as much as there is.
const RECEIVE_BUFFER: usize = 212_992;

/// Where the ports are from that the kernel chooses (`net.ipv4.ip_local_port_range`).
const LOCAL_PORTS: std::ops::RangeInclusive<u16> = 32_768..=60_999;

/// The longest IPv4 packet, in bytes (`IP_MAX_MTU`).
const LONGEST_PACKET: usize = 0xffff;

/// The time to live of what goes to a group, unless `IP_MULTICAST_TTL` is set (RFC 1112 section 6.1).
const MULTICAST_TTL: u8 = 1;

/// What of the type of service a routing lookup looks at (`INET_DSCP_MASK`).
const DSCP_MASK: u8 = 0xfc;

/// The address that a system call gives to a socket of IPv4.
///
/// # Errors
/// `EAFNOSUPPORT` where it is of another family (`inet_bind`, `__ip4_datagram_connect`, `udp_sendmsg`, `raw_sendmsg`).
fn inet_address(address: SocketAddr) -> Result<SocketAddrV4, Errno> {
    match address {
        SocketAddr::V4(address) => Ok(address),
        SocketAddr::V6(_) => Err(Errno::EAFNOSUPPORT),
    }
}

/// What kind of socket it is, and what was set of it (`struct inet_sock`).
#[derive(Clone, Copy, Debug)]
struct Options {
    namespace: NamespaceId,
    kind: Kind,
    device: Option<IfIndex>,
    ttl: Option<u8>,
    tos: u8,
    broadcast: bool,
    receive_errors: bool,
    reuse_address: bool,
    reuse_port: bool,
    keepalive: bool,
    mtu_discovery: MtuDiscovery,
    /// The source of what is sent (`inet_saddr`): the bound address, where that is an own one, or what connecting
    /// chose.
    source: Option<Ipv4Addr>,
    /// What must be for, to be received here (`inet_rcv_saddr`): the bound address, or what connecting chose.
    bound: Option<Ipv4Addr>,
    /// The own port (`inet_num`): 0 before there is one; for raw sockets the protocol.
    port: u16,
    /// Whom it hears alone, once connected (`inet_daddr`, `inet_dport`).
    peer: Option<SocketAddrV4>,
}

/// What a socket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// ICMP, whole messages (`SOCK_RAW`).
    Icmp,
    /// UDP (`SOCK_DGRAM`).
    Udp,
    /// TCP (`SOCK_STREAM`).
    Tcp,
    /// It sees the frames of this link, or of all (`AF_PACKET`).
    Packet(IfIndex),
    /// It hears what connections go through (`NETLINK_NETFILTER`).
    Conntrack(ConnectionGroups),
}

/// A socket, with what waits to be read.
#[derive(Clone, Debug)]
struct Socket {
    options: Options,
    /// What the next system call fails with (`sk_err`).
    pending: Option<Errno>,
    errors: VecDeque<QueuedError>,
    data: VecDeque<Received>,
    data_bytes: usize,
    /// What TCP keeps of it.
    tcp: tcp::Role,
}

impl Options {
    fn new(namespace: NamespaceId, kind: Kind) -> Options {
        Options {
            namespace,
            kind,
            device: None,
            ttl: None,
            tos: 0,
            broadcast: false,
            receive_errors: false,
            reuse_address: false,
            reuse_port: false,
            keepalive: false,
            mtu_discovery: MtuDiscovery::default(),
            source: None,
            bound: None,
            port: if kind == Kind::Icmp { u16::from(ipv4::protocol::ICMP) } else { 0 },
            peer: None,
        }
    }

    /// How a packet to this address asks for its way.
    fn query(&self, to: Ipv4Addr) -> OutputQuery {
        OutputQuery { destination: to, source: self.source, output: self.device, tos: self.tos & DSCP_MASK }
    }

    /// The time to live of what goes by a route (`ip_select_ttl`).
    fn ttl_for(&self, route: &Route, default: u8) -> u8 {
        match route.kind {
            RouteKind::Multicast => MULTICAST_TTL,
            _ => self.ttl.unwrap_or(default),
        }
    }

    /// Whether a packet that goes by the route may not be cut on its way (`ip_dont_fragment`).
    fn forbids_fragments(&self, route: &Route) -> bool {
        match self.mtu_discovery {
            MtuDiscovery::Do | MtuDiscovery::Probe => true,
            MtuDiscovery::Want => !route.mtu_locked,
            MtuDiscovery::Dont => false,
        }
    }

    /// How long a packet may be that is sent by the route, in bytes (`maxnonfragsize` in `__ip_append_data`).
    fn longest(&self, route: &Route) -> usize {
        match self.mtu_discovery {
            MtuDiscovery::Do | MtuDiscovery::Probe => route.mtu as usize,
            MtuDiscovery::Dont | MtuDiscovery::Want => LONGEST_PACKET,
        }
    }
}

impl Socket {
    fn new(options: Options) -> Socket {
        Socket {
            options,
            pending: None,
            errors: VecDeque::new(),
            data: VecDeque::new(),
            data_bytes: 0,
            tcp: tcp::Role::default(),
        }
    }

    /// Takes in an ICMP error: its errno waits for the next system call, and where they were asked for, its entry
    /// on the error queue (`raw_err`, `__udp4_lib_err`). `hard` tells whether it ends what it is
    /// about. Says whether the queue has it.
    fn fail(&mut self, error: QueuedError, hard: bool) -> bool {
        let wanted = self.options.receive_errors;
        if wanted || hard {
            self.pending = Some(error.errno);
        }
        if wanted {
            self.errors.push_back(error);
        }
        wanted
    }

    /// Takes the oldest entry of the error queue; the next one's errno takes the place of its own
    /// (`sock_dequeue_err_skb`).
    fn next_error(&mut self) -> Option<QueuedError> {
        let error = self.errors.pop_front()?;
        let from_icmp = |error: &QueuedError| error.origin != ErrorOrigin::Local;
        match self.errors.front().filter(|next| from_icmp(next)) {
            Some(next) => self.pending = Some(next.errno),
            None if from_icmp(&error) => self.pending = None,
            None => {}
        }
        Some(error)
    }

    fn push(&mut self, received: Received, bytes: usize) -> bool {
        let fits = matches!(self.options.kind, Kind::Packet(_)) || self.data_bytes + bytes <= RECEIVE_BUFFER;
        if fits {
            self.data_bytes += bytes;
            self.data.push_back(received);
        }
        fits
    }

    fn is_readable(&self) -> bool {
        !self.errors.is_empty() || !self.data.is_empty() || self.pending.is_some()
    }

    /// Whether it has what its program waits for.
    fn is_awaited(&self) -> bool {
        self.is_readable() || self.tcp.is_awaited()
    }
}

/// The open sockets of all namespaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sockets {
    /// The oldest first.
    open: Vec<(SocketId, Box<Socket>)>,
    last: u64,
    /// How many see frames.
    taps: usize,
    /// How many hear what connections go through.
    listeners: usize,
    /// The packet socket that is just sending a frame.
    sending: Option<SocketId>,
    /// Whether any of them may have changed since somebody asked which of them can be read.
    touched: bool,
}

impl Sockets {
    /// How many bytes they take, with what waits to be read.
    pub(crate) fn weight(&self) -> usize {
        let weight = |socket: &Socket| {
            size_of::<Socket>()
                + socket.errors.len() * size_of::<QueuedError>()
                + socket.data_bytes
                + socket.tcp.weight()
        };
        self.open.iter().map(|(_, socket)| weight(socket)).sum()
    }

    /// Whether any of these has what is waited for, as far as that may have changed since the last question.
    pub(crate) fn woke_any(&mut self, wake: &[SocketId]) -> bool {
        std::mem::take(&mut self.touched)
            && wake.iter().any(|&id| self.find(id).is_some_and(Socket::is_awaited))
    }

    /// The number of a new socket.
    fn next_id(&mut self) -> SocketId {
        self.last += 1;
        SocketId(self.last)
    }

    /// Whoever asks next looks at all that he asks for.
    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }

    /// The namespace that a socket was opened in.
    pub(crate) fn namespace_of(&self, id: SocketId) -> Option<NamespaceId> {
        self.find(id).map(|socket| socket.options.namespace)
    }

    /// The link that a socket is bound to.
    pub(crate) fn device_of(&self, id: SocketId) -> Option<IfIndex> {
        self.find(id).and_then(|socket| socket.options.device)
    }

    #[inline]
    fn options(&self, id: SocketId) -> Result<Options, Errno> {
        self.find(id).map(|socket| socket.options).ok_or(Errno::EBADF)
    }

    /// Where a socket is. Where none was closed since the oldest that is open, the numbers say it.
    #[inline]
    fn place(&self, id: SocketId) -> Option<usize> {
        let guess = id.0.checked_sub(self.open.first()?.0.0)? as usize;
        if self.open.get(guess).is_some_and(|(known, _)| *known == id) {
            return Some(guess);
        }
        self.open.binary_search_by_key(&id, |(known, _)| *known).ok()
    }

    #[inline]
    fn find(&self, id: SocketId) -> Option<&Socket> {
        self.place(id).map(|place| &*self.open[place].1)
    }

    fn get(&mut self, id: SocketId) -> Result<&mut Socket, Errno> {
        self.touched = true;
        let place = self.place(id).ok_or(Errno::EBADF)?;
        Ok(&mut self.open[place].1)
    }
}

impl World {
    pub(crate) fn socket_open(
        &mut self,
        namespace: NamespaceId,
        kind: &SocketKind,
    ) -> Result<SocketId, StackError> {
        let kind = match *kind {
            SocketKind::Icmp(family) => ipv4_only::family(family).map(|()| Kind::Icmp)?,
            SocketKind::Udp(family) => ipv4_only::family(family).map(|()| Kind::Udp)?,
            SocketKind::Tcp(family) => ipv4_only::family(family).map(|()| Kind::Tcp)?,
            SocketKind::Packet(link) => {
                if link != packet::ANY && !self.net(namespace).links.contains_key(&link) {
                    return Err(Errno::ENODEV.into());
                }
                self.sockets.taps += 1;
                Kind::Packet(link)
            }
            SocketKind::Conntrack(groups) => {
                self.sockets.listeners += 1;
                Kind::Conntrack(groups)
            }
        };
        let id = self.sockets.next_id();
        let options = Options::new(namespace, kind);
        self.runtime_mut(namespace).sockets.insert(id, &options);
        self.sockets.open.push((id, Box::new(Socket::new(options))));
        self.plan_collection(namespace);
        Ok(id)
    }

    pub(crate) fn socket_close(&mut self, id: SocketId) {
        if let Some(place) = self.sockets.place(id) {
            if self.sockets.open[place].1.options.kind == Kind::Tcp {
                return self.tcp_close(id);
            }
            let Socket { options, data_bytes, .. } = *self.sockets.open.remove(place).1;
            self.runtime_mut(options.namespace).sockets.remove(id, &options);
            if matches!(options.kind, Kind::Packet(_)) {
                self.sockets.taps -= 1;
                self.allowance.fetch(data_bytes as u64);
            }
            self.sockets.listeners -= usize::from(matches!(options.kind, Kind::Conntrack(_)));
            self.end_nameless();
        }
    }

    /// Sends by a socket of either kind that sends.
    pub(crate) fn socket_send(
        &mut self,
        id: SocketId,
        to: SocketAddr,
        payload: &[u8],
    ) -> Result<(), StackError> {
        let socket = self.sockets.options(id)?;
        match socket.kind {
            Kind::Icmp => self.raw_send(id, &socket, to, payload),
            Kind::Udp => self.udp_send(id, to, payload),
            Kind::Packet(link) => self.packet_send(id, &socket, link, payload),
            Kind::Tcp | Kind::Conntrack(_) => Err(Errno::EOPNOTSUPP.into()),
        }
    }

    /// Finds the way of what a socket sends, with the MTU that counts for it (`ip_sk_use_pmtu`): with
    /// `IP_PMTUDISC_PROBE` the link's.
    fn socket_route(&mut self, socket: &Options, to: Ipv4Addr) -> Result<Route, Errno> {
        let mut route = self.route_output_told(socket.namespace, &socket.query(to), None)?;
        if route.kind == RouteKind::Broadcast && !socket.broadcast {
            return Err(Errno::EACCES);
        }
        if socket.mtu_discovery == MtuDiscovery::Probe {
            let output = LinkId { namespace: socket.namespace, index: route.output };
            let link = self.link(output).map_or(route.mtu, |link| link.mtu);
            route.mtu = link.min(LONGEST_PACKET as u32);
        }
        Ok(route)
    }

    /// Makes the packet that a socket sends, and sends it (`ip_append_data`, `ip_push_pending_frames`).
    ///
    /// # Errors
    /// `ENETUNREACH` where the way is too narrow for IPv4 (`ip_setup_cork`); `EMSGSIZE` where the packet is too long; the
    /// error that waited on a UDP socket (`sock_alloc_send_skb`).
    fn socket_output(
        &mut self,
        id: SocketId,
        socket: &Options,
        route: &Route,
        protocol: u8,
        payload: Buffer,
    ) -> Result<(), StackError> {
        if !route.has_valid_mtu() {
            return Err(Errno::ENETUNREACH.into());
        }
        let longest = socket.longest(route);
        if payload.transport().len() + ipv4::HEADER_LENGTH > longest {
            let mtu = route.mtu;
            self.local_error(id, Errno::EMSGSIZE, mtu, route.destination)?;
            return Err(Errno::EMSGSIZE.into());
        }
        // Raw sockets take their memory another way, where no error is looked for.
        if socket.kind == Kind::Udp
            && let Some(errno) = self.sockets.get(id)?.pending.take()
        {
            return Err(errno.into());
        }
        let out = Outgoing {
            connection: None,
            source: route.source.unwrap_or(Ipv4Addr::UNSPECIFIED),
            destination: route.destination,
            protocol,
            tos: socket.tos,
            ttl: socket.ttl_for(route, self.default_ttl(socket.namespace)),
            dont_fragment: socket.forbids_fragments(route),
            sender: Some(id),
            parent: None,
        };
        let result = self.ip_send(socket.namespace, *route, &out, payload);
        self.run_deliveries();
        match result {
            // Only who asked for errors hears of this one (`raw_sendmsg`, `udp_send_skb`).
            Err(Errno::ENOBUFS) if !socket.receive_errors => Ok(()),
            result => Ok(result?),
        }
    }

    /// Queues an error of this machine's own (`ip_local_error`): of the packet it tells only whom it was for.
    fn local_error(
        &mut self,
        id: SocketId,
        errno: Errno,
        info: u32,
        destination: Ipv4Addr,
    ) -> Result<(), StackError> {
        let time = self.now;
        let socket = self.sockets.get(id)?;
        if socket.options.receive_errors {
            let port = socket.options.peer.map_or(0, |peer| peer.port());
            let (origin, payload) = (ErrorOrigin::Local, Vec::new());
            let error = QueuedError {
                time,
                errno,
                origin,
                info,
                destination: SocketAddr::new(destination.into(), port),
                time_to_live: 0,
                payload,
            };
            socket.errors.push_back(error);
        }
        Ok(())
    }

    pub(crate) fn socket_receive(&mut self, id: SocketId) -> Result<Option<Received>, StackError> {
        let socket = self.sockets.get(id)?;
        if let Some(error) = socket.next_error() {
            return Ok(Some(Received::Error(error)));
        }
        if let Some(errno) = socket.pending.take() {
            return Err(errno.into());
        }
        let received = socket.data.pop_front();
        let (bytes, is_frame) = match &received {
            Some(Received::Datagram(datagram)) => (datagram.payload.len(), false),
            Some(Received::Frame(frame)) => (packet::weight(frame), true),
            Some(Received::Connection(_)) => (conntrack::WEIGHT, false),
            _ => (0, false),
        };
        socket.data_bytes = socket.data_bytes.saturating_sub(bytes);
        if is_frame {
            self.allowance.fetch(bytes as u64);
        }
        Ok(received)
    }
}
