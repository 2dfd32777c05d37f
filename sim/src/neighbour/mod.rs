//! The neighbour table, and its driving for ARP.
//!
//! An [`Entry`](entry::Neighbour) decides what its state is; the methods of [`World`] here do what follows:
//! send probes, send what waited, report errors.

mod entry;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use entry::{BASE_REACHABLE_TIME, Update, VALID};
pub(crate) use table::NeighbourTable;

use crate::hook::PostRouted;
use crate::id::LinkId;
use crate::ipv4::source_of;
use crate::link::Link;
use crate::packet::Packet;
use crate::queue::Timer;
use crate::transmit::Xmit;
use crate::world::World;
use entry::{LOCKTIME, Neighbour, UNICAST_PROBES, Use};
use std::collections::VecDeque;
use std::net::Ipv4Addr;
use vethlab_shared::change::{Modify, NeighbourSpec};
use vethlab_shared::error::{Errno, StackError};
use vethlab_shared::event::{DropReason, EventKind, NeighbourCause};
use vethlab_shared::ipv4_only;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::view::{LinkFlags, NeighbourState, RouteKind};

/// The key that an address has on a link: on loopback and point-to-point links there is but one entry
/// (`__ipv4_neigh_lookup_noref`).
pub(crate) fn key_on(link: &Link, destination: Ipv4Addr) -> Ipv4Addr {
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
    /// Sends an IPv4 packet to a neighbour of a link (`ip_finish_output2`); what became of it.
    pub(crate) fn neigh_output(
        &mut self,
        at: LinkId,
        next_hop: Ipv4Addr,
        packet: PostRouted,
        route: crate::ipv4::Kept,
    ) -> Xmit {
        let Some(key) = self.neigh_create(at, next_hop) else {
            self.drop_packet(at.namespace, packet.packet().id, DropReason::NeighCreateFail);
            return Xmit::Dropped;
        };
        let Some(todo) = self.neigh_use(at, key) else { return Xmit::Dropped };
        match todo {
            Use::Send(address) => self.neigh_send(at, address, packet, route),
            Use::Wait { probe } => {
                let id = packet.packet().id;
                let Some(entry) = self.runtime_mut(at.namespace).neighbours.get_mut(at.index, key) else {
                    return Xmit::Dropped;
                };
                let dropped = entry.enqueue(packet);
                let waiting = entry.waiting().count();
                for oldest in dropped {
                    self.drop_packet(at.namespace, oldest.packet().id, DropReason::NeighQueueFull);
                }
                self.tell_at(at, Some(id), |link| EventKind::NeighEventSendDone {
                    link,
                    destination: key.into(),
                    waiting,
                });
                if probe {
                    self.neigh_probe(at, key);
                }
                Xmit::Sent
            }
        }
    }

    /// Whether a neighbour's address is known; if not, it is asked for (`neigh_event_send` without a packet).
    pub(crate) fn neigh_resolve(&mut self, at: LinkId, next_hop: Ipv4Addr) -> bool {
        let Some(key) = self.neigh_create(at, next_hop) else { return false };
        let known = self.runtime(at.namespace).neighbours.get(at.index, key);
        if known.is_some_and(|entry| entry.state.intersects(VALID)) {
            return true;
        }
        if self.neigh_use(at, key) == Some(Use::Wait { probe: true }) {
            self.neigh_probe(at, key);
        }
        false
    }

    /// Needs an entry: it may change its state and set its timer (`neigh_event_send`).
    fn neigh_use(&mut self, at: LinkId, key: Ipv4Addr) -> Option<Use> {
        let now = self.now;
        let entry = self.runtime_mut(at.namespace).neighbours.get_mut(at.index, key)?;
        let from = entry.state;
        let (todo, timer) = entry.use_for_packet(now);
        let to = entry.state;
        self.tell_neighbour(at, key, from, to, NeighbourCause::Used);
        if let Some(time) = timer {
            self.neigh_set_timer(at, key, time);
        }
        Some(todo)
    }

    fn neigh_send(
        &mut self,
        at: LinkId,
        address: MacAddress,
        packet: PostRouted,
        route: crate::ipv4::Kept,
    ) -> Xmit {
        let Some(link) = self.link(at) else { return Xmit::Dropped };
        let frame = packet.into_frame(address, link.address);
        self.transmit(at, frame, route)
    }

    /// Finds or makes an entry and gives its key; `None` where the link takes none (`arp_constructor`).
    fn neigh_create(&mut self, at: LinkId, destination: Ipv4Addr) -> Option<Ipv4Addr> {
        let now = self.now;
        let link = self.link(at)?;
        let reachable_time = link.inet.as_ref()?.reachable_time;
        let key = key_on(link, destination);
        let net = self.net(at.namespace);
        if self.neigh_known(at, key) {
            return Some(key);
        }
        let mut entry = Neighbour::new(now, reachable_time);
        let fixed = if key.is_multicast() {
            Some(multicast_mac(key))
        } else if link.flags.intersects(LinkFlags::NO_ARP | LinkFlags::LOOPBACK) {
            Some(link.address)
        } else if net.address_type(key) == RouteKind::Broadcast
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
        let state = entry.state;
        self.runtime_mut(at.namespace).neighbours.insert(at.index, key, entry);
        self.tell_at(at, None, |link| EventKind::NeighCreate { link, destination: key.into(), state });
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
        let Some(entry) = self.runtime_mut(at.namespace).neighbours.get_mut(at.index, key) else {
            return Ok(());
        };
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
                self.neigh_failed(at, packet.packet());
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
        let entry = self.runtime(at.namespace).neighbours.get(at.index, key);
        entry.is_some_and(|entry| self.now > entry.updated + LOCKTIME)
    }

    fn neigh_set_timer(&mut self, at: LinkId, key: Ipv4Addr, time: Instant) {
        if let Some(entry) = self.runtime_mut(at.namespace).neighbours.get_mut(at.index, key) {
            entry.timer = entry.timer.wrapping_add(1);
            let generation = entry.timer;
            let time = crate::timer::expiry(self.now, time);
            self.queue.set_timer(time, Timer::Neighbour { link: at, destination: key, generation });
        }
    }

    /// A timer of an entry ran out.
    pub(crate) fn neigh_timer(&mut self, at: LinkId, key: Ipv4Addr, generation: u64) {
        let now = self.now;
        let Some(runtime) = self.namespaces.runtime_mut(at.namespace) else { return };
        let entry = runtime.neighbours.get_mut(at.index, key);
        let Some(entry) = entry.filter(|entry| entry.timer == generation) else { return };
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
            self.neigh_failed(at, packet.packet());
        }
    }

    /// Asks for a neighbour's address (`neigh_probe`): the known one first, then everybody.
    fn neigh_probe(&mut self, at: LinkId, key: Ipv4Addr) {
        let Some(entry) = self.runtime_mut(at.namespace).neighbours.get_mut(at.index, key) else { return };
        let unicast = (entry.probes < UNICAST_PROBES).then_some(entry.address);
        entry.probes += 1;
        let about = entry.waiting().next_back().map(PostRouted::packet);
        let about = about.map(|packet| (packet.id, source_of(packet.network())));
        self.arp_solicit(at, key, unicast, about);
    }

    /// Nobody answered: what waited ends here, and its sender is told (`arp_error_report`).
    fn neigh_failed(&mut self, at: LinkId, packet: &Packet) {
        self.icmp_link_failure(at, packet);
        self.drop_packet(at.namespace, packet.id, DropReason::NeighFailed);
    }

    /// For how long an answer counts on a link, from now on and for the entries that there are.
    pub(crate) fn set_reachable_time(&mut self, at: LinkId, time: Duration) {
        let Some(inet) = self.link_mut(at).and_then(|link| link.inet.as_mut()) else { return };
        if inet.reachable_time == time {
            return;
        }
        inet.reachable_time = time;
        let here = self.runtime_mut(at.namespace).neighbours.on_link_mut(at.index);
        here.for_each(|entry| entry.reachable_time = time);
    }

    /// Another stack has the same entry in this state: see [`Neighbour::agree`].
    pub(crate) fn neigh_agree(
        &mut self,
        at: LinkId,
        key: Ipv4Addr,
        address: MacAddress,
        state: NeighbourState,
    ) {
        let now = self.now;
        let Some(entry) = self.runtime_mut(at.namespace).neighbours.get_mut(at.index, key) else { return };
        let from = entry.state;
        let timer = entry.agree(address, state, now);
        let to = entry.state;
        self.tell_neighbour(at, key, from, to, NeighbourCause::Timer);
        if let Some(time) = timer {
            self.neigh_set_timer(at, key, time);
        }
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
        let destination = ipv4_only::address(spec.destination)?;
        let Some(link) = self.link(at) else { return Err(Errno::ENODEV.into()) };
        let key = key_on(link, destination);
        // Looked for by the very address; it is in making the entry that loopback's one entry is found.
        let exists = self.neigh_known(at, destination);
        if !exists && !how.contains(Modify::CREATE) {
            return Err(Errno::ENOENT.into());
        }
        if exists && how.contains(Modify::EXCLUSIVE) {
            return Err(Errno::EEXIST.into());
        }
        if self.neigh_create(at, destination).is_none() {
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
        if let Some(mut entry) = self.runtime_mut(at.namespace).neighbours.remove(at.index, destination) {
            let waiting = entry.take_waiting();
            self.neigh_release(at, destination, waiting);
        }
        Ok(())
    }

    /// An address turns out to be a broadcast address: an entry for it that is not valid goes
    /// (`arp_invalidate`).
    pub(crate) fn neigh_invalidate(&mut self, at: LinkId, address: Ipv4Addr) {
        let entry = self.runtime(at.namespace).neighbours.get(at.index, address);
        if entry.is_some_and(|entry| !entry.state.intersects(VALID)) {
            // The entry is there, which is all that deleting it asks for.
            let _deleted = self.neigh_delete(at, address);
        }
    }

    /// Takes out a link's entries (`neigh_ifdown`, `neigh_carrier_down`, `neigh_changeaddr`).
    pub(crate) fn neigh_flush(&mut self, at: LinkId, keep_permanent: bool) {
        for (destination, waiting) in
            self.runtime_mut(at.namespace).neighbours.flush_link(at.index, keep_permanent)
        {
            self.neigh_release(at, destination, waiting);
        }
    }

    /// An entry is gone, and with it what waited in it (`neigh_cleanup_and_release`, `neigh_destroy`).
    fn neigh_release(&mut self, at: LinkId, destination: Ipv4Addr, waiting: VecDeque<PostRouted>) {
        let destination = destination.into();
        self.tell_at(at, None, |link| EventKind::NeighCleanupAndRelease { link, destination });
        for packet in waiting {
            self.drop_packet(at.namespace, packet.packet().id, DropReason::QueuePurge);
        }
    }

    /// A protocol above knows that the neighbour is there (`sock_confirm_neigh`).
    pub(crate) fn neigh_confirm(&mut self, at: LinkId, address: Ipv4Addr) {
        let now = self.now;
        if let Some(entry) = self.runtime_mut(at.namespace).neighbours.get_mut(at.index, address) {
            entry.confirm(now);
        }
    }

    /// Whether there is an entry for this address on this link.
    pub(crate) fn neigh_known(&self, at: LinkId, key: Ipv4Addr) -> bool {
        self.runtime(at.namespace).neighbours.get(at.index, key).is_some()
    }

    fn tell_neighbour(
        &mut self,
        at: LinkId,
        destination: Ipv4Addr,
        from: NeighbourState,
        to: NeighbourState,
        cause: NeighbourCause,
    ) {
        if from != to {
            let destination = destination.into();
            self.tell_at(at, None, |link| EventKind::NeighUpdate { link, destination, from, to, cause });
        }
    }
}
