//! TCP connections: which packets belong to one, and what became of it.

use super::case::{Case, Fate, Leg};
use super::cause::Cause;
use super::fault::Fault;
use super::trail::{Attempt, End, Kin, Life, Trails};
use std::net::{IpAddr, SocketAddr};
use vethlab_shared::event::{DropReason, Event, EventKind, NatEnd, PacketId};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::SocketId;
use vethlab_shared::view::SocketState;
use vethlab_shared::wire::Ipv4;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::tcp::{self, flag};

/// What a packet is of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Whose it is.
    pub(super) socket: SocketId,
    /// Its flags.
    pub(super) flags: u8,
    /// How many bytes of data it carries.
    pub(super) length: usize,
}

impl Segment {
    /// Whether it asks for a connection.
    fn asks(self) -> bool {
        self.flags & (flag::SYN | flag::ACK) == flag::SYN
    }
}

/// A connection was asked for with more than one station (`tcp_v4_connect`).
pub(super) fn not_a_single_station(here: &NamespaceName, to: IpAddr) -> Fault {
    let what = if to.is_multicast() { "a group of stations" } else { "every station of a network" };
    Fault::new(Cause::InvalidDestination, here).told(format!(
        "A connection of TCP is between two stations, and {to} means {what}: {here} refused it (tcp_v4_connect). Nothing was \
         sent."
    ))
}

/// A segment with these flags, as it is called in a story.
pub(super) fn segment_name(flags: u8) -> &'static str {
    match flags & (flag::SYN | flag::ACK | flag::RST | flag::FIN) {
        flags if flags & flag::RST != 0 => "RST",
        flags if flags & (flag::SYN | flag::ACK) == flag::SYN | flag::ACK => "SYN-ACK",
        flags if flags & flag::SYN != 0 => "SYN",
        flags if flags & flag::FIN != 0 => "FIN",
        _ => "segment",
    }
}

/// A connection that a process asked for.
#[derive(Clone, Debug)]
pub(super) struct Connection<'e> {
    /// The other end, as the process named it.
    pub(super) peer: Option<SocketAddr>,
    /// The packets by which it was asked for, in order: the first, and those that were sent again.
    pub(super) asked: Vec<PacketId>,
    /// That it was made.
    pub(super) made: Option<&'e Event>,
    /// The sockets at its two ends. The second is known once it was made at the far end.
    pub(super) sockets: Vec<SocketId>,
}

impl Connection<'_> {
    pub(super) fn first(&self) -> Option<PacketId> {
        self.asked.first().copied()
    }
}

impl<'e> Trails<'e> {
    /// What a packet is of a connection.
    pub(super) fn segment(&self, packet: PacketId) -> Option<Segment> {
        self.events_of(packet).iter().find_map(|event| match event.kind {
            EventKind::TcpTransmitSkb { socket, flags, length, .. } => {
                Some(Segment { socket, flags, length })
            }
            _ => None,
        })
    }

    /// The packets that a socket of TCP has sent, in order.
    fn sent_by(&self, socket: SocketId) -> impl Iterator<Item = PacketId> {
        self.events.iter().filter_map(move |event| match event.kind {
            EventKind::TcpTransmitSkb { socket: by, .. } if by == socket => event.packet,
            _ => None,
        })
    }

    /// The reset that answered a packet, where one did: its own way.
    pub(super) fn reset_by(&self, packet: PacketId) -> Option<Life<'e>> {
        // What no socket sends is a reset, be it that it never left.
        let is_connection = self.segment(packet).is_some();
        let mut children = self.kin(packet, Kin::Continuation);
        children.find_map(|child| {
            let leg = Leg { life: self.life(child, None)?, back: true };
            let is_reset = match leg.segment_flags() {
                Some(flags) => flags & flag::RST != 0,
                None => is_connection && leg.last_packet().is_none(),
            };
            is_reset.then_some(leg.life)
        })
    }

    /// The connection that was asked for at a socket with the event of this number.
    pub(super) fn connection(&self, socket: SocketId, asked: u64) -> Connection<'e> {
        let later = self.events.iter().filter(|event| event.number >= asked);
        let made = later.clone().find(|event| {
            matches!(event.kind, EventKind::InetSockSetState { socket: of, to: SocketState::Established, .. } if of == socket)
        });
        let ours: Vec<PacketId> = self.sent_by(socket).collect();
        let far = later.filter_map(|event| match event.kind {
            EventKind::InetSockSetState { socket: of, to: SocketState::Established, .. } => {
                (of != socket && event.packet.is_some_and(|packet| ours.contains(&packet))).then_some(of)
            }
            _ => None,
        });
        let sockets = [socket].into_iter().chain(far).collect();
        let asks = |packet: &PacketId| self.segment(*packet).is_some_and(Segment::asks);
        let peer = self.ends.get(&socket).map(|(_, peer)| *peer);
        Connection { peer, asked: ours.iter().copied().filter(asks).collect(), made, sockets }
    }
}

/// Source and destination port behind an IPv4 header, where its protocol has them and it is no later piece.
fn ports_of(packet: Ipv4<'_>) -> Option<(u16, u16)> {
    let has_ports = matches!(packet.protocol(), protocol::TCP | protocol::UDP);
    let &[a, b, c, d, ..] = packet.payload() else { return None };
    (has_ports && packet.fragment_offset() == 0)
        .then(|| (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

impl<'e> Leg<'e> {
    /// The IPv4 packet of the last frame that it was.
    fn last_packet(&self) -> Option<Ipv4<'e>> {
        let frames = self.life.hops.iter().flat_map(|hop| [&hop.input, &hop.output]);
        frames.flatten().filter_map(|(_, frame)| frame.ipv4()).next_back()
    }

    /// The protocol behind IP, where it is known.
    pub(super) fn protocol(&self) -> Option<u8> {
        let seen = self.last_packet().map(Ipv4::protocol);
        seen.or_else(|| self.life.segment.map(|_| protocol::TCP))
    }

    /// The flags of its segment, where it is one of TCP.
    pub(super) fn segment_flags(&self) -> Option<u8> {
        let seen = self.last_packet().filter(|packet| packet.protocol() == protocol::TCP);
        let seen = seen.and_then(|packet| packet.payload().get(tcp::field::FLAGS)?.first().copied());
        self.life.segment.map(|segment| segment.flags).or(seen)
    }

    /// Whether it is a SYN that asks for a connection.
    pub(super) fn asks_for_connection(&self) -> bool {
        self.segment_flags().is_some_and(|flags| flags & (flag::SYN | flag::ACK) == flag::SYN)
    }

    /// Whether it came to a socket of TCP, or to where one would be: whatever was made of it there.
    pub(super) fn came_to_tcp(&self) -> bool {
        match self.life.end {
            End::Consumed(consumer) => consumer == vethlab_shared::event::Consumer::Tcp,
            End::Dropped(reason) => {
                let at_socket = reason == DropReason::NoSocket || reason.name().starts_with("TCP_");
                at_socket && self.segment_flags().is_some()
            }
            End::Open => false,
        }
    }
}

impl<'e> Case<'e, '_> {
    /// From where to where a packet goes in the end, translated as it was; ports where it has them.
    pub(super) fn ends_of(&self, leg: &Leg<'e>) -> Option<[(IpAddr, Option<u16>); 2]> {
        let known = |end: SocketAddr| (end.ip(), Some(end.port()));
        let mut ends = match (leg.last_packet(), leg.life.segment) {
            (Some(packet), _) => {
                let (from, to) = ports_of(packet).unzip();
                [(packet.source().into(), from), (packet.destination().into(), to)]
            }
            (None, Some(segment)) => {
                let (own, peer) = self.trails.ends.get(&segment.socket)?;
                [known(*own), known(*peer)]
            }
            (None, None) => return None,
        };
        let last = leg.life.place();
        // What left a hop was translated there already.
        for translation in last.translated.iter().filter(|_| last.output.is_none()) {
            let end = &mut ends[usize::from(translation.end == NatEnd::Destination)];
            *end = (translation.to, translation.ports.1.or(end.1));
        }
        Some(ends)
    }

    /// What became of a connection that was asked for.
    pub(super) fn connection_fate(&mut self, attempt: &Attempt<'e>, connection: &Connection<'e>) -> Fate<'e> {
        match connection.made {
            Some(made) => self.fate_of_made(attempt, connection, made),
            None => self.fate_of_asked(attempt, connection),
        }
    }

    /// Of a connection that was not made: the first of the packets by which it was asked for that tells why.
    fn fate_of_asked(&mut self, attempt: &Attempt<'e>, connection: &Connection<'e>) -> Fate<'e> {
        let mut open = None;
        for &packet in &connection.asked {
            let mut lives = Vec::new();
            let (fault, answered) = self.follow(packet, attempt.way, false, None, &mut lives);
            match fault {
                Some(fault) if !fault.is_open() => return Fate { lives, fault: Some(fault) },
                None if answered && self.unfinished => {
                    let fault = lives.last().cloned().map(|leg| self.under_way(&leg));
                    return Fate { lives, fault };
                }
                fault => open = open.or(Some(Fate { lives, fault })),
            }
        }
        let here = attempt.namespace;
        let unknown = || {
            Fault::new(Cause::NotWaitedFor, here)
                .told("The program ended before it was known whether the connection would be made.")
        };
        match open {
            Some(Fate { lives, fault }) => Fate { lives, fault: fault.or_else(|| Some(unknown())) },
            None => Fate { lives: Vec::new(), fault: Some(unknown()) },
        }
    }

    /// Of a connection that was made: what the ends sent last was not to be lost.
    fn fate_of_made(
        &mut self,
        attempt: &Attempt<'e>,
        connection: &Connection<'e>,
        made: &'e Event,
    ) -> Fate<'e> {
        for (number, &socket) in connection.sockets.iter().enumerate() {
            let sent: Vec<PacketId> = self.trails.sent_by(socket).collect();
            let Some(lost) = sent.last().and_then(|last| self.lost(*last)) else { continue };
            // The first that was lost like this tells most: it is known what it answers.
            let first = sent.iter().find(|packet| self.lost(**packet) == Some(lost.clone()));
            let Some(&first) = first else { continue };
            let (back, mut lives) = (number > 0, Vec::new());
            if let (Some(fault), _) = self.follow(first, None, back, None, &mut lives)
                && !fault.is_open()
            {
                return Fate { lives, fault: Some(fault) };
            }
        }
        // The packet that made it is the answer; what it answers came before it.
        let mut lives = Vec::new();
        let asked = made.packet.and_then(|answer| self.trails.parent(answer)).map(|(parent, _)| parent);
        if let Some(asked) = asked.or(connection.first()) {
            self.follow(asked, attempt.way, false, None, &mut lives);
        }
        Fate { lives, fault: None }
    }

    /// Where and why a packet was lost before it came to a socket.
    fn lost(&self, packet: PacketId) -> Option<(NamespaceName, DropReason)> {
        let leg = Leg { life: self.trails.life(packet, None)?, back: false };
        match leg.life.end {
            End::Dropped(reason) if !leg.came_to_tcp() => Some((leg.life.place().namespace.clone(), reason)),
            _ => None,
        }
    }
}
