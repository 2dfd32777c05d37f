//! UDP (RFC 768, `net/ipv4/udp.c`).

use super::raw::{Quoted, errno_of};
use super::{Kind, LOCAL_PORTS, LONGEST_PACKET, Options, inet_address};
use crate::id::NamespaceId;
use crate::ipv4::{destination_of, header_length, protocol_of, route::Route, source_of, ttl_of};
use crate::packet::Buffer;
use crate::receive::Incoming;
use crate::world::World;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::{Consumer, DropReason, EventKind};
use vethlab_shared::name::IfIndex;
use vethlab_shared::socket::{Datagram, MtuDiscovery, Received, SocketId};
use vethlab_shared::wire::Udp;
use vethlab_shared::wire::checksum::{internet_checksum, pseudo_header, transport_checksum};
use vethlab_shared::wire::icmp::code::PORT_UNREACHABLE;
use vethlab_shared::wire::ipv4::{self, protocol};
use vethlab_shared::wire::tcp;
use vethlab_shared::wire::udp::{self, HEADER_LENGTH};

/// The checksum of a datagram whose own checksum field is zero. Sent as zero it would say that there is none, so
/// that a zero goes out as all ones (RFC 768, `CSUM_MANGLED_0`).
fn checksum(source: Ipv4Addr, destination: Ipv4Addr, datagram: &[u8]) -> u16 {
    match transport_checksum(source, destination, protocol::UDP, datagram) {
        0 => 0xffff,
        sum => sum,
    }
}

/// Makes the checksum of a packet that left it to the device (`skb_checksum_help`).
pub(crate) fn complete_checksum(packet: &mut [u8]) {
    let (source, destination, header) = (source_of(packet), destination_of(packet), header_length(packet));
    let is_tcp = protocol_of(packet) == protocol::TCP;
    let datagram = &mut packet[header..];
    if is_tcp {
        tcp::set_checksum(datagram, 0);
        let sum = transport_checksum(source, destination, protocol::TCP, datagram);
        return tcp::set_checksum(datagram, sum);
    }
    udp::set_checksum(datagram, 0);
    let sum = checksum(source, destination, datagram);
    udp::set_checksum(datagram, sum);
}

/// How much memory a datagram of so many bytes takes (`sk_wmem_alloc` of `__ip_append_data`, `kmalloc_size_roundup`): its
/// head with the headers, what is known of it, and that in sizes that the allocator has.
pub(super) fn memory(length: usize) -> u32 {
    const AROUND: usize = 20 + HEADER_LENGTH + 16 + 15;
    const SHARED_INFO: usize = 320;
    const SK_BUFF: u32 = 256;
    let head = (AROUND + length).next_multiple_of(64) + SHARED_INFO;
    SK_BUFF + head.next_power_of_two() as u32
}

/// Whether a datagram's checksum is right, or there is none (`udp_lib_checksum_complete`).
fn is_intact(source: Ipv4Addr, destination: Ipv4Addr, datagram: &[u8]) -> bool {
    let unused = Udp::new(datagram).is_some_and(|header| header.checksum() == 0);
    unused || transport_checksum(source, destination, protocol::UDP, datagram) == 0
}

impl Options {
    /// How well it fits a datagram between these two that came in by this link; `None` where it is not for it
    /// (`compute_score`).
    fn score(&self, peer: SocketAddrV4, own: SocketAddrV4, link: IfIndex) -> Option<u32> {
        let fits = self.port == own.port()
            && self.bound.is_none_or(|bound| bound == *own.ip())
            && self.device.is_none_or(|device| device == link)
            && self.peer.is_none_or(|known| known == peer);
        // A bound address goes before all else: sockets without one are asked last (`__udp4_lib_lookup`).
        let points = [(self.bound.is_some(), 16), (self.peer.is_some(), 8), (self.device.is_some(), 4)];
        fits.then(|| points.iter().filter(|(has, _)| *has).map(|(_, points)| points).sum())
    }
}

impl World {
    /// Gives a socket a port, if it has none (`inet_autobind`).
    pub(super) fn udp_autobind(&mut self, id: SocketId) -> Result<(), StackError> {
        let Options { kind, port, bound, .. } = self.sockets.options(id)?;
        if kind == Kind::Udp && port == 0 { self.udp_get_port(id, bound, 0) } else { Ok(()) }
    }

    /// Gives a socket the wanted port, or with 0 any that is free: the first one from a random place on
    /// (`udp_v4_get_port`).
    pub(super) fn udp_get_port(
        &mut self,
        id: SocketId,
        bound: Option<Ipv4Addr>,
        wanted: u16,
    ) -> Result<(), StackError> {
        let port = if wanted == 0 {
            let count = LOCAL_PORTS.end() - LOCAL_PORTS.start() + 1;
            let first = self.random_port(count);
            let from_first = (0..count).map(|step| LOCAL_PORTS.start() + (first + step) % count);
            from_first.into_iter().find(|&port| !self.udp_port_taken(id, bound, port, false))
        } else {
            Some(wanted).filter(|&port| !self.udp_port_taken(id, bound, port, true))
        };
        let port = port.ok_or(Errno::EADDRINUSE)?;
        Ok(self.socket_set_port(id, port)?)
    }

    /// Gives a socket a port, by which it is found from then on.
    pub(super) fn socket_set_port(&mut self, id: SocketId, port: u16) -> Result<(), Errno> {
        let old = self.sockets.options(id)?;
        let new = Options { port, ..old };
        self.sockets.get(id)?.options = new;
        let index = &mut self.runtime_mut(old.namespace).sockets;
        index.remove(id, &old);
        index.insert(id, &new);
        Ok(())
    }

    /// Whether another socket of the namespace has the port, on an address and a link that both can have, and the two do not
    /// share it (`udp_lib_lport_inuse`). A port that was asked for is shared by `SO_REUSEPORT` too.
    fn udp_port_taken(&self, id: SocketId, bound: Option<Ipv4Addr>, port: u16, is_wanted: bool) -> bool {
        let overlap = |one: Option<_>, other: Option<_>| one.is_none() || other.is_none() || one == other;
        let Ok(own) = self.sockets.options(id) else { return false };
        self.udp_on(own.namespace, port).any(|(other, socket)| {
            other != id
                && (socket.bound.is_none() || bound.is_none() || socket.bound == bound)
                && overlap(socket.device, own.device)
                && !(socket.reuse_address && own.reuse_address)
                && !(is_wanted && socket.reuse_port && own.reuse_port)
        })
    }

    /// Sends a datagram (`udp_sendmsg`, `udp_send_skb`).
    ///
    /// Where the link's device makes checksums, as veth and loopback say that they do, the kernel leaves that to
    /// it, and the field holds the sum of the pseudo-header alone (`CHECKSUM_PARTIAL`). Nobody ever makes it: that
    /// is what `tcpdump -v` calls bad.
    pub(super) fn udp_send(
        &mut self,
        id: SocketId,
        to: SocketAddr,
        payload: &[u8],
    ) -> Result<(), StackError> {
        self.udp_autobind(id)?;
        if payload.len() > LONGEST_PACKET {
            return Err(Errno::EMSGSIZE.into());
        }
        let to = inet_address(to)?;
        if to.port() == 0 {
            return Err(Errno::EINVAL.into());
        }
        let socket = self.sockets.options(id)?;
        let route = self.socket_route(&socket, *to.ip())?;
        let length = HEADER_LENGTH + payload.len();
        let mut header = [0; HEADER_LENGTH];
        // Too long a length is refused where the packet is made.
        udp::write(&mut header, socket.port, to.port(), length as u16, 0);
        let mut datagram = Buffer::of(&[&header, payload]);
        let sum = datagram_checksum(&route, datagram.transport());
        udp::set_checksum(datagram.transport_mut(), sum);
        self.socket_output(id, &socket, &route, protocol::UDP, datagram)
    }

    /// Takes in a datagram (`__udp4_lib_rcv`).
    pub(crate) fn udp_receive(&mut self, incoming: &Incoming, to_many: bool) {
        let (namespace, id) = (incoming.at.namespace, incoming.packet.id);
        let (packet, datagram) = (incoming.packet.network(), incoming.packet.transport());
        let Some(header) = Udp::new(datagram) else {
            return self.drop_packet(namespace, id, DropReason::NotSpecified);
        };
        let length = usize::from(header.length());
        if length < HEADER_LENGTH || length > datagram.len() {
            return self.drop_packet(namespace, id, DropReason::PktTooSmall);
        }
        let datagram = &datagram[..length];
        let (source, destination) = (source_of(packet), destination_of(packet));
        if !incoming.packet.checksum_partial && !is_intact(source, destination, datagram) {
            return self.drop_packet(namespace, id, DropReason::UdpCsum);
        }
        let peer = SocketAddrV4::new(source, header.source());
        let own = SocketAddrV4::new(destination, header.destination());
        let received = Datagram {
            time: self.now,
            source: peer.into(),
            destination: destination.into(),
            time_to_live: ttl_of(packet),
            payload: datagram[HEADER_LENGTH..].to_vec(),
        };
        if to_many {
            let takers = self.udp_listeners(namespace, peer, own, incoming.at.index);
            // What nobody wants ends without a word (`__udp4_lib_mcast_deliver`).
            return self.udp_queue(incoming, &takers, &received, DropReason::NotSpecified);
        }
        match self.udp_lookup(namespace, peer, own, incoming.packet.input.unwrap_or(incoming.at.index)) {
            Some(socket) => self.udp_queue(incoming, &[socket], &received, DropReason::SocketRcvbuff),
            None => {
                self.icmp_local_unreachable(incoming, PORT_UNREACHABLE);
                self.drop_packet(namespace, id, DropReason::NoSocket);
            }
        }
    }

    /// Lets sockets read a datagram (`udp_queue_rcv_skb`); the packet ends here.
    fn udp_queue(
        &mut self,
        incoming: &Incoming,
        takers: &[SocketId],
        received: &Datagram,
        unless: DropReason,
    ) {
        let (namespace, id) = (incoming.at.namespace, incoming.packet.id);
        let mut taken = false;
        for &socket in takers {
            let room = self.sockets.get(socket);
            let data = Received::Datagram(received.clone());
            if room.is_ok_and(|socket| socket.push(data, received.payload.len())) {
                taken = true;
                self.tell(namespace, Some(id), || EventKind::SockQueueRcvSkb { socket });
            }
        }
        match taken {
            true => self.tell(namespace, Some(id), || EventKind::ConsumeSkb { by: Consumer::Udp }),
            false => self.drop_packet(namespace, id, unless),
        }
    }

    /// The one socket that a datagram is for: of those that fit equally well the newest (`__udp4_lib_lookup`); of those that
    /// share a port one is drawn (`reuseport_select_sock`).
    fn udp_lookup(
        &mut self,
        namespace: NamespaceId,
        peer: SocketAddrV4,
        own: SocketAddrV4,
        link: IfIndex,
    ) -> Option<SocketId> {
        let sockets = self.udp_on(namespace, own.port());
        let scored: Vec<(u32, SocketId, bool)> = sockets
            .filter_map(|(id, socket)| Some((socket.score(peer, own, link)?, id, socket.reuse_port)))
            .collect();
        let &(best, newest, _) = scored.iter().max()?;
        let sharing: Vec<SocketId> = scored
            .iter()
            .filter(|(score, _, shares)| *score == best && *shares)
            .map(|(_, id, _)| *id)
            .collect();
        if sharing.len() < 2 {
            return Some(newest);
        }
        let place = self.random_port(u16::try_from(sharing.len()).unwrap_or(u16::MAX));
        sharing.get(usize::from(place)).copied()
    }

    /// All sockets that want a datagram to a broadcast address or a group (`__udp_is_mcast_sock`).
    fn udp_listeners(
        &self,
        namespace: NamespaceId,
        peer: SocketAddrV4,
        own: SocketAddrV4,
        link: IfIndex,
    ) -> Vec<SocketId> {
        let sockets = self.udp_on(namespace, own.port());
        sockets.filter(|(_, socket)| socket.score(peer, own, link).is_some()).map(|(id, _)| id).collect()
    }

    /// The UDP sockets of a namespace with this port, the oldest first.
    fn udp_on(&self, namespace: NamespaceId, port: u16) -> impl Iterator<Item = (SocketId, Options)> {
        let ids = self.runtime(namespace).sockets.udp_on(port);
        ids.filter_map(|id| Some((id, self.sockets.options(id).ok()?)))
    }

    /// Tells the socket that sent such a datagram of an ICMP error (`__udp4_lib_err`). Says whether there is one.
    pub(crate) fn udp_error(&mut self, incoming: &Incoming) -> bool {
        let (namespace, link) = (incoming.at.namespace, incoming.at.index);
        let quoted = Quoted::of(incoming.packet.network());
        let Some(header) = Udp::new(quoted.payload) else { return false };
        let own = SocketAddrV4::new(quoted.source, header.source());
        let peer = SocketAddrV4::new(quoted.destination, header.destination());
        let Some(id) = self.udp_lookup(namespace, peer, own, link) else { return false };
        let (now, known) = (self.now, errno_of(quoted.kind, quoted.code));
        let Ok(socket) = self.sockets.get(id) else { return false };
        if let Some((errno, hard)) = known {
            let Options { peer: connected, mtu_discovery, .. } = socket.options;
            let connected = connected.is_some();
            let hard = hard || errno == Errno::EMSGSIZE;
            if errno != Errno::EMSGSIZE || mtu_discovery != MtuDiscovery::Dont {
                let payload = quoted.payload[HEADER_LENGTH..].to_vec();
                let error = quoted.error(now, errno, peer.port(), payload);
                if socket.fail(error, hard && connected) {
                    let told = || EventKind::SockQueueErrSkb { socket: id, errno };
                    self.tell(namespace, Some(incoming.packet.id), told);
                }
            }
        }
        true
    }
}

/// The checksum that a datagram leaves with, given one whose field is zero: that of the pseudo-header alone where
/// the device is to make it, which it is not for what is cut into fragments (`udp4_hwcsum`, `__ip_append_data`).
fn datagram_checksum(route: &Route, datagram: &[u8]) -> u16 {
    let source = route.source.unwrap_or(Ipv4Addr::UNSPECIFIED);
    if is_left_to_the_device(route, datagram.len()) {
        !internet_checksum(&pseudo_header(source, route.destination, protocol::UDP, datagram.len() as u16))
    } else {
        checksum(source, route.destination, datagram)
    }
}

/// Whether the checksum of a datagram of this length is left to the device.
fn is_left_to_the_device(route: &Route, length: usize) -> bool {
    length + ipv4::HEADER_LENGTH <= route.mtu as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_of_zero_goes_out_as_all_ones() {
        let (source, destination) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let mut datagram = [0; HEADER_LENGTH + 2];
        udp::write(&mut datagram, 0x8000, 0x829a, 10, 0);
        let sum = checksum(source, destination, &datagram);
        // With its own checksum as data, the sum over everything is zero.
        datagram[8..10].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(checksum(source, destination, &datagram), 0xffff);
        udp::set_checksum(&mut datagram, 0xffff);
        assert!(is_intact(source, destination, &datagram));
        datagram[9] ^= 1;
        assert!(!is_intact(source, destination, &datagram));
        udp::set_checksum(&mut datagram, 0);
        assert!(is_intact(source, destination, &datagram), "no checksum was made");
    }
}
