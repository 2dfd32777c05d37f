//! Neighbour entries: the state machine of `net/core/neighbour.c`, and its driving for ARP.
//!
//! [`Neighbour`]'s methods decide: they change one entry and say what is to be done. The methods of
//! [`World`] do it: send probes, send what waited, report errors.

use crate::device::{Link, LinkId};
use crate::packet::Packet;
use crate::queue::Pending;
use crate::world::World;
use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use vethlab_shared::change::{Modify, NeighbourSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::{DropReason, EventKind, NeighbourCause};
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::{LinkFlags, NeighbourState, RouteKind};

/// `BASE_REACHABLE_TIME`: how long an answer counts, on average.
pub(crate) const BASE_REACHABLE_TIME: Duration = Duration::from_secs(30);
/// `DELAY_PROBE_TIME`: how long a stale entry is used before it is asked again.
const DELAY_PROBE_TIME: Duration = Duration::from_secs(5);
/// `RETRANS_TIME`: time between two questions.
const RETRANS_TIME: Duration = Duration::from_secs(1);
/// `LOCKTIME`: for so long an answer is not overridden by another.
const LOCKTIME: Duration = Duration::from_secs(1);
/// `UCAST_PROBES`: questions to the known address.
const UNICAST_PROBES: u32 = 3;
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
    /// Packets that wait for the address (`arp_queue`).
    waiting: VecDeque<Packet>,
    waiting_bytes: usize,
    probes: u32,
    used: Instant,
    updated: Instant,
    /// When it was last known to be right; `None` is long ago.
    confirmed: Option<Instant>,
    /// For how long a confirmation counts, drawn at random for each link.
    reachable_time: Duration,
    /// The timer that counts; earlier ones were cancelled.
    timer: u64,
}

/// What to do about a packet that needs an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Send it to this address.
    Send(MacAddress),
    /// It waits; where `probe`, ask.
    Wait { probe: bool },
}

/// What to do when a timer ran out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct TimerOutcome {
    probe: bool,
    failed: bool,
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
    fn new(now: Instant, reachable_time: Duration) -> Neighbour {
        Neighbour {
            state: NeighbourState::empty(),
            address: MacAddress::ZERO,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            probes: 0,
            used: now,
            updated: now,
            confirmed: None,
            reachable_time,
            timer: 0,
        }
    }

    fn is(&self, states: NeighbourState) -> bool {
        self.state.intersects(states)
    }

    /// The kernel also says yes at the very end of the span, and looks again a clock tick later; here there
    /// are no ticks, and looking again at the same instant would never end.
    fn confirmed_within(&self, span: Duration, now: Instant) -> bool {
        self.confirmed.is_some_and(|confirmed| now < confirmed + span)
    }

    /// A packet needs the entry (`neigh_resolve_output` with `__neigh_event_send`). When a timer is to be
    /// set, its time comes second.
    fn use_for_packet(&mut self, now: Instant) -> (Use, Option<Instant>) {
        if self.is(CONNECTED) {
            return (Use::Send(self.address), None);
        }
        self.used = now;
        if self.is(NeighbourState::DELAY | NeighbourState::PROBE) {
            return (Use::Send(self.address), None);
        }
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

    /// Lets a packet wait; the oldest ones make room (`__neigh_event_send`).
    fn enqueue(&mut self, packet: Packet) -> Vec<Packet> {
        let size = |packet: &Packet| packet.frame().len() + PACKET_OVERHEAD;
        let mut dropped = Vec::new();
        while self.waiting_bytes + size(&packet) > QUEUE_BYTES {
            let Some(oldest) = self.waiting.pop_front() else { break };
            self.waiting_bytes -= size(&oldest);
            dropped.push(oldest);
        }
        self.waiting_bytes += size(&packet);
        self.waiting.push_back(packet);
        dropped
    }

    fn take_waiting(&mut self) -> VecDeque<Packet> {
        self.waiting_bytes = 0;
        std::mem::take(&mut self.waiting)
    }

    /// `neigh_max_probes`: nobody is asked by broadcast again once the address was known.
    fn most_probes(&self) -> u32 {
        if self.is(NeighbourState::PROBE) { UNICAST_PROBES } else { UNICAST_PROBES + MULTICAST_PROBES }
    }

    /// The timer ran out (`neigh_timer_handler`). When it is to be set again, its time comes second.
    fn timer_ran_out(&mut self, now: Instant) -> (TimerOutcome, Option<Instant>) {
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

    /// News of the entry (`__neigh_update`). When a timer is to be set, its time comes second; the first is
    /// whether what waited is to be failed.
    fn update(&mut self, update: &Update, now: Instant) -> Result<(bool, Option<Instant>), StackError> {
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

/// The neighbour table of a namespace: the entries of all its links (`arp_tbl`).
#[derive(Clone, Debug, Default)]
pub(crate) struct NeighbourTable {
    entries: BTreeMap<(IfIndex, Ipv4Addr), Neighbour>,
}

impl NeighbourTable {
    /// All entries, by link and address.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (IfIndex, Ipv4Addr, &Neighbour)> {
        self.entries.iter().map(|(&(link, destination), entry)| (link, destination, entry))
    }

    fn get_mut(&mut self, link: IfIndex, destination: Ipv4Addr) -> Option<&mut Neighbour> {
        self.entries.get_mut(&(link, destination))
    }

    /// Takes out the entries of a link (`neigh_flush_dev`); permanent ones too unless told to keep them.
    pub(crate) fn flush_link(&mut self, link: IfIndex, keep_permanent: bool) -> Vec<Packet> {
        let mut waiting = Vec::new();
        self.entries.retain(|&(of, _), entry| {
            let keep = of != link || (keep_permanent && entry.is(NeighbourState::PERMANENT));
            if !keep {
                waiting.extend(entry.take_waiting());
            }
            keep
        });
        waiting
    }
}

/// The key that an address has on a link: on loopback and point-to-point links there is but one entry
/// (`__ipv4_neigh_lookup_noref`).
fn key_on(link: &Link, destination: Ipv4Addr) -> Ipv4Addr {
    if link.flags.intersects(LinkFlags::LOOPBACK | LinkFlags::POINT_TO_POINT) {
        Ipv4Addr::UNSPECIFIED
    } else {
        destination
    }
}

/// The multicast Ethernet address of an IPv4 group (RFC 1112 section 6.4, `ip_eth_mc_map`).
fn multicast_mac(group: Ipv4Addr) -> MacAddress {
    let [_, b, c, d] = group.octets();
    MacAddress([0x01, 0x00, 0x5e, b & 0x7f, c, d])
}

impl World {
    /// Sends an IPv4 packet to a neighbour of a link (`ip_finish_output2`); whether it left, or may yet.
    pub(crate) fn neigh_output(
        &mut self,
        at: LinkId,
        next_hop: Ipv4Addr,
        packet: Packet,
        route: crate::ipv4::Kept,
    ) -> bool {
        let Some(key) = self.neigh_create(at, next_hop) else {
            self.drop_packet(at.namespace, packet.id, DropReason::NeighCreateFail);
            return false;
        };
        let now = self.now;
        let Some(entry) = self.net_mut(at.namespace).neighbours.get_mut(at.index, key) else { return false };
        let from = entry.state;
        let (todo, timer) = entry.use_for_packet(now);
        let to = entry.state;
        self.tell_neighbour(at, key, from, to, NeighbourCause::Used);
        if let Some(time) = timer {
            self.neigh_set_timer(at, key, time);
        }
        match todo {
            Use::Send(address) => self.neigh_send(at, address, packet, route),
            Use::Wait { probe } => {
                let dropped = match self.net_mut(at.namespace).neighbours.get_mut(at.index, key) {
                    Some(entry) => entry.enqueue(packet),
                    None => Vec::new(),
                };
                for oldest in dropped {
                    self.drop_packet(at.namespace, oldest.id, DropReason::NeighQueueFull);
                }
                if probe {
                    self.neigh_probe(at, key);
                }
                true
            }
        }
    }

    fn neigh_send(
        &mut self,
        at: LinkId,
        address: MacAddress,
        mut packet: Packet,
        route: crate::ipv4::Kept,
    ) -> bool {
        let Some(link) = self.link(at) else { return false };
        packet.set_ethernet(address, link.address, crate::packet::ETHERTYPE_IPV4);
        self.transmit(at, packet, route)
    }

    /// Finds or makes an entry and gives its key; `None` where the link takes none (`arp_constructor`).
    fn neigh_create(&mut self, at: LinkId, destination: Ipv4Addr) -> Option<Ipv4Addr> {
        let now = self.now;
        let link = self.link(at).filter(|link| link.ipv4)?;
        let key = key_on(link, destination);
        let net = self.net(at.namespace);
        if net.neighbours.entries.contains_key(&(at.index, key)) {
            return Some(key);
        }
        let mut entry = Neighbour::new(now, link.reachable_time);
        let fixed = if key.is_multicast() {
            Some(multicast_mac(key))
        } else if link.flags.intersects(LinkFlags::NO_ARP | LinkFlags::LOOPBACK) {
            Some(link.address)
        } else if net.address_type_on(key, at.index) == RouteKind::Broadcast
            || link.flags.contains(LinkFlags::POINT_TO_POINT)
        {
            Some(link.broadcast)
        } else {
            None
        };
        if let Some(address) = fixed {
            entry.state = NeighbourState::NO_ARP;
            entry.address = address;
        }
        self.net_mut(at.namespace).neighbours.entries.insert((at.index, key), entry);
        if self.trace.on
            && let Some(link) = self.link(at)
        {
            let link = link.name.clone();
            self.tell(at.namespace, None, || EventKind::NeighCreate { link, destination: key });
        }
        Some(key)
    }

    /// Takes in news of a neighbour, if there is an entry for it (`neigh_update`).
    ///
    /// # Errors
    /// The entry is the administrator's, or no address is known.
    pub(crate) fn neigh_update(
        &mut self,
        at: LinkId,
        key: Ipv4Addr,
        update: &Update,
    ) -> Result<(), StackError> {
        let now = self.now;
        let Some(entry) = self.net_mut(at.namespace).neighbours.get_mut(at.index, key) else { return Ok(()) };
        let from = entry.state;
        let (failed, timer) = entry.update(update, now)?;
        let to = entry.state;
        let ready = !from.intersects(VALID) && to.intersects(VALID);
        let waiting = if ready || failed { entry.take_waiting() } else { VecDeque::new() };
        self.tell_neighbour(at, key, from, to, update.cause);
        if let Some(time) = timer {
            self.neigh_set_timer(at, key, time);
        }
        for packet in waiting {
            if failed {
                self.neigh_failed(at, &packet);
            } else {
                // Sending what waited is a use like any other: it may take the entry from STALE to DELAY.
                self.neigh_output(at, key, packet, None);
            }
        }
        Ok(())
    }

    /// An ARP message came from this neighbour: it is known from now on (`neigh_event_ns`).
    pub(crate) fn neigh_heard_request(&mut self, at: LinkId, from: Ipv4Addr, address: MacAddress) -> bool {
        let Some(key) = self.neigh_create(at, from) else { return false };
        let update = Update {
            address: Some(address),
            state: NeighbourState::STALE,
            overrides: true,
            administrator: false,
            cause: NeighbourCause::Request,
        };
        // An entry of the administrator's own stays as it is; the request is answered all the same.
        let _kept = self.neigh_update(at, key, &update);
        true
    }

    /// Whether an answer may replace what is known, the last one being old enough.
    pub(crate) fn neigh_unlocked(&self, at: LinkId, key: Ipv4Addr) -> bool {
        let entry = self.net(at.namespace).neighbours.entries.get(&(at.index, key));
        entry.is_some_and(|entry| self.now > entry.updated + LOCKTIME)
    }

    fn neigh_set_timer(&mut self, at: LinkId, key: Ipv4Addr, time: Instant) {
        if let Some(entry) = self.net_mut(at.namespace).neighbours.get_mut(at.index, key) {
            entry.timer = entry.timer.wrapping_add(1);
            let generation = entry.timer;
            self.queue.push(time, Pending::NeighbourTimer { link: at, destination: key, generation });
        }
    }

    /// A timer of an entry ran out.
    pub(crate) fn neigh_timer(&mut self, at: LinkId, key: Ipv4Addr, generation: u64) {
        let now = self.now;
        let Some(net) = self.try_net_mut(at.namespace) else { return };
        let Some(entry) = net.neighbours.get_mut(at.index, key).filter(|entry| entry.timer == generation)
        else {
            return;
        };
        let from = entry.state;
        let (outcome, next) = entry.timer_ran_out(now);
        let to = entry.state;
        let waiting = if outcome.failed { entry.take_waiting() } else { VecDeque::new() };
        let cause = if outcome.failed { NeighbourCause::NoAnswer } else { NeighbourCause::Timer };
        self.tell_neighbour(at, key, from, to, cause);
        if let Some(time) = next {
            self.neigh_set_timer(at, key, time);
        }
        if outcome.probe {
            self.neigh_probe(at, key);
        }
        for packet in waiting {
            self.neigh_failed(at, &packet);
        }
    }

    /// Asks for a neighbour's address (`neigh_probe`): the known one first, then everybody.
    fn neigh_probe(&mut self, at: LinkId, key: Ipv4Addr) {
        let Some(entry) = self.net_mut(at.namespace).neighbours.get_mut(at.index, key) else { return };
        let unicast = (entry.probes < UNICAST_PROBES).then_some(entry.address);
        entry.probes += 1;
        let about = entry.waiting.back().cloned();
        self.arp_solicit(at, key, unicast, about.as_ref());
    }

    /// Nobody answered: what waited ends here, and its sender is told (`arp_error_report`).
    fn neigh_failed(&mut self, at: LinkId, packet: &Packet) {
        self.icmp_link_failure(at, packet);
        self.drop_packet(at.namespace, packet.id, DropReason::NeighFailed);
    }

    /// `RTM_NEWNEIGH` (`neigh_add`).
    ///
    /// # Errors
    /// As the kernel: `EEXIST`, `ENOENT`, `EINVAL` with "No link layer address given".
    pub(crate) fn neigh_add(
        &mut self,
        at: LinkId,
        how: Modify,
        spec: &NeighbourSpec,
    ) -> Result<(), StackError> {
        let Some(link) = self.link(at) else { return Err(Errno::ENODEV.into()) };
        let key = key_on(link, spec.destination);
        // Looked for by the very address; it is in making the entry that loopback's one entry is found.
        let exists = self.neigh_known(at, spec.destination);
        if !exists && !how.contains(Modify::CREATE) {
            return Err(Errno::ENOENT.into());
        }
        if exists && how.contains(Modify::EXCLUSIVE) {
            return Err(Errno::EEXIST.into());
        }
        if self.neigh_create(at, spec.destination).is_none() {
            return Err(Errno::EINVAL.into());
        }
        let update = Update {
            address: spec.address,
            state: spec.state,
            overrides: !exists || how.contains(Modify::REPLACE),
            administrator: true,
            cause: NeighbourCause::Administrator,
        };
        self.neigh_update(at, key, &update)
    }

    /// `RTM_DELNEIGH` (`neigh_delete`).
    ///
    /// # Errors
    /// `ENOENT` where there is no such entry.
    pub(crate) fn neigh_delete(&mut self, at: LinkId, destination: Ipv4Addr) -> Result<(), StackError> {
        if self.link(at).is_none() {
            return Err(Errno::ENODEV.into());
        }
        if !self.neigh_known(at, destination) {
            return Err(Errno::ENOENT.into());
        }
        let update = Update {
            address: None,
            state: NeighbourState::FAILED,
            overrides: true,
            administrator: true,
            cause: NeighbourCause::Administrator,
        };
        self.neigh_update(at, destination, &update)?;
        let entry = self.net_mut(at.namespace).neighbours.entries.remove(&(at.index, destination));
        for packet in entry.into_iter().flat_map(|mut entry| entry.take_waiting()) {
            self.drop_packet(at.namespace, packet.id, DropReason::NeighDead);
        }
        Ok(())
    }

    /// Takes out a link's entries (`neigh_ifdown`, `neigh_carrier_down`, `neigh_changeaddr`).
    pub(crate) fn neigh_flush(&mut self, at: LinkId, keep_permanent: bool) {
        for packet in self.net_mut(at.namespace).neighbours.flush_link(at.index, keep_permanent) {
            self.drop_packet(at.namespace, packet.id, DropReason::NeighDead);
        }
    }

    /// Whether there is an entry for this address on this link.
    pub(crate) fn neigh_known(&self, at: LinkId, key: Ipv4Addr) -> bool {
        self.net(at.namespace).neighbours.entries.contains_key(&(at.index, key))
    }

    fn tell_neighbour(
        &mut self,
        at: LinkId,
        destination: Ipv4Addr,
        from: NeighbourState,
        to: NeighbourState,
        cause: NeighbourCause,
    ) {
        if from != to
            && self.trace.on
            && let Some(link) = self.link(at)
        {
            let link = link.name.clone();
            self.tell(at.namespace, None, || EventKind::NeighUpdate { link, destination, from, to, cause });
        }
    }
}
