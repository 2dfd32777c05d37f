//! What is known of a packet's connection (`struct xt_conntrack_mtinfo3`).

use super::structure::{Reader, Writer};
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{ConntrackMatch, CtState, Match};

/// `struct xt_conntrack_mtinfo3`.
pub(super) const SIZE: usize = 164;

/// `XT_CONNTRACK_STATE`.
const STATE: u16 = 1;
/// `XT_CONNTRACK_PROTO`.
const PROTOCOL: u16 = 1 << 1;
/// `XT_CONNTRACK_ORIGSRC`, `_ORIGDST`, `_REPLSRC`, `_REPLDST`.
const ADDRESSES: [u16; 4] = [1 << 2, 1 << 3, 1 << 4, 1 << 5];
/// `XT_CONNTRACK_STATUS`.
const STATUS: u16 = 1 << 6;
/// `XT_CONNTRACK_EXPIRES`.
const EXPIRES: u16 = 1 << 7;
/// `XT_CONNTRACK_ORIGSRC_PORT`, `_ORIGDST_PORT`, `_REPLSRC_PORT`, `_REPLDST_PORT`.
const PORTS: [u16; 4] = [1 << 8, 1 << 9, 1 << 10, 1 << 11];
/// `XT_CONNTRACK_DIRECTION`.
const DIRECTION: u16 = 1 << 12;
/// `XT_CONNTRACK_STATE_ALIAS`.
const ALIAS: u16 = 1 << 13;

pub(super) fn write(wanted: &ConntrackMatch) -> Vec<u8> {
    let addresses =
        [wanted.original_source, wanted.original_destination, wanted.reply_source, wanted.reply_destination];
    let ports = [
        wanted.original_source_port,
        wanted.original_destination_port,
        wanted.reply_source_port,
        wanted.reply_destination_port,
    ];
    let given = |given: bool, flag: u16| if given { flag } else { 0 };
    let mut flags = given(wanted.states.is_some(), STATE)
        | given(wanted.protocol.is_some(), PROTOCOL)
        | given(wanted.status.is_some(), STATUS)
        | given(wanted.expires.is_some(), EXPIRES)
        | given(wanted.original_direction.is_some(), DIRECTION)
        | given(wanted.alias, ALIAS);
    let mut writer = Writer::default();
    for (address, flag) in addresses.into_iter().zip(ADDRESSES) {
        let (address_bits, mask) = address.unwrap_or((Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED));
        flags |= given(address.is_some(), flag);
        writer = writer.wide_address(address_bits);
        // That of a single host fills all of the field.
        writer =
            if mask.to_bits() == u32::MAX { writer.bytes(&[0xff; 16]) } else { writer.wide_address(mask) };
    }
    for (port, flag) in ports.into_iter().zip(PORTS) {
        flags |= given(port.is_some(), flag);
    }
    let (shortest, longest) = wanted.expires.unwrap_or_default();
    let invert = wanted.invert | given(wanted.original_direction == Some(false), DIRECTION);
    writer = writer.u32(shortest).u32(longest).u16(wanted.protocol.unwrap_or_default());
    writer = ports.into_iter().fold(writer, |writer, port| writer.u16(port.unwrap_or_default().0));
    writer = writer
        .u16(flags)
        .u16(invert)
        .u16(wanted.states.unwrap_or_default().bits())
        .u16(wanted.status.unwrap_or_default());
    ports.into_iter().fold(writer, |writer, port| writer.u16(port.unwrap_or_default().1)).end(SIZE)
}

pub(super) fn read(mut reader: Reader<'_>) -> Match {
    let addresses = [(); 4].map(|()| (reader.wide_address(), reader.wide_address()));
    let expires = (reader.u32(), reader.u32());
    let protocol = reader.u16();
    let first_ports = [(); 4].map(|()| reader.u16());
    let [flags, invert, states, status] = [(); 4].map(|()| reader.u16());
    let last_ports = [(); 4].map(|()| reader.u16());
    let address = |place: usize| (flags & ADDRESSES[place] != 0).then_some(addresses[place]);
    let port = |place: usize| (flags & PORTS[place] != 0).then_some((first_ports[place], last_ports[place]));
    Match::Conntrack(Box::new(ConntrackMatch {
        states: (flags & STATE != 0).then_some(CtState::from_bits_retain(states)),
        alias: flags & ALIAS != 0,
        invert: invert & !DIRECTION,
        protocol: (flags & PROTOCOL != 0).then_some(protocol),
        original_source: address(0),
        original_destination: address(1),
        reply_source: address(2),
        reply_destination: address(3),
        original_source_port: port(0),
        original_destination_port: port(1),
        reply_source_port: port(2),
        reply_destination_port: port(3),
        status: (flags & STATUS != 0).then_some(status),
        expires: (flags & EXPIRES != 0).then_some(expires),
        original_direction: (flags & DIRECTION != 0).then_some(invert & DIRECTION == 0),
    }))
}
