//! Ways that packets took before: what is asked again and again is found in one step.
//!
//! A way is remembered only where it follows from what is configured alone, and is void as soon as anything configured
//! changes anywhere ([`Namespaces`] counts that). What traffic alters is looked at each
//! time: whether the neighbour is known, and that it was used. What is learned of single destinations, a hook, a handler
//! of the link and whoever listens make packets go the long way, on which the same happens. A kept moment remembers
//! nothing.

#[cfg(test)]
mod tests;

use crate::device::Delivery;
use crate::id::{LinkId, NamespaceId};
use crate::ipv4::route::{InputDecision, OutputQuery, Route, cache};
use crate::namespaces::Namespaces;
use crate::neighbour;
use crate::packet::longest_network;
use crate::receive::{Addressee, Incoming};
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
const MOST: usize = 4096;

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

/// What becomes of a packet that came in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// It is for this machine.
    Local,
    /// It is sent on.
    Forward(Forward),
}

/// How a packet is sent on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forward {
    /// The address of the link that it came in by, and that of the link that it leaves by.
    stations: [MacAddress; 2],
    output: IfIndex,
    /// The neighbour that is next, and where its entry was.
    next_hop: Ipv4Addr,
    place: u32,
    /// The longest packet that goes, in bytes.
    longest: u32,
    /// The link that takes in whatever leaves by the output.
    peer: LinkId,
}

/// The ways that a namespace remembers.
#[derive(Default)]
pub(crate) struct Flows {
    memories: Option<Box<Memories>>,
}

#[derive(Default)]
struct Memories {
    input: Memory<Key, Way>,
    output: Memory<OutputQuery, Route>,
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
    /// The way of a packet that came in.
    #[inline]
    pub(crate) fn input(&self, key: &Key, epoch: u64) -> Option<&Way> {
        self.memories.as_ref()?.input.get(input_hash(key), key, epoch)
    }

    /// The route of a packet that is sent here.
    fn output(&self, query: &OutputQuery, epoch: u64) -> Option<&Route> {
        self.memories.as_ref()?.output.get(output_hash(query), query, epoch)
    }
}

/// A table in which each key has one place, where the last one that came stays.
struct Memory<K, V> {
    places: Vec<Option<Remembered<K, V>>>,
}

#[derive(Clone, Copy)]
struct Remembered<K, V> {
    hash: u32,
    key: K,
    epoch: u64,
    value: V,
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Memory<K, V> {
        Memory { places: Vec::new() }
    }
}

impl<K: Copy + PartialEq, V: Copy> Memory<K, V> {
    #[inline]
    fn get(&self, hash: u32, key: &K, epoch: u64) -> Option<&V> {
        // Without places the mask is that of none, and there is nothing at any place.
        let mask = self.places.len().wrapping_sub(1);
        let found = self.places.get(hash as usize & mask)?.as_ref()?;
        (found.epoch == epoch && found.key == *key).then_some(&found.value)
    }

    /// Remembers something. Where it meets something else that still holds, there are twice as many places from then
    /// on, up to a limit.
    fn put(&mut self, hash: u32, key: K, epoch: u64, value: V) {
        /// Places at first.
        const FEW: usize = 4;
        let place = |places: &Vec<_>| hash as usize & (places.len().wrapping_sub(1));
        let meets = |known: &Remembered<K, V>| known.epoch == epoch && known.key != key;
        let crowded =
            self.places.get(place(&self.places)).is_none_or(|known| known.as_ref().is_some_and(meets));
        if crowded && self.places.len() < MOST {
            let count = (self.places.len() * 2).max(FEW);
            let old = std::mem::take(&mut self.places);
            self.places.resize_with(count, || None);
            for known in old.into_iter().flatten().filter(|known| known.epoch == epoch) {
                let at = known.hash as usize & (count - 1);
                self.places[at] = Some(known);
            }
        }
        let at = place(&self.places);
        self.places[at] = Some(Remembered { hash, key, epoch, value });
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

#[inline]
fn input_hash(key: &Key) -> u32 {
    let addresses = u64::from(key.source.to_bits()) << 32 | u64::from(key.destination.to_bits());
    mix(addresses ^ u64::from(key.input.0).rotate_right(24) ^ u64::from(key.tos).rotate_right(8))
}

fn output_hash(query: &OutputQuery) -> u32 {
    let source = query.source.map_or(0, Ipv4Addr::to_bits);
    let addresses = u64::from(source) << 32 | u64::from(query.destination.to_bits());
    mix(addresses ^ u64::from(query.tos).rotate_right(8))
}

impl Namespaces {
    /// Sends a frame that came in on, by a way that is remembered: to the link that it comes in by next. Nothing is done
    /// where there is none, or where anything about the frame asks for a closer look; it says which.
    pub(crate) fn forward(&mut self, delivery: &mut Delivery, now: Instant) -> bool {
        let Delivery { to, packet, route: None } = delivery else { return false };
        let Some((link, bytes)) = packet.buffer.ethernet_mut() else { return false };
        let Some(header) = FixedHeader::new(bytes)
            .filter(|_| link[ethernet::field::ETHERTYPE] == ethertype::IPV4.to_be_bytes())
        else {
            return false;
        };
        let key = Key::of(to.index, header);
        let Some((flows, runtime, epoch)) = self.flows_mut(to.namespace) else { return false };
        let Some(Way::Forward(way)) = flows.input(&key, epoch) else { return false };
        let (length, available) = (usize::from(header.total_length()), bytes.len());
        let plain = link[ethernet::field::DESTINATION] == way.stations[0].0
            && header.is_intact()
            && header.time_to_live() > 1
            && length <= available.min(way.longest as usize);
        if !plain {
            return false;
        }
        let entry = runtime.neighbours.at_place(way.place, way.output, way.next_hop);
        let Some(next) = entry.and_then(|entry| entry.use_known(now)) else { return false };
        decrease_ttl(bytes);
        link[ethernet::field::DESTINATION].copy_from_slice(&next.0);
        link[ethernet::field::SOURCE].copy_from_slice(&way.stations[1].0);
        if length < available {
            packet.buffer.trim(length);
        }
        let bytes = packet.frame().len();
        runtime.counters.get_or_default(way.output).sent(bytes);
        let peer = way.peer;
        packet.scrub(peer.namespace != to.namespace);
        *to = peer;
        if let Some(runtime) = self.runtime_mut(peer.namespace) {
            runtime.counters.get_or_default(peer.index).received(bytes);
        }
        true
    }
}

impl World {
    /// Whether anybody hears of what happens to single packets.
    pub(crate) fn is_observed(&self) -> bool {
        self.trace.on || self.sockets.has_taps()
    }

    /// Whether a packet that came in is known to be for this machine.
    pub(crate) fn flow_is_local(&self, incoming: &Incoming) -> bool {
        let Some(header) = incoming.packet.buffer.ipv4().and_then(FixedHeader::new) else { return false };
        let key = Key::of(incoming.at.index, header);
        let flows = self.namespaces.flows(incoming.at.namespace);
        flows.is_some_and(|(flows, epoch)| matches!(flows.input(&key, epoch), Some(Way::Local)))
    }

    /// Remembers what was decided of a packet that came in, where that may be.
    pub(crate) fn flow_learn(&mut self, incoming: &Incoming, decision: &InputDecision) {
        let way = match decision {
            InputDecision::Local(route) if route.kind == RouteKind::Local => Some(Way::Local),
            InputDecision::Forward(route) => self.flow_forward_way(incoming, route).map(Way::Forward),
            _ => None,
        };
        let Some(way) = way.filter(|_| self.flow_may_learn(incoming.at)) else { return };
        let Some(header) = incoming.packet.buffer.ipv4().and_then(FixedHeader::new) else { return };
        let key = Key::of(incoming.at.index, header);
        if let Some((flows, _, epoch)) = self.namespaces.flows_mut(incoming.at.namespace) {
            flows.memories.get_or_insert_default().input.put(input_hash(&key), key, epoch, way);
        }
    }

    /// Whether what is decided in a namespace about what comes in by a link follows from what is configured alone.
    fn flow_may_learn(&self, at: LinkId) -> bool {
        let net = self.net(at.namespace);
        let handled = self.link(at).is_none_or(|link| link.rx_handler.is_some());
        !handled && net.exceptions.is_empty() && net.hooks.is_empty()
    }

    fn flow_forward_way(&self, incoming: &Incoming, route: &Route) -> Option<Forward> {
        if incoming.addressee != Addressee::Host || route.has(cache::REDIRECT) {
            return None;
        }
        let namespace = incoming.at.namespace;
        let (input, output) =
            (self.link(incoming.at)?, self.link(LinkId { namespace, index: route.output })?);
        let peer_id = output.forward_path().filter(|_| output.is_up() && output.carrier && output.ipv4)?;
        let peer = self.link(peer_id).filter(|peer| peer.is_up())?;
        let next_hop = neighbour::key_on(output, route.next_hop());
        let place = self.runtime(namespace).neighbours.place(output.index, next_hop)?;
        Some(Forward {
            stations: [input.address, output.address],
            output: output.index,
            next_hop,
            place,
            longest: route.mtu.min(longest_network(peer.mtu)),
            peer: peer_id,
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
            flows.memories.get_or_insert_default().output.put(output_hash(query), *query, epoch, *route);
        }
    }
}
