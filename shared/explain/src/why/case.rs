//! One case: which packet is followed, and how far it came.

use super::cause::Cause;
use super::evidence::Fact;
use super::fault::Fault;
use super::network::Network;
use super::story;
use super::trail::{Attempt, End, Kin, Life, Trails, Way};
use crate::journal::Invocation;
use vethlab_shared::event::{Consumer, DropReason, EventKind, PacketId};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::SocketId;

/// What is known of a case.
pub(super) struct Case<'e, 's> {
    pub(super) network: Network<'s>,
    pub(super) trails: Trails<'e>,
    pub(super) invocation: Option<&'e Invocation>,
    /// Whether time stands still in the middle of the command.
    pub(super) unfinished: bool,
}

/// A request's fate: the packets that carried it, there and back, and the fault that ended it.
pub(super) struct Fate<'e> {
    pub(super) lives: Vec<Leg<'e>>,
    pub(super) fault: Option<Fault>,
}

/// The life of one packet of a request, and whether it is on its way back.
#[derive(Clone)]
pub(super) struct Leg<'e> {
    pub(super) life: Life<'e>,
    pub(super) back: bool,
}

/// A fault and the story that leads to it.
pub(super) type Told = (Fault, Vec<String>);

/// Where time stands still before anything was sent.
pub(super) fn not_yet(here: &NamespaceName) -> Told {
    let story = vec![format!("At this moment the program in {here} has sent nothing yet."), ON.to_owned()];
    (Fault::new(Cause::UnderWay, here), story)
}

/// What goes on from a moment of the past.
pub(super) const ON: &str = "'step' goes on to the next event, 'continue' to the end.";

impl Fault {
    /// Whether nobody knows yet, or will ever, what became of it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.cause, Cause::NotWaitedFor | Cause::UnderWay)
    }
}

impl<'e> Case<'e, '_> {
    /// Explains the first request that was not answered, or how the first one was.
    pub(super) fn attempts(&mut self, destination: Option<std::net::IpAddr>) -> Option<Told> {
        let attempts = self.trails.attempts();
        let attempts: Vec<Attempt<'e>> = attempts
            .into_iter()
            .filter(|attempt| {
                destination.is_none_or(|wanted| wanted == attempt.destination && !attempt.binds())
            })
            .collect();
        let mut fates = Vec::new();
        for attempt in attempts {
            let fate = self.fate(&attempt);
            fates.push((attempt, fate));
        }
        let told = self.chosen(&fates)?;
        let (attempt, fate) = &fates[told];
        let fault = fate.fault.clone().unwrap_or_else(|| self.nothing_wrong(attempt, fate));
        let fault = match fault.cause {
            Cause::NoReturnRoute | Cause::ReversePathFilter => {
                let fault = self.source_is_no_way(attempt, fault);
                self.other_sources(attempt, fault)
            }
            _ => fault,
        };
        let mut story = story::of(self, attempt, fate, &fault);
        let answered = fates.iter().filter(|(_, fate)| fate.fault.is_none()).count();
        if fates.len() > 1 && !self.traces() {
            let are_connections = attempt.connection.is_some();
            story.extend(story::of_all(&fault, answered, fates.len(), are_connections));
        }
        let (silences, evidence) = self.silences(&fates, told);
        story.extend(silences);
        Some((fault.seen_all(evidence), story))
    }

    /// Which of the requests is to be told of: the first that was not answered, or of those that failed like it the
    /// first that the sender was told of. Where all were answered, the first.
    fn chosen(&self, fates: &[(Attempt<'e>, Fate<'e>)]) -> Option<usize> {
        if self.traces() {
            return self.chosen_probe(fates);
        }
        let find = |open: bool| {
            let fits = |fate: &Fate<'e>| fate.fault.as_ref().is_some_and(|fault| fault.is_open() == open);
            fates.iter().position(|(_, fate)| fits(fate))
        };
        let found = find(false).map(|first| self.told_alike(fates, first)).or_else(|| find(true));
        found.or_else(|| (!fates.is_empty()).then_some(0))
    }

    /// Explains what became of one packet.
    pub(super) fn packet(&mut self, packet: PacketId) -> Option<Told> {
        let (first, back) = self.trails.beginning(packet, &self.trails.attempts());
        let mut lives = Vec::new();
        let (mut fault, _) = self.follow(packet, first, back, None, &mut lives);
        // What goes on in its place is followed too, but no answer to it.
        let last = lives.iter().rev().find(|leg| leg.back == back)?.life.clone();
        if fault.as_ref().is_some_and(|fault| fault.cause == Cause::AnswerNotTaken) {
            fault = None;
        }
        let fate = Fate { lives, fault };
        let fault = fate.fault.clone().unwrap_or_else(|| {
            let (event, packet, here) = (last.last.number, last.packet, last.place().namespace);
            Fault::new(Cause::None, here).seen(here, Fact::Delivered { event, packet, frame: None })
        });
        let story = story::of_packet(&last, &fate, &fault);
        Some((fault, story))
    }

    /// Whether the command was `traceroute`.
    pub(super) fn traces(&self) -> bool {
        self.invocation.is_some_and(|invocation| invocation.program == "traceroute")
    }

    fn nothing_wrong(&self, attempt: &Attempt<'e>, fate: &Fate<'e>) -> Fault {
        let mut fault = Fault::new(Cause::None, attempt.namespace);
        if let Some(way) = &attempt.way {
            fault = fault.seen_all(story::route_evidence(way));
        }
        if let Some(leg) = fate.lives.last() {
            let (event, packet, frame) = (leg.life.last.number, leg.life.packet, None);
            let end = match leg.life.end {
                // So a probe of `traceroute` arrives.
                End::Dropped(reason) if !leg.back => Fact::Dropped { event, packet, frame, reason },
                _ => Fact::Delivered { event, packet, frame },
            };
            fault = fault.seen(leg.life.place().namespace, end);
        }
        fault
    }

    /// What became of one request.
    fn fate(&mut self, attempt: &Attempt<'e>) -> Fate<'e> {
        let mut lives = Vec::new();
        if let Some(connection) = &attempt.connection {
            return self.connection_fate(attempt, connection);
        }
        let Some(packet) = attempt.packet else {
            return Fate { lives, fault: Some(self.not_sent(attempt)) };
        };
        let (mut fault, answered) = self.follow(packet, attempt.way, false, Some(attempt.socket), &mut lives);
        if !answered && let Some(down) = self.loopback_down(attempt) {
            return Fate { lives, fault: Some(down) };
        }
        if fault.is_none() && !answered {
            let here = lives.last().map_or(attempt.namespace, |leg| leg.life.place().namespace);
            fault = Some(match lives.last().filter(|_| self.unfinished) {
                Some(leg) => self.under_way(leg),
                None => self.not_taken(attempt, here),
            });
        }
        Fate { lives, fault }
    }

    /// Follows a packet and what goes on in its place: the first fault, and whether the socket got an answer.
    pub(super) fn follow(
        &mut self,
        packet: PacketId,
        first: Option<Way<'e>>,
        back: bool,
        socket: Option<SocketId>,
        lives: &mut Vec<Leg<'e>>,
    ) -> (Option<Fault>, bool) {
        let Some(life) = self.trails.life(packet, first) else { return (None, false) };
        let leg = Leg { life: life.clone(), back };
        let number = lives.len();
        lives.push(leg.clone());
        let queued = |event: &&vethlab_shared::event::Event| match event.kind {
            EventKind::SockQueueRcvSkb { socket: by } => socket.is_none_or(|socket| socket == by),
            _ => false,
        };
        if back && self.trails.events_of(packet).iter().any(queued) {
            return (None, true);
        }
        let next: Vec<PacketId> = self.trails.kin(packet, Kin::Continuation).collect();
        match life.end {
            End::Dropped(DropReason::NoSocket) if self.traces() && !back => {
                self.arrived_probe(&leg, socket, lives)
            }
            End::Dropped(_) => {
                // A copy for this machine itself may still have been answered.
                // What answers a segment that came to where no connection is, is a reset: no copy of it.
                let answered = !leg.came_to_tcp()
                    && self.trails.reset_by(packet).is_none()
                    && next
                        .iter()
                        .any(|&copy| self.follow(copy, None, back, socket, &mut Vec::new()) == (None, true));
                if answered {
                    return (None, true);
                }
                // Of a frame that a bridge gave out by all its ports the copy counts that came to whom it is for.
                match self.better_copy(&next).filter(|_| life.end == End::Dropped(DropReason::OtherHost)) {
                    Some(copy) => self.follow(copy, None, back, socket, lives),
                    None => (self.dropped(&leg), false),
                }
            }
            End::Open => (Some(self.still_open(&leg)), false),
            End::Consumed(Consumer::Arp) => (None, true),
            End::Consumed(Consumer::Tcp) if back || !leg.asks_for_connection() => (None, true),
            // A datagram that a program was given has arrived. What the program sends then is a request of its own.
            End::Consumed(Consumer::Udp) if !back && !self.traces() => (None, true),
            End::Consumed(consumer) => {
                let joins = matches!(consumer, Consumer::Fragmentation | Consumer::Reassembly);
                let (mut fault, mut answered): (Option<Fault>, bool) = (None, false);
                let before = lives.clone();
                for &child in &next {
                    let way = if joins { life.place().way } else { self.trails.answering_way(packet) };
                    let mut legs = before.clone();
                    let (other, taken) = self.follow(child, way, back || !joins, socket, &mut legs);
                    if taken || (!answered && fault.as_ref().is_none_or(Fault::is_open)) {
                        *lives = legs;
                    }
                    answered |= taken;
                    // Pieces that waited in vain tell less than the piece that was lost.
                    fault = match fault {
                        Some(fault) if !fault.is_open() => Some(fault),
                        waited => other.or(waited),
                    };
                }
                if answered {
                    return (None, true);
                }
                if next.is_empty() && !joins && !back && !leg.informs() {
                    lives.truncate(number + 1);
                    return (self.not_answered(&leg), false);
                }
                (fault, false)
            }
        }
    }
}
