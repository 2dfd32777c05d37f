//! Ways that packets took before: what is asked again and again is found in one step.
//!
//! A way is remembered only where it follows from what is configured alone, and is void as soon as anything configured
//! changes anywhere ([`Namespaces`] counts that). What traffic alters is looked at each
//! time: whether the neighbour is known, and that it was used. What is learned of single destinations, a hook, a handler
//! of the link and whoever listens make packets go the long way, on which the same happens. A kept moment remembers
//! nothing.

#[cfg(test)]
mod tests;

use crate::device::{Delivery, Told};
use crate::id::{LinkId, NamespaceId};
use crate::ipv4::route::{InputDecision, OutputQuery, Route, cache};
use crate::namespaces::Namespaces;
use crate::neighbour;
use crate::packet::{Packet, longest_network};
use crate::receive::{Addressee, Incoming};
use crate::runtime::Runtime;
use crate::world::World;
use std::fmt;
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::time::Instant;
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::ethernet::{self, ethertype};
use vethlab_shared::wire::ipv4::{FixedHeader, decrease_ttl};

/// How many ways of one sort a namespace remembers at the most.
const MOST: usize = 1 << 14;
/// In how many places one of them may be.
const WAYS: usize = 8;

/// What a packet goes by that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    input: IfIndex,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    tos: u8,
}

impl Key {
    #[inline]
    fn of(input: IfIndex, header: FixedHeader<'_>) -> Key {
        let (source, destination, tos) = (header.source(), header.destination(), header.tos());
        Key { input, source, destination, tos }
    }
}

/// What is known of packets that came in alike.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The address of the link that they came in by.
    station: MacAddress,
    way: Way,
}

/// What becomes of a packet that came in.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// It is for this machine.
    Local,
    /// It is sent on.
    Forward(NextHop),
}

/// The neighbour that a packet is handed to next, with all that this takes (`struct hh_cache`).
#[derive(Clone, Copy, Debug)]
struct NextHop {
    /// The link that packets leave by, and its address.
    output: IfIndex,
    source: MacAddress,
    /// The neighbour's address, and where its entry was.
    address: Ipv4Addr,
    place: u32,
    /// The link that takes in whatever leaves by the output.
    peer: LinkId,
    /// The longest packet that goes, in bytes.
    longest: u32,
}

impl NextHop {
    /// Puts the Ethernet header on a packet, and counts it as sent: then it is under way to the peer. Gives the frame's
    /// length. Nothing is done where the neighbour has to be asked, or its entry to be altered.
    #[inline(always)]
    fn send(
        &self,
        packet: &mut Packet,
        from: NamespaceId,
        runtime: &mut Runtime,
        now: Instant,
    ) -> Option<usize> {
        let entry = runtime.neighbours.at_place(self.place, self.output, self.address);
        let to = entry.and_then(|entry| entry.use_known(now))?;
        packet.buffer.set_ethernet(to, self.source, ethertype::IPV4);
        let bytes = packet.frame().len();
        runtime.counters.get_or_default(self.output).sent(bytes);
        packet.scrub(self.peer.namespace != from);
        Some(bytes)
    }
}

/// What became of a frame that came in, by what is known of such frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It is under way to the next link.
    SentOn,
    /// It is a whole packet for this machine, and nothing is wrong with it.
    Local,
    /// It needs a closer look.
    Unknown,
}

/// What is to be remembered of a packet that came in, once it is known what becomes of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lesson {
    at: LinkId,
    key: Key,
    station: MacAddress,
    epoch: u64,
}

/// The ways that a namespace remembers.
#[derive(Default)]
pub(crate) struct Flows {
    memories: Option<Box<Memories>>,
}

#[derive(Default)]
struct Memories {
    input: Memory<Key, Known>,
    output: Memory<OutputQuery, Route>,
    /// By the link that packets leave by, and the neighbour's address.
    next_hops: Memory<(IfIndex, Ipv4Addr), NextHop>,
}

/// What is remembered is nothing that can be told from outside.
impl fmt::Debug for Flows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flows")
    }
}

/// A copy remembers nothing: it is made for a kept moment.
impl Clone for Flows {
    fn clone(&self) -> Flows {
        Flows::default()
    }
}

impl Flows {
    /// What is known of a packet that came in.
    #[inline]
    fn input(&self, key: &Key, epoch: u64) -> Option<&Known> {
        self.memories.as_ref()?.input.get(key, epoch)
    }

    /// The route of a packet that is sent here.
    fn output(&self, query: &OutputQuery, epoch: u64) -> Option<&Route> {
        self.memories.as_ref()?.output.get(query, epoch)
    }

    /// The next hop with this address on a link.
    #[inline]
    fn next_hop(&self, output: IfIndex, address: Ipv4Addr, epoch: u64) -> Option<&NextHop> {
        self.memories.as_ref()?.next_hops.get(&(output, address), epoch)
    }

    /// What is remembered, to remember more.
    fn memories(&mut self) -> &mut Memories {
        self.memories.get_or_insert_default()
    }
}

/// A table in which each key has a few places, one behind the other. Where all of them are taken, the table grows, up to
/// a limit; from then on the last one that came stays.
struct Memory<K, V> {
    places: Vec<Option<Remembered<K, V>>>,
}

#[derive(Clone, Copy)]
struct Remembered<K, V> {
    key: K,
    epoch: u64,
    value: V,
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Memory<K, V> {
        Memory { places: Vec::new() }
    }
}

impl<K: FlowKey, V: Copy> Memory<K, V> {
    /// The places that a key has.
    fn places_of(&self, key: &K) -> impl Iterator<Item = usize> + use<K, V> {
        let (count, hash) = (self.places.len(), key.hash());
        (0..WAYS.min(count)).map(move |way| (hash as usize + way) & (count - 1))
    }

    #[inline]
    fn get(&self, key: &K, epoch: u64) -> Option<&V> {
        let hash = key.hash();
        // Without places the mask is that of none, and there is nothing at any place.
        let mask = self.places.len().wrapping_sub(1);
        for way in 0..WAYS {
            // A place that was taken once is never empty again, so that nothing lies behind an empty one.
            let known = self.places.get((hash as usize + way) & mask)?.as_ref()?;
            if known.key == *key && known.epoch == epoch {
                return Some(&known.value);
            }
        }
        None
    }

    /// Remembers something, in its own place or in that of nothing, or of what does not hold any more.
    fn put(&mut self, new: Remembered<K, V>) {
        let known = |place: &usize| self.places[*place].as_ref();
        let is_own = |place: &usize| known(place).is_some_and(|known| known.key == new.key);
        let is_free = |place: &usize| known(place).is_none_or(|known| known.epoch != new.epoch);
        let mut places = self.places_of(&new.key);
        let place = places.find(is_own).or_else(|| self.places_of(&new.key).find(is_free));
        if place.is_none() && self.places.len() < MOST {
            let count = (self.places.len() * 4).max(1);
            let old = std::mem::take(&mut self.places);
            self.places.resize_with(count, || None);
            let valid = old.into_iter().flatten().filter(|known| known.epoch == new.epoch);
            return valid.chain([new]).for_each(|known| self.put(known));
        }
        if let Some(place) = place.or_else(|| self.places_of(&new.key).next()) {
            self.places[place] = Some(new);
        }
    }
}

/// Spreads numbers over all bits (the finalizer of `MurmurHash3`).
#[inline]
fn mix(number: u64) -> u32 {
    let mut number = number;
    number ^= number >> 33;
    number = number.wrapping_mul(0xff51_afd7_ed55_8ccd);
    number ^= number >> 33;
    number as u32
}

/// What something is remembered by.
trait FlowKey: Copy + PartialEq {
    /// Where it is looked for.
    fn hash(&self) -> u32;
}

impl FlowKey for Key {
    #[inline]
    fn hash(&self) -> u32 {
        let addresses = u64::from(self.source.to_bits()) << 32 | u64::from(self.destination.to_bits());
        mix(addresses ^ u64::from(self.input.0).rotate_right(24) ^ u64::from(self.tos).rotate_right(8))
    }
}

impl FlowKey for OutputQuery {
    fn hash(&self) -> u32 {
        let source = self.source.map_or(0, Ipv4Addr::to_bits);
        let addresses = u64::from(source) << 32 | u64::from(self.destination.to_bits());
        mix(addresses ^ u64::from(self.tos).rotate_right(8))
    }
}

impl FlowKey for (IfIndex, Ipv4Addr) {
    #[inline]
    fn hash(&self) -> u32 {
        mix(u64::from(self.0.0) << 32 | u64::from(self.1.to_bits()))
    }
}

impl Namespaces {
    /// Sends a frame that came in on, by a way that is remembered: to the link that it comes in by next. It is left as it
    /// is where there is none, or where anything about the frame asks for a closer look.
    pub(crate) fn forward(&mut self, delivery: &mut Delivery, now: Instant) -> Arrival {
        let Delivery { to, packet, route: None, told } = delivery else { return Arrival::Unknown };
        let Some((link, bytes)) = packet.buffer.ethernet_mut() else { return Arrival::Unknown };
        let Some(header) = FixedHeader::new(bytes)
            .filter(|_| link[ethernet::field::ETHERTYPE] == ethertype::IPV4.to_be_bytes())
        else {
            return Arrival::Unknown;
        };
        let key = Key::of(to.index, header);
        let Some((flows, runtime, epoch)) = self.flows_mut(to.namespace) else { return Arrival::Unknown };
        let Some(known) = flows.input(&key, epoch) else { return Arrival::Unknown };
        let (length, available) = (usize::from(header.total_length()), bytes.len());
        let plain = link[ethernet::field::DESTINATION] == known.station.0
            && header.is_intact()
            && length <= available;
        if !plain {
            return Arrival::Unknown;
        }
        let next = match &known.way {
            Way::Forward(next) if header.time_to_live() > 1 && length <= next.longest as usize => next,
            Way::Local if !header.is_fragment() => {
                packet.buffer.trim(length);
                return Arrival::Local;
            }
            Way::Forward(_) | Way::Local => return Arrival::Unknown,
        };
        if length < available {
            packet.buffer.trim(length);
        }
        let Some(bytes) = next.send(packet, to.namespace, runtime, now) else { return Arrival::Unknown };
        decrease_ttl(packet.buffer.network_mut());
        (*to, *told) = (next.peer, Told::default());
        self.count_received(*to, bytes);
        Arrival::SentOn
    }

    /// What [`World::flow_send`] does.
    fn send(
        &mut self,
        from: NamespaceId,
        packet: &mut Packet,
        route: &Route,
        now: Instant,
    ) -> Option<LinkId> {
        let (flows, runtime, epoch) = self.flows_mut(from)?;
        let next = flows.next_hop(route.output, route.next_hop(), epoch)?;
        if packet.network().len() > route.mtu.min(next.longest) as usize {
            return None;
        }
        let bytes = next.send(packet, from, runtime, now)?;
        let peer = next.peer;
        self.count_received(peer, bytes);
        Some(peer)
    }

    #[inline]
    fn count_received(&mut self, at: LinkId, bytes: usize) {
        if let Some(runtime) = self.runtime_mut(at.namespace) {
            runtime.counters.get_or_default(at.index).received(bytes);
        }
    }
}

impl World {
    /// Whether anybody hears of what happens to single packets.
    #[inline]
    pub(crate) fn is_observed(&self) -> bool {
        self.trace.on || self.sockets.has_taps()
    }

    /// What a packet that came in is to be remembered by; nothing, where what is decided about it does not follow from
    /// what is configured alone, or where somebody listens.
    pub(crate) fn flow_lesson(&self, incoming: &Incoming) -> Option<Lesson> {
        let at = incoming.at;
        if self.is_observed() {
            return None;
        }
        let (net, link) = (self.net(at.namespace), self.link(at)?);
        let may = incoming.addressee == Addressee::Host
            && !net.rx_handlers.contains_key(&at.index)
            && net.exceptions.is_empty()
            && net.hooks.is_empty();
        let header = incoming.packet.buffer.ipv4().and_then(FixedHeader::new).filter(|_| may)?;
        let (_, epoch) = self.namespaces.flows(at.namespace)?;
        Some(Lesson { at, key: Key::of(at.index, header), station: link.address, epoch })
    }

    /// Remembers what became of a packet that came in. Where it was sent on, that is known only afterwards: the first
    /// packet makes the entry of the neighbour that it goes to.
    pub(crate) fn flow_learn(&mut self, lesson: Lesson, decision: &InputDecision) {
        let Lesson { at, key, station, epoch } = lesson;
        let way = match decision {
            InputDecision::Local(route) if route.kind == RouteKind::Local => Some(Way::Local),
            InputDecision::Forward(route) if !route.has(cache::REDIRECT) => {
                self.flow_next_hop(at.namespace, route).map(Way::Forward)
            }
            _ => None,
        };
        if let Some(way) = way
            && let Some((flows, ..)) = self.namespaces.flows_mut(at.namespace)
        {
            flows.memories().input.put(Remembered { key, epoch, value: Known { station, way } });
        }
    }

    /// The next hop of a route, where packets go to it without a look at them.
    fn flow_next_hop(&self, namespace: NamespaceId, route: &Route) -> Option<NextHop> {
        let output = self.link(LinkId { namespace, index: route.output })?;
        let peer_id =
            output.forward_path().filter(|_| output.is_up() && output.carrier && output.inet.is_some())?;
        let peer = self.link(peer_id).filter(|peer| peer.is_up())?;
        let address = neighbour::key_on(output, route.next_hop());
        let place = self.runtime(namespace).neighbours.place(output.index, address)?;
        Some(NextHop {
            output: output.index,
            source: output.address,
            address,
            place,
            peer: peer_id,
            longest: route.mtu.min(longest_network(peer.mtu)),
        })
    }

    /// The route of what is sent here, where it is remembered.
    pub(crate) fn flow_route(&self, at: NamespaceId, query: &OutputQuery) -> Option<Route> {
        let (flows, epoch) = self.namespaces.flows(at)?;
        flows.output(query, epoch).copied()
    }

    /// Remembers a route, where that may be.
    pub(crate) fn flow_learn_route(&mut self, at: NamespaceId, query: &OutputQuery, route: &Route) {
        if self.net(at).exceptions.is_empty()
            && let Some((flows, _, epoch)) = self.namespaces.flows_mut(at)
        {
            flows.memories().output.put(Remembered { key: *query, epoch, value: *route });
        }
    }

    /// Makes a packet that was made here leave by a next hop that is remembered, and gives the link that it comes in by.
    /// Nothing is done where there is none, or where anything about the packet asks for a closer look.
    pub(crate) fn flow_send(
        &mut self,
        at: NamespaceId,
        packet: &mut Packet,
        route: &Route,
    ) -> Option<LinkId> {
        if self.is_observed() { None } else { self.namespaces.send(at, packet, route, self.now) }
    }

    /// Remembers the next hop of what was sent here, where that may be: what goes to one station alone, and to no hook.
    pub(crate) fn flow_learn_next_hop(&mut self, at: NamespaceId, route: &Route) {
        if self.is_observed() || route.kind != RouteKind::Unicast || !self.net(at).hooks.is_empty() {
            return;
        }
        let Some(value) = self.flow_next_hop(at, route) else { return };
        if let Some((flows, _, epoch)) = self.namespaces.flows_mut(at) {
            let key = (route.output, route.next_hop());
            flows.memories().next_hops.put(Remembered { key, epoch, value });
        }
    }
}
