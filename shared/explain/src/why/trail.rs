//! The ways of packets, put together from events.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use vethlab_shared::event::{
    Considered, Consumer, DropReason, Event, EventKind, NatEnd, PacketId, Syscall, Verdict,
};
use vethlab_shared::name::{LinkName, NamespaceName};
use vethlab_shared::socket::SocketId;
use vethlab_shared::wire::{Frame, Payload, arp};

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
    /// Which ends were translated, from which address to which.
    pub(super) translated: Vec<(NatEnd, IpAddr, IpAddr)>,
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
}

impl Attempt<'_> {
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
        EventKind::NfHook { .. } => Some(false),
        EventKind::ConsumeSkb { by } => Some(*by == Consumer::Arp),
        _ => None,
    }
}

impl<'e> Trails<'e> {
    pub(super) fn new(events: &'e [Event]) -> Trails<'e> {
        let mut lives: BTreeMap<PacketId, Vec<&Event>> = BTreeMap::new();
        let mut due: BTreeSet<PacketId> = BTreeSet::new();
        let mut born: Vec<(PacketId, PacketId, bool)> = Vec::new();
        for event in events {
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
        Trails { events, lives, children }
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
                    let (way, refused, packet) = (None, None, None);
                    attempts.push(Attempt { namespace, destination, length, socket, way, refused, packet });
                }
                EventKind::PacketCreated { parent: None } => {
                    let last = attempts.last_mut().filter(|last| {
                        last.packet.is_none() && last.refused.is_none() && last.namespace == namespace
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
                        None => refusals.push(Attempt {
                            namespace,
                            destination: address,
                            length: 0,
                            socket,
                            way,
                            refused: Some(event),
                            packet: None,
                        }),
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
    fn parent(&self, packet: PacketId) -> Option<(PacketId, Kin)> {
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
        let mut hops = vec![Hop {
            namespace: &begin.namespace,
            input: None,
            way: first,
            output: None,
            translated: Vec::new(),
        }];
        let mut end = End::Open;
        for event in events {
            let hop = hops.last_mut()?;
            match &event.kind {
                EventKind::NetDevXmit { link, frame } => {
                    hop.output = Frame::new(frame).map(|frame| (link, frame));
                }
                EventKind::NetifReceiveSkb { link, frame } => {
                    let input = Frame::new(frame).map(|frame| (link, frame));
                    hops.push(Hop {
                        namespace: &event.namespace,
                        input,
                        way: None,
                        output: None,
                        translated: Vec::new(),
                    });
                }
                EventKind::FibTableLookup { .. } => {
                    hop.way = hop.way.or(Way::of(event).filter(|way| way.incoming));
                }
                EventKind::NfNatManipPkt { end, from, to, .. } => hop.translated.push((*end, *from, *to)),
                EventKind::ConsumeSkb { by } => end = End::Consumed(*by),
                EventKind::KfreeSkb { reason } => end = End::Dropped(*reason),
                _ => {}
            }
        }
        Some(Life { packet, hops, end, last })
    }

    /// The lookup for an answer to this packet, or for an error about it: the last one that was made where it ended.
    pub(super) fn answering_way(&self, packet: PacketId) -> Option<Way<'e>> {
        let ways = self.events_of(packet).iter().rev().filter_map(|event| Way::of(event));
        ways.into_iter().find(|way| !way.incoming)
    }

    /// The ICMP error about a packet: type, code, and what became of it.
    pub(super) fn error_about(&self, packet: PacketId) -> Option<Told<'e>> {
        let told = self.events_of(packet).iter().find_map(|event| match event.kind {
            EventKind::IcmpSend { kind, code, to } if kind != 5 => Some((event, kind, code, to)),
            _ => None,
        });
        let (event, kind, code, to) = told?;
        let redirects = self.events_of(packet).iter().take_while(|other| other.number < event.number);
        let redirects = redirects.filter(|event| matches!(event.kind, EventKind::IcmpSend { .. })).count();
        let error = self.kin(packet, Kin::Error).nth(redirects);
        let life = error.and_then(|error| self.life(error, None));
        let heard = life.as_ref().is_some_and(|life| life.end == End::Consumed(Consumer::Icmp));
        Some(Told { event, kind, code, to, from: life.as_ref().and_then(source_of), heard, life })
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
    /// Its own way.
    pub(super) life: Option<Life<'e>>,
}

fn source_of(life: &Life<'_>) -> Option<IpAddr> {
    let (_, frame) = life.hops.iter().find_map(|hop| hop.output)?;
    frame.ipv4().map(|packet| packet.source().into())
}
