//! The ways of packets, put together from events.

use super::connections::{Connection, Segment};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use vethlab_shared::error::Errno;
use vethlab_shared::event::{
    Considered, Consumer, DropReason, Event, EventKind, NatEnd, PacketId, Syscall, Verdict,
};
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::socket::SocketId;
use vethlab_shared::view::SocketState;
use vethlab_shared::wire::{Frame, Payload, arp, icmp};

/// The type of the ICMP message that answers an echo request.
const ECHO_REPLY: u8 = 0;

/// What a packet is to the one that it is due to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// Tells of an error with it.
    Error,
    /// Asks for the neighbour that it waits for.
    Arp,
    /// A piece of it, the whole that it is a piece of, an answer, or a copy.
    Continuation,
}

/// Events, by packet.
pub(super) struct Trails<'e> {
    pub(super) events: &'e [Event],
    lives: BTreeMap<PacketId, Vec<&'e Event>>,
    children: BTreeMap<PacketId, Vec<(PacketId, Kin)>>,
    /// The ends of the connections that TCP sockets have: the own one, and the other one.
    pub(super) ends: BTreeMap<SocketId, (SocketAddr, SocketAddr)>,
}

/// One stay of a packet in a namespace.
#[derive(Clone, Debug)]
pub(super) struct Hop<'e> {
    pub(super) namespace: &'e NamespaceName,
    /// The link that it came in by, and its frame.
    pub(super) input: Option<(&'e LinkName, Frame<'e>)>,
    /// The lookup that decided about it here.
    pub(super) way: Option<Way<'e>>,
    /// The link that it left by, and its frame.
    pub(super) output: Option<(&'e LinkName, Frame<'e>)>,
    /// Which ends were translated.
    pub(super) translated: Vec<Translation>,
}

/// How one end of a packet was translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Translation {
    pub(super) end: NatEnd,
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    /// The port, or the identifier, before and after.
    pub(super) ports: (Option<u16>, Option<u16>),
}

impl<'e> Hop<'e> {
    fn new(namespace: &'e NamespaceName, input: Option<(&'e LinkName, Frame<'e>)>) -> Hop<'e> {
        Hop { namespace, input, way: None, output: None, translated: Vec::new() }
    }
}

/// A routing lookup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'e> {
    pub(super) event: &'e Event,
    pub(super) destination: IpAddr,
    pub(super) considered: &'e [Considered],
    pub(super) gateway: Option<IpAddr>,
    pub(super) output: Option<&'e LinkName>,
    pub(super) source: Option<IpAddr>,
    pub(super) failed: bool,
    incoming: bool,
}

impl<'e> Way<'e> {
    pub(super) fn of(event: &'e Event) -> Option<Way<'e>> {
        let EventKind::FibTableLookup {
            destination,
            considered,
            gateway,
            output,
            source,
            chosen_source,
            input,
            errno,
            ..
        } = &event.kind
        else {
            return None;
        };
        Some(Way {
            event,
            destination: *destination,
            considered,
            gateway: *gateway,
            output: output.as_ref(),
            source: chosen_source.or(*source),
            failed: errno.is_some(),
            incoming: input.is_some(),
        })
    }

    /// The entry that won.
    pub(super) fn taken(&self) -> Option<&'e Considered> {
        self.considered.iter().find(|entry| entry.verdict == Verdict::Taken)
    }

    /// The address that the neighbour table is asked for.
    pub(super) fn next_hop(&self) -> IpAddr {
        self.gateway.unwrap_or(self.destination)
    }
}

/// How a packet ended, as far as the events tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It was taken in.
    Consumed(Consumer),
    /// It was dropped.
    Dropped(DropReason),
    /// It is still under way, or waits.
    Open,
}

/// One packet from its making to its end.
#[derive(Clone, Debug)]
pub(super) struct Life<'e> {
    pub(super) packet: PacketId,
    pub(super) hops: Vec<Hop<'e>>,
    pub(super) end: End,
    /// What it is of a connection, where a socket of TCP has sent it.
    pub(super) segment: Option<Segment>,
    /// The last event of the packet.
    pub(super) last: &'e Event,
}

impl<'e> Life<'e> {
    /// Where it was last.
    pub(super) fn place(&self) -> &Hop<'e> {
        // A life begins with an event, which makes the first hop.
        &self.hops[self.hops.len() - 1]
    }

    /// Whether it was cut into pieces, or is one that was put together with others.
    fn is_divided(&self) -> bool {
        matches!(self.end, End::Consumed(Consumer::Fragmentation | Consumer::Reassembly))
    }

    /// The stay before the last.
    pub(super) fn before(&self) -> Option<&Hop<'e>> {
        self.hops.len().checked_sub(2).map(|index| &self.hops[index])
    }
}

/// What a process asked to be sent.
#[derive(Clone, Debug)]
pub(super) struct Attempt<'e> {
    pub(super) namespace: &'e NamespaceName,
    pub(super) destination: IpAddr,
    pub(super) length: usize,
    pub(super) socket: SocketId,
    /// The last lookup that was made for it.
    pub(super) way: Option<Way<'e>>,
    /// The refusal.
    pub(super) refused: Option<&'e Event>,
    /// What came of it.
    pub(super) packet: Option<PacketId>,
    /// The connection that was asked for, where one was.
    pub(super) connection: Option<Connection<'e>>,
}

impl<'e> Attempt<'e> {
    fn new(namespace: &'e NamespaceName, destination: IpAddr, socket: SocketId) -> Attempt<'e> {
        let (way, refused, packet, connection) = (None, None, None, None);
        Attempt { namespace, destination, length: 0, socket, way, refused, packet, connection }
    }

    /// Whether the address is not where it was to go, but where it was to come from.
    pub(super) fn binds(&self) -> bool {
        let kind = self.refused.map(|event| &event.kind);
        matches!(kind, Some(EventKind::SysExit { call: Syscall::Bind, .. }))
    }
}

fn is_arp(event: &Event) -> Option<bool> {
    match &event.kind {
        EventKind::NetDevXmit { frame, .. } | EventKind::NetifReceiveSkb { frame, .. } => {
            Some(frame.get(12..14) == Some(&[8, 6]))
        }
        // No way is looked up for an ARP message.
        EventKind::NfHook { .. } | EventKind::FibTableLookup { .. } => Some(false),
        EventKind::ConsumeSkb { by } => Some(*by == Consumer::Arp),
        _ => None,
    }
}

impl<'e> Trails<'e> {
    pub(super) fn new(events: &'e [Event]) -> Trails<'e> {
        let mut lives: BTreeMap<PacketId, Vec<&Event>> = BTreeMap::new();
        let mut due: BTreeSet<PacketId> = BTreeSet::new();
        let mut born: Vec<(PacketId, PacketId, bool)> = Vec::new();
        let mut ends = BTreeMap::new();
        for event in events {
            if let &EventKind::InetSockSetState { socket, local, peer, .. } = &event.kind {
                ends.insert(socket, (local, peer));
            }
            let Some(packet) = event.packet else { continue };
            lives.entry(packet).or_default().push(event);
            match event.kind {
                EventKind::IcmpSend { .. } => {
                    due.insert(packet);
                }
                EventKind::PacketCreated { parent: Some(parent) } => {
                    born.push((parent, packet, due.remove(&parent)));
                }
                _ => {}
            }
        }
        let mut children: BTreeMap<PacketId, Vec<(PacketId, Kin)>> = BTreeMap::new();
        for (parent, child, error) in born {
            let arp = || lives.get(&child).and_then(|life| life.iter().find_map(|event| is_arp(event)));
            // A piece that never left has no frame; an ARP request that never left is alone in having no hook
            // before its end.
            let cut = lives.get(&parent).is_some_and(|life| {
                life.iter()
                    .any(|event| matches!(event.kind, EventKind::ConsumeSkb { by: Consumer::Fragmentation }))
            });
            let kin = match error {
                true => Kin::Error,
                false if arp().unwrap_or(!cut) => Kin::Arp,
                false => Kin::Continuation,
            };
            children.entry(parent).or_default().push((child, kin));
        }
        Trails { events, lives, children, ends }
    }

    /// What was asked for, in order: sending, or where it never came to that, what was refused before.
    pub(super) fn attempts(&self) -> Vec<Attempt<'e>> {
        let mut attempts: Vec<Attempt<'e>> = Vec::new();
        let mut refusals: Vec<Attempt<'e>> = Vec::new();
        // The lookups that no packet has yet, by namespace.
        let mut ways: BTreeMap<&NamespaceName, Way<'e>> = BTreeMap::new();
        for event in self.events {
            let namespace = &event.namespace;
            match &event.kind {
                EventKind::FibTableLookup { .. } if event.packet.is_none() => {
                    ways.extend(Way::of(event).map(|way| (namespace, way)));
                }
                &EventKind::SysEnterSendto { socket, destination, length } => {
                    ways.remove(namespace);
                    attempts.push(Attempt { length, ..Attempt::new(namespace, destination, socket) });
                }
                &EventKind::InetSockSetState { socket, to: SocketState::SynSent, peer, .. } => {
                    let way = ways.remove(namespace);
                    let connection = Some(self.connection(socket, event.number));
                    let packet = connection.as_ref().and_then(Connection::first);
                    let asked = Attempt::new(namespace, peer.ip(), socket);
                    attempts.push(Attempt { way, packet, connection, ..asked });
                }
                EventKind::PacketCreated { parent: None } => {
                    let last = attempts.last_mut().filter(|last| {
                        let open = last.packet.is_none() && last.refused.is_none();
                        open && last.connection.is_none() && last.namespace == namespace
                    });
                    if let Some(last) = last {
                        last.way = ways.remove(namespace);
                        last.packet = event.packet;
                    }
                }
                &EventKind::SysExit { socket, address, .. } => {
                    let last =
                        attempts.last_mut().filter(|last| last.socket == socket && last.refused.is_none());
                    let way = ways.remove(namespace);
                    match last {
                        Some(last) => {
                            last.refused = Some(event);
                            last.way = last.way.or(way);
                        }
                        None => {
                            let refused = Some(event);
                            let asked = Attempt::new(namespace, address, socket);
                            refusals.push(Attempt { way, refused, ..asked });
                        }
                    }
                }
                _ => {}
            }
        }
        if attempts.is_empty() { refusals.pop().into_iter().collect() } else { attempts }
    }

    /// The packets that are due to this one.
    pub(super) fn kin(&self, packet: PacketId, kin: Kin) -> impl Iterator<Item = PacketId> {
        let children = self.children.get(&packet).map(Vec::as_slice).unwrap_or_default();
        children.iter().filter(move |(_, what)| *what == kin).map(|(child, _)| *child)
    }

    /// The packet that this one is due to.
    pub(super) fn parent(&self, packet: PacketId) -> Option<(PacketId, Kin)> {
        self.children.iter().find_map(|(parent, children)| {
            let kin = children.iter().find(|(child, _)| *child == packet).map(|(_, kin)| *kin)?;
            Some((*parent, kin))
        })
    }

    /// How a packet began: the lookup that its sender made before it was, and whether it is the answer to another one,
    /// or a part of such an answer.
    pub(super) fn beginning(&self, packet: PacketId, attempts: &[Attempt<'e>]) -> (Option<Way<'e>>, bool) {
        let Some((parent, kin)) = self.parent(packet).filter(|(_, kin)| *kin != Kin::Arp) else {
            let own = attempts.iter().find(|attempt| attempt.packet == Some(packet));
            return (own.and_then(|own| own.way), false);
        };
        let (first, back) = self.beginning(parent, attempts);
        match self.life(parent, first) {
            Some(life) if kin == Kin::Continuation && life.is_divided() => (life.place().way, back),
            _ => (self.answering_way(parent), kin == Kin::Continuation),
        }
    }

    /// The events of a packet.
    pub(super) fn events_of(&self, packet: PacketId) -> &[&'e Event] {
        self.lives.get(&packet).map(Vec::as_slice).unwrap_or_default()
    }

    /// The way of a packet; its first lookup is given, where the sender made it before the packet was.
    pub(super) fn life(&self, packet: PacketId, first: Option<Way<'e>>) -> Option<Life<'e>> {
        let events = self.lives.get(&packet)?;
        let (begin, last) = (events.first()?, *events.last()?);
        let own = self.own_way(packet);
        let mut hops = vec![Hop { way: own.or(first), ..Hop::new(&begin.namespace, None) }];
        let mut end = End::Open;
        for event in events {
            let hop = hops.last_mut()?;
            match &event.kind {
                EventKind::NetDevXmit { link, frame } => {
                    hop.output = Frame::new(frame).map(|frame| (link, frame));
                }
                EventKind::NetifReceiveSkb { link, frame } => {
                    let input = Frame::new(frame).map(|frame| (link, frame));
                    hops.push(Hop::new(&event.namespace, input));
                }
                EventKind::FibTableLookup { .. } => {
                    hop.way = hop.way.or(Way::of(event).filter(|way| way.incoming));
                }
                &EventKind::NfNatManipPkt { end, from, to, from_port, to_port } => {
                    hop.translated.push(Translation { end, from, to, ports: (from_port, to_port) });
                }
                EventKind::ConsumeSkb { by } => end = End::Consumed(*by),
                EventKind::KfreeSkb { reason } => end = End::Dropped(*reason),
                _ => {}
            }
        }
        Some(Life { packet, hops, end, segment: self.segment(packet), last })
    }

    /// The lookup that was made for a packet itself, right behind its making: so TCP finds the way of each segment.
    fn own_way(&self, packet: PacketId) -> Option<Way<'e>> {
        let mut events = self.events_of(packet).iter().skip(1);
        let first = events.find(|event| !matches!(event.kind, EventKind::TcpTransmitSkb { .. }))?;
        Way::of(first).filter(|way| !way.incoming)
    }

    /// The lookup for an answer to this packet, or for an error about it: the last one that was made where it ended.
    pub(super) fn answering_way(&self, packet: PacketId) -> Option<Way<'e>> {
        let own = self.own_way(packet).map(|way| way.event.number);
        let ways = self.events_of(packet).iter().rev().filter_map(|event| Way::of(event));
        ways.into_iter().find(|way| !way.incoming && Some(way.event.number) != own)
    }

    /// The ICMP error about a packet: type, code, and what became of it.
    pub(super) fn error_about(&self, packet: PacketId) -> Option<Told<'e>> {
        let told = self.events_of(packet).iter().find_map(|event| match event.kind {
            EventKind::IcmpSend { kind, code, to } if kind != icmp::kind::REDIRECT => {
                Some((event, kind, code, to))
            }
            _ => None,
        });
        let (event, kind, code, to) = told?;
        let redirects = self.events_of(packet).iter().take_while(|other| other.number < event.number);
        let redirects = redirects.filter(|event| matches!(event.kind, EventKind::IcmpSend { .. })).count();
        let error = self.kin(packet, Kin::Error).nth(redirects);
        let life = error.and_then(|error| self.life(error, None));
        let heard = life.as_ref().is_some_and(|life| life.end == End::Consumed(Consumer::Icmp));
        let is_connection = self.segment(packet).is_some();
        let shown = life.as_ref().filter(|_| is_connection).and_then(|life| {
            self.events_of(life.packet).iter().find_map(|event| match event.kind {
                EventKind::SockQueueErrSkb { errno, .. } => Some(errno),
                _ => None,
            })
        });
        Some(Told { event, kind, code, to, from: life.as_ref().and_then(source_of), heard, shown, life })
    }

    /// Whether somebody told the sender of a nearer way (`ip_rt_send_redirect`).
    pub(super) fn was_redirected(&self, packet: PacketId) -> bool {
        let mut events = self.events_of(packet).iter();
        events.any(|event| matches!(event.kind, EventKind::IcmpSend { kind: icmp::kind::REDIRECT, .. }))
    }

    /// That no ICMP error about a packet was sent, because there had been too many: the event, and whom it would
    /// have gone to.
    pub(super) fn silenced(&self, packet: PacketId) -> Option<(&'e Event, IpAddr)> {
        self.events_of(packet).iter().find_map(|event| match event.kind {
            EventKind::Icmpv4XrlimAllow { kind, to, allowed: false, .. } if kind != ECHO_REPLY => {
                Some((*event, to))
            }
            _ => None,
        })
    }

    /// That an echo request was not answered, because too many had been just before: the event, and whom the answer
    /// would have gone to.
    pub(super) fn answer_refused(&self, packet: PacketId) -> Option<(&'e Event, IpAddr)> {
        self.events_of(packet).iter().find_map(|event| match event.kind {
            EventKind::Icmpv4XrlimAllow { kind: ECHO_REPLY, to, allowed: false, .. } => Some((*event, to)),
            _ => None,
        })
    }

    /// The ARP requests that were made for a packet, and for what waits behind it on the same link.
    pub(super) fn arp_about(&self, namespace: &NamespaceName, asked: IpAddr) -> Vec<Life<'e>> {
        let mut lives = Vec::new();
        for child in self.children.values().flatten().filter(|(_, kin)| *kin == Kin::Arp) {
            let Some(life) = self.life(child.0, None) else { continue };
            let frame = life.hops[0].output.map(|(_, frame)| frame.payload);
            let fits = match frame {
                Some(Payload::Arp(arp)) => arp.operation() == arp::REQUEST && arp.target() == asked,
                Some(_) => false,
                None => true,
            };
            if fits && life.hops[0].namespace == namespace {
                lives.push(life);
            }
        }
        lives
    }
}

/// An ICMP error that was sent.
#[derive(Clone, Debug)]
pub(super) struct Told<'e> {
    pub(super) event: &'e Event,
    pub(super) kind: u8,
    pub(super) code: u8,
    pub(super) to: IpAddr,
    /// Whose address it came from, where its frame was seen.
    pub(super) from: Option<IpAddr>,
    /// Whether it arrived.
    pub(super) heard: bool,
    /// The error that a connection was told of by it.
    pub(super) shown: Option<Errno>,
    /// Its own way.
    pub(super) life: Option<Life<'e>>,
}

fn source_of(life: &Life<'_>) -> Option<IpAddr> {
    let (_, frame) = life.hops.iter().find_map(|hop| hop.output)?;
    frame.ipv4().map(|packet| packet.source().into())
}
