//! Raw ICMP sockets (`net/ipv4/raw.c`).

use crate::ipv4::{IPV4_HEADER, Outgoing, PROTOCOL_ICMP, route::OutputQuery};
use crate::receive::Incoming;
use crate::world::World;
use std::net::Ipv4Addr;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::EventKind;
use vethlab_shared::socket::{Datagram, ErrorOrigin, QueuedError, Received, SocketId, SocketKind};
use vethlab_shared::view::RouteKind;

/// The longest IPv4 packet, in bytes (`IP_MAX_MTU`).
const LONGEST_PACKET: usize = 0xffff;

/// The time to live of what goes to a group, unless `IP_MULTICAST_TTL` is set (RFC 1112 section 6.1).
const MULTICAST_TTL: u8 = 1;

/// Types of ICMP message that a raw ICMP socket takes (the filter that `ping` sets, `ICMP_FILTER`): echo
/// reply, destination unreachable, source quench, redirect, time exceeded, parameter problem.
const ICMP_FILTER: u32 = 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 11 | 1 << 12;

impl World {
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
    pub(crate) fn sockets_error(&mut self, incoming: &Incoming) {
        let (namespace, packet) = (incoming.at.namespace, incoming.packet.network());
        let (offender, message) = (crate::ipv4::source_of(packet), crate::ipv4::body_of(packet));
        let (kind, code) = (message[0], message[1]);
        let quoted = &message[8..];
        let header = usize::from(quoted[0] & 0xf) * 4;
        let (source, destination) = (crate::ipv4::source_of(quoted), crate::ipv4::destination_of(quoted));
        let Some(errno) = errno_of(kind, code).filter(|_| quoted[9] == PROTOCOL_ICMP) else { return };
        let info =
            if (kind, code) == (3, 4) { u32::from(u16::from_be_bytes([message[6], message[7]])) } else { 0 };
        let time = self.now;
        let mut told = Vec::new();
        for (&id, socket) in &mut self.sockets.open {
            let mine = socket.kind == SocketKind::Icmp
                && socket.receive_errors
                && socket.namespace == namespace
                && socket.bound.is_none_or(|own| own == source);
            if mine {
                let origin = ErrorOrigin::Icmp { offender, kind, code };
                let payload = quoted[header..].to_vec();
                socket.errors.push_back(QueuedError { time, errno, origin, info, destination, payload });
                told.push(id);
            }
        }
        for socket in told {
            self.tell(namespace, Some(incoming.packet.id), || EventKind::SockQueueErrSkb { socket, errno });
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
