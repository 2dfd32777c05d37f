//! `traceroute`, which means its first packets to die on the way; and what is not told because too much was told
//! just before.

use super::case::{Case, Fate, Leg};
use super::cause::Cause;
use super::evidence::{Evidence, Fact};
use super::fault::Fault;
use super::judge::addresses_of;
use super::trail::{Attempt, Kin};
use std::net::IpAddr;
use vethlab_shared::name::NamespaceName;
use vethlab_shared::socket::SocketId;

/// What a machine did not tell.
struct Silence {
    namespace: NamespaceName,
    event: u64,
    to: IpAddr,
    requests: usize,
}

impl<'e> Case<'e, '_> {
    /// Whether a packet may be one of `traceroute`, which means its packets to find no socket: of a single packet nobody says
    /// what it was sent by.
    pub(super) fn may_trace(&self, leg: &Leg<'e>) -> bool {
        self.traces() || (self.invocation.is_none() && leg.segment_flags().is_none())
    }

    /// Which probe tells how the whole went: the first that arrived; where none did, the first that met a fault on
    /// the way; and where all were only too short-lived, the one that came the farthest.
    pub(super) fn chosen_probe(&self, fates: &[(Attempt<'e>, Fate<'e>)]) -> Option<usize> {
        let find =
            |fits: &dyn Fn(&Option<Fault>) -> bool| fates.iter().position(|(_, fate)| fits(&fate.fault));
        let met = |fault: &Option<Fault>| {
            fault.as_ref().is_some_and(|fault| !fault.is_open() && fault.cause != Cause::TtlExceeded)
        };
        let open = |fault: &Option<Fault>| fault.as_ref().is_some_and(Fault::is_open);
        let found = find(&Option::is_none).or_else(|| Some(self.told_alike(fates, find(&met)?)));
        // While time stands still, what is on its way may still come the farthest.
        let found = found.or_else(|| if self.unfinished { find(&open) } else { None });
        found
            .or_else(|| fates.iter().rposition(|(_, fate)| !open(&fate.fault)))
            .or_else(|| fates.len().checked_sub(1))
    }

    /// Of those that failed like this one, the first that the sender was told of; this one where it never was.
    pub(super) fn told_alike(&self, fates: &[(Attempt<'e>, Fate<'e>)], first: usize) -> usize {
        let place = |fate: &Fate<'e>| fate.fault.as_ref().map(|fault| (fault.cause, fault.namespace.clone()));
        let wanted = place(&fates[first].1);
        let told = fates.iter().position(|(_, fate)| place(fate) == wanted && self.was_told(fate));
        told.unwrap_or(first)
    }

    fn was_told(&self, fate: &Fate<'e>) -> bool {
        let last = fate.lives.last().filter(|leg| !leg.back);
        last.and_then(|leg| self.trails.error_about(leg.life.packet)).is_some_and(|told| told.heard)
    }

    /// A probe came to a port that nobody has, which is what `traceroute` wants: the fault that kept the sender from
    /// being told, and whether it was told.
    pub(super) fn arrived_probe(
        &mut self,
        leg: &Leg<'e>,
        socket: Option<SocketId>,
        lives: &mut Vec<Leg<'e>>,
    ) -> (Option<Fault>, bool) {
        if let Some(fault) = self.came_round(leg) {
            return (Some(fault), false);
        }
        let packet = leg.life.packet;
        let here = leg.life.place().namespace;
        let way = self.trails.answering_way(packet);
        match self.trails.error_about(packet) {
            Some(told) if told.heard => return (None, true),
            Some(_) => {
                let answer = self.trails.kin(packet, Kin::Error).next();
                let number = lives.len();
                if let Some(answer) = answer
                    && let (Some(fault), _) = self.follow(answer, way, true, socket, lives)
                {
                    return (Some(fault), false);
                }
                lives.truncate(number);
            }
            None => {
                if let Some(way) = way.filter(|way| way.failed) {
                    let back = Leg { back: true, ..leg.clone() };
                    return (Some(self.refused_or_missing(&back, here, &way)), false);
                }
            }
        }
        (self.dropped(leg), false)
    }

    /// Of which requests nobody told the sender, because of the limits on ICMP errors. Where a traceroute arrived, what
    /// would have lived longer than it had to does not count: nothing is printed of it.
    pub(super) fn silences(
        &self,
        fates: &[(Attempt<'e>, Fate<'e>)],
        told: usize,
    ) -> (Vec<String>, Vec<Evidence>) {
        let age = |fate: &Fate<'e>| {
            let sent = fate.lives.first()?.life.hops.first()?.output.as_ref()?;
            addresses_of(sent.1).map(|(_, _, time_to_live)| time_to_live)
        };
        let arrived = fates.get(told).filter(|(_, fate)| self.traces() && fate.fault.is_none());
        let oldest = arrived.and_then(|(_, fate)| age(fate));
        let mut silences: Vec<Silence> = Vec::new();
        for (_, fate) in
            fates.iter().filter(|(_, fate)| oldest.is_none_or(|oldest| age(fate) <= Some(oldest)))
        {
            for leg in fate.lives.iter().filter(|leg| !leg.back) {
                let Some((event, to)) = self.trails.silenced(leg.life.packet) else { continue };
                match silences.iter_mut().find(|silence| silence.namespace == event.namespace) {
                    Some(silence) => silence.requests += 1,
                    None => {
                        let (namespace, event) = (event.namespace.clone(), event.number);
                        silences.push(Silence { namespace, event, to, requests: 1 });
                    }
                }
            }
        }
        let mut sentences: Vec<String> =
            silences.iter().map(|silence| self.silent(silence, fates.len())).collect();
        if self.traces() && !silences.is_empty() {
            sentences.push("traceroute prints '*' for what nobody told of.".to_owned());
        }
        let evidence = silences.into_iter().map(|Silence { namespace, event, to, .. }| {
            let fact = Fact::RateLimited { event, to };
            Evidence { namespace, fact }
        });
        (sentences, evidence.collect())
    }

    fn silent(&self, Silence { namespace, to, requests, .. }: &Silence, total: usize) -> String {
        let what = if self.traces() { "probes" } else { "requests" };
        format!(
            "Of {requests} of the {total} {what} {namespace} told nothing: a machine sends one address only so many ICMP \
             errors in a short time, and {to} had had them (icmpv4_xrlim_allow)."
        )
    }
}
