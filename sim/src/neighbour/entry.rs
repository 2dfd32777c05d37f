//! One neighbour entry: the state machine of `net/core/neighbour.c`. The methods decide: they change the entry
//! and say what is to be done.

use crate::hook::PostRouted;
use crate::timer::expiry;
use std::collections::VecDeque;
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::NeighbourCause;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::NeighbourState;

/// `BASE_REACHABLE_TIME`: how long an answer counts, on average.
pub(crate) const BASE_REACHABLE_TIME: Duration = Duration::from_secs(30);
/// `DELAY_PROBE_TIME`: how long a stale entry is used before it is asked again.
const DELAY_PROBE_TIME: Duration = Duration::from_secs(5);
/// `RETRANS_TIME`: time between two questions.
const RETRANS_TIME: Duration = Duration::from_secs(1);
/// `LOCKTIME`: for so long an answer is not overridden by another.
pub(super) const LOCKTIME: Duration = Duration::from_secs(1);
/// `UCAST_PROBES`: questions to the known address.
pub(super) const UNICAST_PROBES: u32 = 3;
/// `MCAST_PROBES`: questions to everybody.
const MULTICAST_PROBES: u32 = 3;
/// `QUEUE_LEN_BYTES`: how much may wait for an answer, in bytes (`SK_WMEM_MAX`).
const QUEUE_BYTES: usize = 212_992;
/// What a packet costs beside its own bytes (`sizeof(struct sk_buff)` and shared info, rounded).
const PACKET_OVERHEAD: usize = 640;

/// `NUD_VALID`: the address is known, if perhaps old.
pub(crate) const VALID: NeighbourState = NeighbourState::PERMANENT
    .union(NeighbourState::NO_ARP)
    .union(NeighbourState::REACHABLE)
    .union(NeighbourState::PROBE)
    .union(NeighbourState::STALE)
    .union(NeighbourState::DELAY);
/// `NUD_CONNECTED`: the address is known to be right.
const CONNECTED: NeighbourState =
    NeighbourState::PERMANENT.union(NeighbourState::NO_ARP).union(NeighbourState::REACHABLE);
/// `NUD_IN_TIMER`: a timer runs.
const IN_TIMER: NeighbourState = NeighbourState::INCOMPLETE
    .union(NeighbourState::REACHABLE)
    .union(NeighbourState::DELAY)
    .union(NeighbourState::PROBE);

/// One entry (`struct neighbour`).
#[derive(Clone, Debug)]
pub(crate) struct Neighbour {
    pub(crate) state: NeighbourState,
    /// The address, meaningful while the state is valid (`neigh->ha`).
    pub(crate) address: MacAddress,
    /// What waits for the address, if anything does.
    queue: Option<Box<ArpQueue>>,
    pub(super) probes: u32,
    used: Instant,
    pub(super) updated: Instant,
    /// When it was last known to be right; `None` is long ago.
    confirmed: Option<Instant>,
    /// For how long a confirmation counts, drawn at random for each link.
    pub(super) reachable_time: Duration,
    /// The timer that counts; earlier ones were cancelled.
    pub(super) timer: u64,
}

/// Packets that wait for an address (`arp_queue`).
#[derive(Clone, Debug, Default)]
struct ArpQueue {
    packets: VecDeque<PostRouted>,
    /// What they cost, in bytes (`arp_queue_len_bytes`).
    bytes: usize,
}

/// What to do about a packet that needs an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Send it to this address.
    Send(MacAddress),
    /// It waits; where `probe`, ask.
    Wait { probe: bool },
}

/// What to do when a timer ran out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TimerOutcome {
    pub(super) probe: bool,
    pub(super) failed: bool,
}

/// How an entry is to be changed (`NEIGH_UPDATE_F_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Update {
    pub(crate) address: Option<MacAddress>,
    pub(crate) state: NeighbourState,
    /// A known address may be replaced by another.
    pub(crate) overrides: bool,
    /// The administrator asks: even a permanent entry may change.
    pub(crate) administrator: bool,
    pub(crate) cause: NeighbourCause,
}

impl Neighbour {
    pub(super) fn new(now: Instant, reachable_time: Duration) -> Neighbour {
        Neighbour {
            state: NeighbourState::empty(),
            address: MacAddress::ZERO,
            queue: None,
            probes: 0,
            used: now,
            updated: now,
            confirmed: None,
            reachable_time,
            timer: 0,
        }
    }

    #[inline]
    pub(super) fn is(&self, states: NeighbourState) -> bool {
        self.state.intersects(states)
    }

    /// The kernel also says yes at the very end of the span, and looks again a clock tick later; here there
    /// are no ticks, and looking again at the same instant would never end.
    /// The neighbour is there. What comes of it is seen when its timer runs out (`neigh_timer_handler`).
    pub(super) fn confirm(&mut self, now: Instant) {
        self.confirmed = Some(now);
    }

    fn confirmed_within(&self, span: Duration, now: Instant) -> bool {
        self.confirmed.is_some_and(|confirmed| now < confirmed + span)
    }

    /// A packet needs the entry: its address, where it is known and needing it alters nothing but when it was used last.
    #[inline]
    pub(crate) fn use_known(&mut self, now: Instant) -> Option<MacAddress> {
        if !self.is(CONNECTED) {
            if !self.is(NeighbourState::DELAY | NeighbourState::PROBE) {
                return None;
            }
            self.used = now;
        }
        Some(self.address)
    }

    /// A packet needs the entry (`neigh_resolve_output` with `__neigh_event_send`). When a timer is to be
    /// set, its time comes second.
    pub(super) fn use_for_packet(&mut self, now: Instant) -> (Use, Option<Instant>) {
        if let Some(address) = self.use_known(now) {
            return (Use::Send(address), None);
        }
        self.used = now;
        if self.is(NeighbourState::STALE) {
            self.state = NeighbourState::DELAY;
            self.updated = now;
            return (Use::Send(self.address), Some(now + DELAY_PROBE_TIME));
        }
        if self.is(NeighbourState::INCOMPLETE) {
            return (Use::Wait { probe: false }, None);
        }
        self.state = NeighbourState::INCOMPLETE;
        self.probes = UNICAST_PROBES;
        self.updated = now;
        (Use::Wait { probe: true }, Some(now + RETRANS_TIME))
    }

    /// How many bytes the packets take that wait.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.bytes)
    }

    /// Lets a packet wait; the oldest ones make room (`__neigh_event_send`).
    pub(super) fn enqueue(&mut self, packet: PostRouted) -> Vec<PostRouted> {
        let size = |packet: &PostRouted| packet.packet().frame().len() + PACKET_OVERHEAD;
        let mut dropped = Vec::new();
        let queue = self.queue.get_or_insert_default();
        while queue.bytes + size(&packet) > QUEUE_BYTES {
            let Some(oldest) = queue.packets.pop_front() else { break };
            queue.bytes -= size(&oldest);
            dropped.push(oldest);
        }
        queue.bytes += size(&packet);
        queue.packets.push_back(packet);
        dropped
    }

    pub(super) fn take_waiting(&mut self) -> VecDeque<PostRouted> {
        self.queue.take().map(|queue| queue.packets).unwrap_or_default()
    }

    /// The packets that wait, the oldest first.
    pub(super) fn waiting(&self) -> impl DoubleEndedIterator<Item = &PostRouted> {
        self.queue.iter().flat_map(|queue| &queue.packets)
    }

    /// Whether a packet that waits holds a socket.
    pub(super) fn holds_socket(&self) -> bool {
        self.waiting().any(|packet| packet.packet().holds_socket)
    }

    /// `neigh_max_probes`: nobody is asked by broadcast again once the address was known.
    fn most_probes(&self) -> u32 {
        if self.is(NeighbourState::PROBE) { UNICAST_PROBES } else { UNICAST_PROBES + MULTICAST_PROBES }
    }

    /// The timer ran out (`neigh_timer_handler`). When it is to be set again, its time comes second.
    pub(super) fn timer_ran_out(&mut self, now: Instant) -> (TimerOutcome, Option<Instant>) {
        let mut next = now + RETRANS_TIME;
        if !self.is(IN_TIMER) {
            return (TimerOutcome::default(), None);
        }
        if self.is(NeighbourState::REACHABLE) {
            if self.confirmed_within(self.reachable_time, now) {
                next = self.confirmed.unwrap_or(now) + self.reachable_time;
            } else if now <= self.used + DELAY_PROBE_TIME {
                self.state = NeighbourState::DELAY;
                self.updated = now;
                next = now + DELAY_PROBE_TIME;
            } else {
                self.state = NeighbourState::STALE;
                self.updated = now;
            }
        } else if self.is(NeighbourState::DELAY) {
            self.updated = now;
            if self.confirmed_within(DELAY_PROBE_TIME, now) {
                self.state = NeighbourState::REACHABLE;
                next = self.confirmed.unwrap_or(now) + self.reachable_time;
            } else {
                self.state = NeighbourState::PROBE;
                self.probes = 0;
            }
        }
        let asking = self.is(NeighbourState::INCOMPLETE | NeighbourState::PROBE);
        if asking && self.probes >= self.most_probes() {
            self.state = NeighbourState::FAILED;
            self.updated = now;
            return (TimerOutcome { probe: false, failed: true }, None);
        }
        let next = self.is(IN_TIMER).then_some(next);
        (TimerOutcome { probe: asking, failed: false }, next)
    }

    /// Another stack has the same entry in this state. Where the two differ only in whether the timer ran out that
    /// makes a reachable neighbour a stale one, which is late by chance, the other stack is right. When a timer is to
    /// be set, its time is given.
    pub(super) fn agree(
        &mut self,
        address: MacAddress,
        state: NeighbourState,
        now: Instant,
    ) -> Option<Instant> {
        let confirmed = self.confirmed?;
        let due = confirmed + self.reachable_time;
        let latest = due + 2 * expiry(confirmed, due).since(due);
        let by_timer = |state| state == NeighbourState::REACHABLE || state == NeighbourState::STALE;
        let same_but_for_it = address == self.address && by_timer(state) && by_timer(self.state);
        if state == self.state || !same_but_for_it || !(due..=latest).contains(&now) {
            return None;
        }
        self.state = state;
        self.timer = self.timer.wrapping_add(1);
        self.is(NeighbourState::REACHABLE).then_some(latest)
    }

    /// News of the entry (`__neigh_update`). When a timer is to be set, its time comes second; the first is
    /// whether what waited is to be failed.
    pub(super) fn update(
        &mut self,
        update: &Update,
        now: Instant,
    ) -> Result<(bool, Option<Instant>), StackError> {
        let (old, mut new) = (self.state, update.state);
        if !update.administrator && self.is(NeighbourState::NO_ARP | NeighbourState::PERMANENT) {
            return Err(Errno::EPERM.into());
        }
        if !new.intersects(VALID) {
            self.state = new;
            self.timer += 1;
            let asked = old.intersects(NeighbourState::INCOMPLETE | NeighbourState::PROBE);
            return Ok((asked && new.contains(NeighbourState::FAILED), None));
        }
        let was_valid = old.intersects(VALID);
        let address = match update.address {
            Some(address) => address,
            None if was_valid => self.address,
            None => return Err(StackError::with_extack(Errno::EINVAL, "No link layer address given")),
        };
        if new.intersects(CONNECTED) {
            self.confirmed = Some(now);
        }
        let moved = !was_valid || address != self.address;
        if was_valid {
            if moved && !update.overrides {
                return Ok((false, None));
            }
            if !moved && new == NeighbourState::STALE && !update.administrator {
                new = old;
            }
        }
        let mut timer = None;
        if new != old || moved {
            self.updated = now;
        }
        if new != old {
            self.timer += 1;
            if new.contains(NeighbourState::PROBE) {
                self.probes = 0;
            }
            if new.intersects(IN_TIMER) {
                let reachable = new.contains(NeighbourState::REACHABLE);
                timer = Some(if reachable { now + self.reachable_time } else { now });
            }
            self.state = new;
        }
        if moved {
            self.address = address;
            if !new.intersects(CONNECTED) {
                self.confirmed = None;
            }
        }
        Ok((false, timer))
    }
}
