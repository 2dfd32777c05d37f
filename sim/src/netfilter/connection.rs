//! What is known of a packet's connection, as a match asks for it (`net/netfilter/xt_conntrack.c`).

use super::evaluate::View;
use crate::conntrack::{Connection, Direction, Info, Part, Status, Tracked};
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{ConntrackMatch, CtState};
use vethlab_shared::time::Instant;
use vethlab_shared::wire::ipv4::protocol;

/// Which conditions can be turned round (`XT_CONNTRACK_*`).
mod condition {
    pub(super) const STATE: u16 = 1 << 0;
    pub(super) const PROTO: u16 = 1 << 1;
    pub(super) const ORIGSRC: u16 = 1 << 2;
    pub(super) const ORIGDST: u16 = 1 << 3;
    pub(super) const REPLSRC: u16 = 1 << 4;
    pub(super) const REPLDST: u16 = 1 << 5;
    pub(super) const STATUS: u16 = 1 << 6;
    pub(super) const EXPIRES: u16 = 1 << 7;
    pub(super) const ORIGSRC_PORT: u16 = 1 << 8;
    pub(super) const ORIGDST_PORT: u16 = 1 << 9;
    pub(super) const REPLSRC_PORT: u16 = 1 << 10;
    pub(super) const REPLDST_PORT: u16 = 1 << 11;
    pub(super) const DIRECTION: u16 = 1 << 12;
}

/// The states that a packet is in (`conntrack_mt`).
pub(super) fn states(tracked: Option<&Tracked>, connection: Option<&Connection>) -> CtState {
    let Some(tracked) = tracked else { return CtState::INVALID };
    let Some(Info { part, .. }) = tracked.info() else { return CtState::UNTRACKED };
    let mut states = match part {
        Part::New => CtState::NEW,
        Part::Established => CtState::ESTABLISHED,
        Part::Related => CtState::RELATED,
    };
    if let Some(connection) = connection {
        states.set(CtState::SNAT, connection.status.contains(Status::SRC_NAT));
        states.set(CtState::DNAT, connection.status.contains(Status::DST_NAT));
    }
    states
}

/// Whether all conditions hold for the connection of a packet.
pub(super) fn holds(wanted: &ConntrackMatch, view: &View<'_>) -> bool {
    let tracked = view.packet.connection.as_ref();
    let connection = tracked.and_then(|tracked| tracked.connection(view.connections));
    let inverted = |condition: u16| wanted.invert & condition != 0;
    if let Some(mask) = wanted.states
        && mask.intersects(states(tracked, connection)) == inverted(condition::STATE)
    {
        return false;
    }
    let Some(connection) = connection else {
        // Without a connection only the state can be asked for.
        return wanted.states.is_some() && asks_only_for_state(wanted);
    };
    if let Some(number) = wanted.protocol
        && (u16::from(connection.original.protocol) == number) == inverted(condition::PROTO)
    {
        return false;
    }
    if let Some(original) = wanted.original_direction {
        let direction = tracked.and_then(Tracked::info).map(|info| info.direction);
        let is_original = direction == Some(Direction::Original);
        if (is_original == original) == inverted(condition::DIRECTION) {
            return false;
        }
    }
    let (original, reply) = (&connection.original, &connection.reply);
    let addresses = [
        (wanted.original_source, original.source, condition::ORIGSRC),
        (wanted.original_destination, original.destination, condition::ORIGDST),
        (wanted.reply_source, reply.source, condition::REPLSRC),
        (wanted.reply_destination, reply.destination, condition::REPLDST),
    ];
    let has_ports = matches!(original.protocol, protocol::TCP | protocol::UDP);
    let ports = [
        (wanted.original_source_port, original.from, condition::ORIGSRC_PORT),
        (wanted.original_destination_port, original.to, condition::ORIGDST_PORT),
        (wanted.reply_source_port, reply.from, condition::REPLSRC_PORT),
        (wanted.reply_destination_port, reply.to, condition::REPLDST_PORT),
    ];
    addresses
        .into_iter()
        .all(|(wanted, address, number)| is_in(wanted, address) != inverted(number) || wanted.is_none())
        && ports.into_iter().all(|(wanted, port, number)| {
            wanted.is_none_or(|(first, last)| has_ports && (first..=last).contains(&port) != inverted(number))
        })
        && wanted.status.is_none_or(|status| has_status(connection, status) != inverted(condition::STATUS))
        && wanted.expires.is_none_or(|(least, most)| {
            (least..=most).contains(&left(connection, view.now)) != inverted(condition::EXPIRES)
        })
}

fn asks_only_for_state(wanted: &ConntrackMatch) -> bool {
    let ConntrackMatch { states, alias, invert, .. } = wanted;
    *wanted == ConntrackMatch { states: *states, alias: *alias, invert: *invert, ..ConntrackMatch::default() }
}

fn is_in(network: Option<(Ipv4Addr, Ipv4Addr)>, address: Ipv4Addr) -> bool {
    network.is_some_and(|(network, mask)| address & mask == network & mask)
}

/// Whether anything of a mask has happened (`IPS_*`); a mask of nothing asks for none of it.
fn has_status(connection: &Connection, mask: u16) -> bool {
    match mask {
        0 => connection.status.is_empty(),
        mask => connection.status.bits() & u32::from(mask) != 0,
    }
}

/// For how many seconds it stays known.
fn left(connection: &Connection, now: Instant) -> u32 {
    u32::try_from(connection.expires.since(now).as_secs()).unwrap_or(u32::MAX)
}
