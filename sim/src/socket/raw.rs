//! Raw ICMP sockets (`net/ipv4/raw.c`).

use super::{LONGEST_PACKET, Options, inet_address};
use crate::ipv4::{destination_of, header_length, protocol_of, source_of, ttl_of};
use crate::packet::Buffer;
use crate::receive::Incoming;
use crate::world::World;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::EventKind;
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{Datagram, ErrorOrigin, MtuDiscovery, QueuedError, Received, SocketId};
use vethlab_shared::time::Instant;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::{Icmp, icmp};

/// Types of ICMP message that a raw ICMP socket takes (the filter that `ping` sets, `ICMP_FILTER`): echo
/// reply, destination unreachable, source quench, redirect, time exceeded, parameter problem.
const ICMP_FILTER: u32 = 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 11 | 1 << 12;

/// The address that a raw socket is bound to. The kernel looks for it where an IPv4 address has it, whatever the family:
/// there, an IPv6 address has its flow information (`raw_bind`).
pub(super) fn bound_address(address: SocketAddr) -> SocketAddrV4 {
    match address {
        SocketAddr::V4(address) => address,
        SocketAddr::V6(address) => {
            SocketAddrV4::new(Ipv4Addr::from(address.flowinfo().to_ne_bytes()), address.port())
        }
    }
}

impl World {
    /// Sends an ICMP message (`raw_sendmsg`).
    pub(super) fn raw_send(
        &mut self,
        id: SocketId,
        socket: &Options,
        to: SocketAddr,
        payload: &[u8],
    ) -> Result<(), StackError> {
        if payload.len() > LONGEST_PACKET {
            return Err(Errno::EMSGSIZE.into());
        }
        let route = self.socket_route(socket, *inet_address(to)?.ip())?;
        self.socket_output(id, socket, &route, protocol::ICMP, Buffer::of(&[payload]))
    }

    /// Gives a packet to the raw sockets that want it (`raw_local_deliver`).
    pub(crate) fn sockets_deliver(&mut self, incoming: &Incoming) {
        let packet = incoming.packet.network();
        if protocol_of(packet) != protocol::ICMP {
            return;
        }
        let header = header_length(packet);
        let wanted = packet.get(header).is_some_and(|&kind| kind < 32 && ICMP_FILTER >> kind & 1 != 0);
        let (source, destination) = (source_of(packet), destination_of(packet));
        let (at, time) = (incoming.at, self.now);
        if !wanted {
            return;
        }
        let mut takers = Vec::new();
        for &id in self.namespaces.runtime(at.namespace).expect("it takes the packet in").sockets.icmp() {
            let Ok(socket) = self.sockets.get(id) else { continue };
            if socket.options.matches(source, destination, incoming.packet.input) {
                let payload = packet[header..].to_vec();
                let bytes = payload.len();
                let datagram = Datagram {
                    time,
                    source: SocketAddr::new(source.into(), 0),
                    destination: destination.into(),
                    time_to_live: ttl_of(packet),
                    payload,
                };
                if socket.push(Received::Datagram(datagram), bytes) && self.trace.on {
                    takers.push(id);
                }
            }
        }
        for socket in takers {
            self.tell(at.namespace, Some(incoming.packet.id), || EventKind::SockQueueRcvSkb { socket });
        }
    }

    /// Tells the raw sockets that sent such packets of an ICMP error (`raw_icmp_error`, `raw_err`): whether there is one.
    ///
    /// A bound socket hears only errors that come in by its link. An error that this machine itself sends comes in by
    /// `lo`: `raw_icmp_error` asks for `skb->dev`, where `raw_v4_input` asks for the link of the route (`inet_iif`).
    pub(crate) fn raw_error(&mut self, incoming: &Incoming) -> bool {
        let (namespace, quoted) = (incoming.at.namespace, Quoted::of(incoming.packet.network()));
        let error = errno_of(quoted.kind, quoted.code);
        let time = self.now;
        let (mut is_known, mut told) = (false, Vec::new());
        for &id in self.namespaces.runtime(namespace).expect("it takes the packet in").sockets.icmp() {
            let Ok(socket) = self.sockets.get(id) else { continue };
            let options = socket.options;
            if options.matches(quoted.destination, quoted.source, Some(incoming.at.index)) {
                is_known = true;
                let Some((errno, hard)) = error else { continue };
                let hard = match errno {
                    Errno::EMSGSIZE => options.mtu_discovery != MtuDiscovery::Dont,
                    _ => hard,
                };
                let connected = options.peer.is_some();
                let payload = quoted.payload.to_vec();
                if socket.fail(quoted.error(time, errno, 0, payload), hard && connected) {
                    told.push((id, errno));
                }
            }
        }
        for (socket, errno) in told {
            self.tell(namespace, Some(incoming.packet.id), || EventKind::SockQueueErrSkb { socket, errno });
        }
        is_known
    }
}

impl Options {
    /// Whether it exchanges packets with this peer by this own address and by the link that one came in by
    /// (`raw_v4_match`).
    fn matches(&self, peer: Ipv4Addr, own: Ipv4Addr, input: Option<IfIndex>) -> bool {
        self.peer.is_none_or(|known| *known.ip() == peer)
            && self.bound.is_none_or(|bound| bound == own)
            && self.device.is_none_or(|device| Some(device) == input)
    }
}

/// What an ICMP error tells of: the packet that it quotes.
pub(super) struct Quoted<'a> {
    pub(super) kind: u8,
    pub(super) code: u8,
    /// Who tells of it, and the time to live that the message arrived with.
    offender: Ipv4Addr,
    time_to_live: u8,
    /// For "fragmentation needed" the next hop's MTU in bytes.
    info: u32,
    pub(super) source: Ipv4Addr,
    pub(super) destination: Ipv4Addr,
    /// What was quoted behind the IPv4 header.
    pub(super) payload: &'a [u8],
}

impl Quoted<'_> {
    /// Reads a packet with a message that quotes a whole IPv4 header.
    pub(super) fn of(told: &[u8]) -> Quoted<'_> {
        let message = Icmp::new_unchecked(&told[header_length(told)..]);
        let (kind, code, packet) = (message.kind(), message.code(), message.data());
        let too_big = (icmp::kind::DESTINATION_UNREACHABLE, icmp::code::FRAGMENTATION_NEEDED);
        Quoted {
            kind,
            code,
            offender: source_of(told),
            time_to_live: ttl_of(told),
            info: if (kind, code) == too_big { message.mtu().into() } else { 0 },
            source: source_of(packet),
            destination: destination_of(packet),
            payload: &packet[header_length(packet)..],
        }
    }

    /// Its entry for an error queue (`ip_icmp_error`).
    pub(super) fn error(&self, time: Instant, errno: Errno, port: u16, payload: Vec<u8>) -> QueuedError {
        let origin = ErrorOrigin::Icmp { offender: self.offender.into(), kind: self.kind, code: self.code };
        let Quoted { info, time_to_live, .. } = *self;
        let destination = SocketAddr::new(self.destination.into(), port);
        QueuedError { time, errno, origin, info, destination, time_to_live, payload }
    }
}

/// The error number that an ICMP error stands for, and whether it ends what it is about (`icmp_err_convert`,
/// `raw_err`); redirects are none.
pub(super) fn errno_of(kind: u8, code: u8) -> Option<(Errno, bool)> {
    const UNREACHABLE: [(Errno, bool); 16] = [
        (Errno::ENETUNREACH, false),
        (Errno::EHOSTUNREACH, false),
        (Errno(92), true), // ENOPROTOOPT
        (Errno::ECONNREFUSED, true),
        (Errno::EMSGSIZE, false),
        (Errno::EOPNOTSUPP, false),
        (Errno::ENETUNREACH, true),
        (Errno::EHOSTDOWN, true),
        (Errno(64), true), // ENONET
        (Errno::ENETUNREACH, true),
        (Errno::EHOSTUNREACH, true),
        (Errno::ENETUNREACH, false),
        (Errno::EHOSTUNREACH, false),
        (Errno::EHOSTUNREACH, true),
        (Errno::EHOSTUNREACH, true),
        (Errno::EHOSTUNREACH, true),
    ];
    match kind {
        3 => Some(UNREACHABLE.get(usize::from(code)).copied().unwrap_or((Errno::EHOSTUNREACH, false))),
        11 => Some((Errno::EHOSTUNREACH, false)),
        12 => Some((Errno::EPROTO, true)),
        _ => None,
    }
}
