//! One case: which packet is followed, and how far it came.

use super::cause::Cause;
use super::evidence::Fact;
use super::fault::Fault;
use super::network::Network;
use super::story;
use super::trail::{Attempt, End, Kin, Life, Trails, Way};
use crate::event::{Consumer, EventKind, PacketId};
use crate::socket::SocketId;

/// What is known of a case.
pub(super) struct Case<'e, 's> {
    pub(super) network: Network<'s>,
    pub(super) trails: Trails<'e>,
    pub(super) command: &'e str,
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

type Found = Option<(Fault, Vec<String>)>;

impl<'e> Case<'e, '_> {
    /// Explains the first request that was not answered, or how the first one was.
    pub(super) fn attempts(&mut self, destination: Option<std::net::Ipv4Addr>) -> Found {
        let attempts = self.trails.attempts();
        let mut attempts: Vec<Attempt<'e>> = attempts
            .into_iter()
            .filter(|attempt| destination.is_none_or(|wanted| wanted == attempt.destination))
            .collect();
        if self.traces() {
            // It means its first packets to die on the way: what it learned of the end is in the last ones.
            attempts = attempts.split_off(attempts.len().saturating_sub(1));
        }
        let (mut answered, mut unwaited) = (Vec::new(), None);
        let total = attempts.len();
        let mut failed = None;
        for attempt in attempts {
            let fate = self.fate(&attempt);
            match &fate.fault {
                None => answered.push((attempt, fate)),
                Some(fault) if fault.cause == Cause::NotWaitedFor => {
                    unwaited = unwaited.or(Some((attempt, fate)));
                }
                Some(_) => failed = failed.or(Some((attempt, fate))),
            }
        }
        let count = answered.len();
        let (attempt, fate) = match failed.or(unwaited) {
            Some(found) => found,
            None => answered.into_iter().next()?,
        };
        let fault = fate.fault.clone().unwrap_or_else(|| self.nothing_wrong(&attempt, &fate));
        let mut story = story::of(self, &attempt, &fate, &fault);
        if total > 1 {
            story.extend(story::of_all(&fault, count, total));
        }
        Some((fault, story))
    }

    /// Explains what became of one packet.
    pub(super) fn packet(&mut self, packet: PacketId) -> Found {
        let life = self.trails.life(packet, None)?;
        let mut lives = Vec::new();
        let (mut fault, _) = self.follow(packet, None, false, None, &mut lives);
        if fault.as_ref().is_some_and(|fault| fault.cause == Cause::AnswerNotTaken) {
            fault = None;
        }
        let fate = Fate { lives, fault };
        let fault = fate.fault.clone().unwrap_or_else(|| {
            let (event, here) = (life.last.number, life.place().namespace);
            Fault::new(Cause::None, here).seen(here, Fact::Delivered { event, packet })
        });
        let story = story::of_packet(&life, &fate, &fault);
        Some((fault, story))
    }

    /// Whether the command was `traceroute`.
    fn traces(&self) -> bool {
        self.command.split_whitespace().any(|word| word == "traceroute")
    }

    fn nothing_wrong(&self, attempt: &Attempt<'e>, fate: &Fate<'e>) -> Fault {
        let mut fault = Fault::new(Cause::None, attempt.namespace);
        if let Some(way) = &attempt.way {
            fault = fault.seen_all(story::route_evidence(way));
        }
        if let Some(leg) = fate.lives.last() {
            let (event, packet) = (leg.life.last.number, leg.life.packet);
            fault = fault.seen(leg.life.place().namespace, Fact::Delivered { event, packet });
        }
        fault
    }

    /// What became of one request.
    fn fate(&mut self, attempt: &Attempt<'e>) -> Fate<'e> {
        let mut lives = Vec::new();
        let Some(packet) = attempt.packet else {
            return Fate { lives, fault: Some(self.not_sent(attempt)) };
        };
        let (mut fault, answered) = self.follow(packet, attempt.way, false, Some(attempt.socket), &mut lives);
        if fault.is_none() && !answered {
            let here = lives.last().map_or(attempt.namespace, |leg| leg.life.place().namespace);
            fault = Some(self.not_taken(attempt, here));
        }
        Fate { lives, fault }
    }

    /// Follows a packet and what goes on in its place: the first fault, and whether the socket got an answer.
    fn follow(
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
        let queued = |event: &&crate::event::Event| match event.kind {
            EventKind::SockQueueRcvSkb { socket: by } => socket.is_none_or(|socket| socket == by),
            _ => false,
        };
        if back && self.trails.events_of(packet).iter().any(queued) {
            return (None, true);
        }
        let next: Vec<PacketId> = self.trails.kin(packet, Kin::Continuation).collect();
        let came_back = |case: &Self| {
            let told = case.trails.error_about(packet);
            told.is_some_and(|told| told.kind == 3 && told.code == 3 && told.heard)
        };
        match life.end {
            End::Dropped(_) if came_back(self) => {
                // A port that nobody has is the answer that `traceroute` asks for.
                let wanted = self.traces();
                (if wanted { None } else { self.dropped(&leg) }, true)
            }
            End::Dropped(_) => {
                // A copy for this machine itself may still have been answered.
                let answered = next
                    .iter()
                    .any(|&copy| self.follow(copy, None, back, socket, &mut Vec::new()) == (None, true));
                if answered { (None, true) } else { (self.dropped(&leg), false) }
            }
            End::Open => (Some(self.still_open(&leg)), false),
            End::Consumed(Consumer::Arp) => (None, true),
            End::Consumed(consumer) => {
                let joins = matches!(consumer, Consumer::Fragmentation | Consumer::Reassembly);
                let (mut fault, mut answered): (Option<Fault>, bool) = (None, false);
                for &child in &next {
                    let way = if joins { first } else { self.trails.answering_way(packet) };
                    let mut legs = lives.clone();
                    let (other, taken) = self.follow(child, way, back || !joins, socket, &mut legs);
                    if fault.is_none() || taken {
                        *lives = legs;
                    }
                    answered |= taken;
                    // Pieces that waited in vain tell less than the piece that was lost.
                    fault = match fault {
                        Some(fault) if fault.cause != Cause::NotWaitedFor => Some(fault),
                        waited => other.or(waited),
                    };
                }
                if answered {
                    return (None, true);
                }
                if next.is_empty() && !joins && !back {
                    lives.truncate(number + 1);
                    return (self.not_answered(&leg), false);
                }
                (fault, false)
            }
        }
    }
}
