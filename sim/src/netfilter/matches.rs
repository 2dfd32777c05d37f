//! Matches of `x_tables` (`net/netfilter/xt_*.c`, `net/ipv4/netfilter/ip_tables.c`): whether one holds for a packet.

use super::connection;
use super::evaluate::View;
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::name::IfIndex;
use vethlab_shared::netfilter::{
    AddressTypes, IcmpMatch, Match, MultiportMatch, PortSide, TcpMatch, UdpMatch,
};
use vethlab_shared::view::RouteKind;
use vethlab_shared::wire::ipv4::protocol;
use vethlab_shared::wire::{Ipv4, Tcp, Udp};

/// What is asked for is not there: such a packet cannot be trusted, and ends (`par->hotdrop`).
pub(super) struct HotDrop;

/// Whether a match holds for a packet.
pub(super) fn holds(wanted: &Match, view: &mut View<'_>) -> Result<bool, HotDrop> {
    let header = Ipv4::new_unchecked(view.packet.network());
    Ok(match wanted {
        Match::Tcp(tcp) => return tcp_match(tcp, view),
        Match::Udp(udp) => return udp_match(udp, view),
        Match::Icmp(icmp) => return icmp_match(icmp, view),
        Match::Multiport(multiport) => return multiport_match(multiport, view),
        Match::Comment(_) => true,
        Match::Addrtype { source, destination, invert_source, invert_destination, limit_in, limit_out } => {
            let link = match (limit_in, limit_out) {
                (true, _) => view.context.input,
                (_, true) => view.context.output,
                _ => None,
            };
            let is = |wanted: &AddressTypes, address| wanted.contains(address_type(view, address, link));
            (source.is_empty() || is(source, header.source()) != *invert_source)
                && (destination.is_empty() || is(destination, header.destination()) != *invert_destination)
        }
        Match::Pkttype { kind, invert } => (u32::from(packet_type(view)) == *kind) != *invert,
        Match::Mac { source, invert } => {
            view.packet.input.is_some() && (view.packet.buffer.source() == *source) != *invert
        }
        Match::Iprange { source, destination } => {
            let within = |range: &Option<(Ipv4Addr, Ipv4Addr, bool)>, address: Ipv4Addr| {
                range.is_none_or(|(first, last, outside)| (first..=last).contains(&address) != outside)
            };
            within(source, header.source()) && within(destination, header.destination())
        }
        Match::Ttl { mode, value } => {
            let ttl = header.time_to_live();
            match mode {
                0 => ttl == *value,
                1 => ttl != *value,
                2 => ttl < *value,
                _ => ttl > *value,
            }
        }
        Match::Length { min, max, invert } => {
            // `skb->len` may be more than what the header says; here it is the same.
            let length = view.packet.network().len();
            (usize::from(*min)..=usize::from(*max)).contains(&length) != *invert
        }
        Match::StatisticRandom { probability, invert } => {
            ((view.random)() & 0x7fff_ffff < *probability) != *invert
        }
        Match::Conntrack(wanted) => connection::holds(wanted, view),
        Match::Connmark { mark, mask, invert } => {
            let tracked = view.packet.connection.as_ref();
            let connection = tracked.and_then(|tracked| tracked.connection(view.connections));
            connection.is_some_and(|connection| (connection.mark & mask == *mark) != *invert)
        }
        // Rules with the others are refused when they are made, or are steps of their own.
        Match::StatisticNth { .. } | Match::Other(_) => false,
    })
}

/// To whom a packet's frame was addressed (`skb->pkt_type`): `PACKET_HOST`, `PACKET_BROADCAST` or `PACKET_MULTICAST`, as it
/// counts for what goes to many (`xt_pkttype`: what is looped back goes by its address).
pub(super) fn packet_type(view: &View<'_>) -> u8 {
    const HOST: u8 = 0;
    const BROADCAST: u8 = 1;
    const MULTICAST: u8 = 2;
    if view.context.input == Some(IfIndex::LOOPBACK) || view.packet.input.is_none() {
        return match Ipv4::new_unchecked(view.packet.network()).destination() {
            to if to.is_multicast() => MULTICAST,
            to if to.is_loopback() || view.context.input.is_none() => HOST,
            _ => BROADCAST,
        };
    }
    match view.packet.buffer.destination() {
        MacAddress::BROADCAST => BROADCAST,
        to if to.is_multicast() => MULTICAST,
        _ => HOST,
    }
}

/// The ports, flags and options of TCP (`tcp_mt`).
fn tcp_match(wanted: &TcpMatch, view: &View<'_>) -> Result<bool, HotDrop> {
    /// `XT_TCP_INV_FLAGS`, `XT_TCP_INV_OPTION`.
    const FLAGS: u8 = 4;
    const OPTION: u8 = 8;
    let header = Ipv4::new_unchecked(view.packet.network());
    if header.fragment_offset() != 0 {
        // A piece that begins within a header is none that was made in good faith.
        return if header.fragment_offset() == 1 { Err(HotDrop) } else { Ok(false) };
    }
    let segment = Tcp::new(view.packet.transport()).ok_or(HotDrop)?;
    let flags = (segment.flags() & wanted.flag_mask == wanted.flags) != (wanted.invert & FLAGS != 0);
    let option =
        wanted.option == 0 || has_option(segment.options(), wanted.option) != (wanted.invert & OPTION != 0);
    let ports = (segment.source(), segment.destination());
    Ok(ports_match(ports, (wanted.source, wanted.destination), wanted.invert) && flags && option)
}

/// The ports of UDP (`udp_mt`).
fn udp_match(wanted: &UdpMatch, view: &View<'_>) -> Result<bool, HotDrop> {
    if Ipv4::new_unchecked(view.packet.network()).fragment_offset() != 0 {
        return Ok(false);
    }
    let datagram = Udp::new(view.packet.transport()).ok_or(HotDrop)?;
    let ports = (datagram.source(), datagram.destination());
    Ok(ports_match(ports, (wanted.source, wanted.destination), wanted.invert))
}

/// Whether both ports are in their spans (`port_match`), or for the two lowest bits of `invert` outside.
fn ports_match(
    (source, destination): (u16, u16),
    (sources, destinations): ((u16, u16), (u16, u16)),
    invert: u8,
) -> bool {
    let within =
        |(first, last): (u16, u16), port: u16, bit: u8| (first..=last).contains(&port) != (invert & bit != 0);
    within(sources, source, 1) && within(destinations, destination, 2)
}

/// Whether options of TCP contain one (`tcp_find_option`).
fn has_option(mut options: &[u8], wanted: u8) -> bool {
    while let [kind, rest @ ..] = options {
        if *kind == wanted {
            return true;
        }
        // The first two kinds are one byte long; others say how long they are.
        let length = if *kind < 2 { 1 } else { usize::from(rest.first().copied().unwrap_or(1).max(1)) };
        options = options.get(length..).unwrap_or_default();
    }
    false
}

/// The types of ICMP messages (`icmp_type_code_match`).
fn icmp_match(icmp: &IcmpMatch, view: &View<'_>) -> Result<bool, HotDrop> {
    if Ipv4::new_unchecked(view.packet.network()).fragment_offset() != 0 {
        return Ok(false);
    }
    let [kind, code, ..] = *view.packet.transport() else { return Err(HotDrop) };
    let same =
        icmp.kind == u8::MAX || (icmp.kind == kind && (icmp.first_code..=icmp.last_code).contains(&code));
    Ok(same != icmp.invert)
}

/// The ports (`multiport_mt`).
fn multiport_match(wanted: &MultiportMatch, view: &View<'_>) -> Result<bool, HotDrop> {
    let header = Ipv4::new_unchecked(view.packet.network());
    if header.fragment_offset() != 0 {
        return Ok(false);
    }
    let [s0, s1, d0, d1, ..] = *view.packet.transport() else { return Err(HotDrop) };
    let (source, destination) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    let named = |port: u16| {
        wanted.ports.iter().any(|span| (span.first..=span.last.unwrap_or(span.first)).contains(&port))
    };
    let found = match wanted.side {
        PortSide::Source => named(source),
        PortSide::Destination => named(destination),
        PortSide::Either => named(source) || named(destination),
    };
    Ok(found != wanted.invert)
}

/// What an address is to this namespace (`inet_dev_addr_type`); where a link is given, what is another link's counts as
/// unicast.
fn address_type(view: &View<'_>, address: Ipv4Addr, link: Option<IfIndex>) -> AddressTypes {
    let net = view.net;
    let elsewhere = link.is_some_and(|link| {
        let route = net.fib.local_route(address, net.settings());
        route.is_some_and(|route| route.output != Some(link))
    });
    let kind = if elsewhere { RouteKind::Unicast } else { net.address_type(address) };
    AddressTypes::from_bits_retain(1 << kind as u16)
}

/// Whether a protocol has ports where `multiport` looks for them (`multiport_mt_check`).
pub(super) fn has_ports(number: u8) -> bool {
    const DCCP: u8 = 33;
    const SCTP: u8 = 132;
    const UDPLITE: u8 = 136;
    matches!(number, protocol::TCP | protocol::UDP | DCCP | SCTP | UDPLITE)
}

/// How many ports a `multiport` names at most (`XT_MULTI_PORTS`).
pub(super) const MAX_PORTS: usize = 15;
