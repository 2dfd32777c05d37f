//! Address translation (`net/netfilter/nf_nat_core.c`): the first packet of a connection is asked about, by chains of the kind
//! `nat`; all others of the connection are translated as it was.

mod choose;
mod rewrite;
#[cfg(test)]
mod tests;

pub(crate) use choose::Chooser;
pub(crate) use rewrite::End;

use crate::conntrack::{Connection, Connections, Direction, Info, Part, Status, Tracked, Tuple, translates};
use crate::hook::{Context, Function, Host, Verdict};
use crate::id::LinkId;
use crate::netfilter::BaseChain;
use crate::netns::Namespace;
use crate::packet::Packet;
use crate::world::World;
use std::net::Ipv4Addr;
use std::sync::Arc;
use vethlab_shared::event::{DropReason, Hook, NatEnd};
use vethlab_shared::name::IfIndex;
use vethlab_shared::netfilter::{NatFlags, NatRange, Target};
use vethlab_shared::time::Instant;
use vethlab_shared::view::Scope;
use vethlab_shared::wire::icmp::kind::REDIRECT;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::{Icmp, Ipv4};

/// Which end of packets is translated at a point (`HOOK2MANIP`).
fn end_at(point: Hook) -> End {
    match point {
        Hook::LocalIn | Hook::PostRouting => End::Source,
        Hook::PreRouting | Hook::Forward | Hook::LocalOut => End::Destination,
    }
}

/// Translates at one point (`nf_nat_inet_fn`, `nf_nat_ipv4_fn`), and asks the chains about new connections.
#[derive(Clone, Debug)]
pub(crate) struct Nat {
    pub(crate) chains: Vec<BaseChain>,
}

impl Function for Nat {
    fn run(&self, host: &mut Host<'_>, context: &Context, packet: &mut Packet) -> Verdict {
        let end = end_at(context.point);
        let Some(info) = packet.connection.as_ref().and_then(Tracked::info) else { return Verdict::Accept };
        if info.part == Part::Related && Ipv4::new_unchecked(packet.network()).protocol() == protocol::ICMP {
            let before = packet_end(packet, end);
            let verdict = translate_error(&host.runtime.connections, packet, info, end);
            host.translated = Translation::between(end, before, packet_end(packet, end));
            return verdict;
        }
        if left_by_another_link(&host.runtime.connections, context, packet, info) {
            if let Some(Tracked::Known(id, _)) = packet.connection {
                Arc::make_mut(&mut host.runtime.connections).remove(id);
            }
            return Verdict::Drop(DropReason::NetfilterDrop);
        }
        if info.part != Part::Established && !is_done(&host.runtime.connections, packet, end) {
            for chain in &self.chains {
                let verdict = chain.run(host, context, packet);
                if verdict != Verdict::Accept {
                    return verdict;
                }
                if is_done(&host.runtime.connections, packet, end) {
                    break;
                }
            }
            if !is_done(&host.runtime.connections, packet, end) {
                leave_as_it_is(host, packet, end);
            }
        }
        host.translated = translate(&host.runtime.connections, packet, info, end);
        if context.point == Hook::LocalOut {
            packet.reroute |= goes_elsewhere(&host.runtime.connections, packet, info);
        }
        Verdict::Accept
    }
}

fn connection<'a>(connections: &'a Connections, packet: &'a Packet) -> Option<&'a Connection> {
    packet.connection.as_ref()?.connection(connections)
}

/// Whether it was decided on an end of the packet's connection (`nf_nat_initialized`).
fn is_done(connections: &Connections, packet: &Packet, end: End) -> bool {
    connection(connections, packet).is_none_or(|connection| connection.status.contains(choose::done(end)))
}

/// A connection is masqueraded by the address of one link, and its packet leaves by another one now (`nf_nat_oif_changed`).
fn left_by_another_link(connections: &Connections, context: &Context, packet: &Packet, info: Info) -> bool {
    let by = connection(connections, packet).and_then(|connection| connection.masquerades_by);
    context.point == Hook::PostRouting
        && info.direction == Direction::Original
        && by.is_some_and(|by| context.output != Some(by))
}

/// Keeps others from being translated to what this connection is (`nf_nat_alloc_null_binding`).
fn leave_as_it_is(host: &mut Host<'_>, packet: &mut Packet, end: End) {
    let Some(own) = connection(&host.runtime.connections, packet).map(|connection| match end {
        End::Source => connection.reply.destination,
        End::Destination => connection.reply.source,
    }) else {
        return;
    };
    set_up(&mut host.runtime.connections, packet, &to_address(own), end, (host.now, host.random));
}

/// A range of one address.
fn to_address(address: Ipv4Addr) -> NatRange {
    NatRange {
        flags: NatFlags::MAP_IPS,
        first: address,
        last: address,
        first_port: 0,
        last_port: 0,
        base_port: 0,
    }
}

fn set_up(
    connections: &mut Arc<Connections>,
    packet: &mut Packet,
    range: &NatRange,
    end: End,
    (now, random): (Instant, &mut dyn FnMut() -> u32),
) {
    // One that others know already is not altered any more.
    let Some(Tracked::New(connection)) = &mut packet.connection else { return };
    Chooser { connections, now, random }.set_up(connection, range, end);
}

/// Writes into a packet what was decided on its connection (`nf_nat_packet`).
fn translate(connections: &Connections, packet: &mut Packet, info: Info, end: End) -> Option<Translation> {
    let target = connection(connections, packet).and_then(|found| target(found, info, end))?;
    let before = packet_end(packet, end);
    rewrite::packet(packet, end, &target);
    Translation::between(end, before, packet_end(packet, end))
}

/// An address, and the port or identifier beside it.
type Endpoint = (Ipv4Addr, Option<u16>);

/// What became of one end of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Translation {
    pub(crate) end: NatEnd,
    pub(crate) from: Endpoint,
    pub(crate) to: Endpoint,
}

impl Translation {
    /// Nothing where the end is as it was.
    fn between(end: End, from: Endpoint, to: Endpoint) -> Option<Translation> {
        let end = match end {
            End::Source => NatEnd::Source,
            End::Destination => NatEnd::Destination,
        };
        (from != to).then_some(Translation { end, from, to })
    }
}

/// One end of a packet as it is.
fn packet_end(packet: &Packet, end: End) -> Endpoint {
    let header = Ipv4::new_unchecked(packet.network());
    let has_ports = matches!(header.protocol(), protocol::TCP | protocol::UDP | protocol::ICMP);
    let port = Tuple::of(packet.network()).filter(|_| has_ports).map(|tuple| choose::port(&tuple, end));
    match end {
        End::Source => (header.source(), port),
        End::Destination => (header.destination(), port),
    }
}

/// What packets in a direction look like behind the translation of an end; `None` where that is not translated.
fn target(connection: &Connection, info: Info, end: End) -> Option<Tuple> {
    let translates = translates(end == End::Source, info.direction);
    let other = connection.tuple(info.direction.opposite());
    connection.status.contains(translates).then(|| other.inverse())?
}

/// Translates an ICMP error about a packet of a connection, and the beginning of that packet in it
/// (`nf_nat_icmp_reply_translation`).
fn translate_error(connections: &Connections, packet: &mut Packet, info: Info, end: End) -> Verdict {
    let Some(found) = connection(connections, packet) else { return Verdict::Accept };
    let done = Status::SRC_NAT_DONE | Status::DST_NAT_DONE;
    let redirect = Icmp::new_unchecked(packet.transport()).kind() == REDIRECT;
    let translated = found.status.intersects(Status::SRC_NAT | Status::DST_NAT);
    if redirect && (!found.status.contains(done) || translated) {
        // Gateways on one side mean nothing on the other.
        return Verdict::Drop(DropReason::NetfilterDrop);
    }
    let quoted = *found.tuple(info.direction.opposite());
    let Some(outer) = target(found, info, end) else { return Verdict::Accept };
    rewrite::error(packet, end, &quoted, &outer);
    Verdict::Accept
}

/// Whether a packet that is made here goes to another address than it was routed to (`nf_nat_ipv4_local_fn`).
fn goes_elsewhere(connections: &Connections, packet: &Packet, info: Info) -> bool {
    connection(connections, packet).is_some_and(|connection| {
        let there = connection.tuple(info.direction).destination;
        there != connection.tuple(info.direction.opposite()).source
    })
}

/// What a target of address translation does to a packet; `false` drops it.
pub(crate) fn apply(
    target: &Target,
    (net, connections): (&Namespace, &mut Arc<Connections>),
    context: &Context,
    packet: &mut Packet,
    chance: (Instant, &mut dyn FnMut() -> u32),
) -> bool {
    let (range, end, by) = match target {
        Target::Snat(range) => (*range, End::Source, None),
        Target::Dnat(range) => (*range, End::Destination, None),
        Target::Masquerade(range) => {
            let to = Ipv4::new_unchecked(packet.network()).destination();
            let Some(output) = context.output else { return false };
            let source = net.select_address(output, Some(context.next_hop.unwrap_or(to)), Scope::UNIVERSE);
            if source.is_unspecified() {
                return false;
            }
            (with_address(range, source), End::Source, Some(output))
        }
        Target::Redirect(range) => {
            let own = match context.point {
                Hook::LocalOut => Some(Ipv4Addr::LOCALHOST),
                _ => context.input.and_then(|link| first_address(net, link)),
            };
            let Some(own) = own else { return false };
            (with_address(range, own), End::Destination, None)
        }
        _ => return true,
    };
    set_up(connections, packet, &range, end, chance);
    if let Some(Tracked::New(connection)) = &mut packet.connection {
        connection.masquerades_by = by.or(connection.masquerades_by);
    }
    true
}

fn with_address(range: &NatRange, address: Ipv4Addr) -> NatRange {
    NatRange { flags: range.flags | NatFlags::MAP_IPS, first: address, last: address, ..*range }
}

/// The first address of a link (`nf_nat_redirect_ipv4`).
fn first_address(net: &Namespace, link: IfIndex) -> Option<Ipv4Addr> {
    Some(net.links.get(&link)?.addresses().first()?.local)
}

impl World {
    /// Takes out the connections that are masqueraded by a link that went down, or by an address that it lost
    /// (`masq_device_event`, `masq_inet_event`): their packets could not come back.
    pub(crate) fn forget_masqueraded(&mut self, at: LinkId, address: Option<Ipv4Addr>) {
        let Some(runtime) = self.namespaces.runtime_mut(at.namespace) else { return };
        if runtime.connections.len() == 0 {
            return;
        }
        Arc::make_mut(&mut runtime.connections).remove_all(|connection| {
            let by_link = connection.masquerades_by == Some(at.index);
            by_link && address.is_none_or(|address| connection.reply.destination == address)
        });
        self.tell_of_connections(at.namespace, 0);
    }
}
