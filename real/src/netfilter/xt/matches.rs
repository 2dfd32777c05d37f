//! Matches (`NFTA_MATCH_*`).

use super::super::attribute::{Attributes, Received};
use super::structure::Reader;
use super::{address, conntrack, mark, packet, put, take};
use vethlab_shared::netfilter::{Extension, Match};

/// The name, the revision and the structure of a match.
fn written(wanted: &Match) -> (&str, u32, Vec<u8>) {
    match wanted {
        Match::Tcp(tcp) => ("tcp", 0, packet::tcp(tcp)),
        Match::Udp(udp) => ("udp", 0, packet::udp(udp)),
        Match::Icmp(icmp) => ("icmp", 0, packet::icmp(icmp)),
        Match::Multiport(multiport) => ("multiport", 1, packet::multiport(multiport)),
        Match::Conntrack(conntrack) => ("conntrack", 3, conntrack::write(conntrack)),
        Match::Comment(text) => ("comment", 0, packet::comment(text)),
        addrtype @ Match::Addrtype { .. } => ("addrtype", 1, address::addrtype(addrtype)),
        Match::Pkttype { kind, invert } => ("pkttype", 0, packet::pkttype(*kind, *invert)),
        Match::Mac { source, invert } => ("mac", 0, address::mac(*source, *invert)),
        Match::Iprange { source, destination } => ("iprange", 1, address::iprange(*source, *destination)),
        Match::Ttl { mode, value } => ("ttl", 0, packet::ttl(*mode, *value)),
        Match::Length { min, max, invert } => ("length", 0, packet::length(*min, *max, *invert)),
        Match::Connmark { mark, mask, invert } => ("connmark", 1, mark::connmark(*mark, *mask, *invert)),
        Match::StatisticNth { every, packet, count, invert } => {
            ("statistic", 0, packet::nth(*every, *packet, *count, *invert))
        }
        Match::StatisticRandom { probability, invert } => {
            ("statistic", 0, packet::random(*probability, *invert))
        }
        Match::Other(extension) => (&extension.name, extension.revision, extension.info.0.clone()),
    }
}

/// The match that a structure is.
fn read(extension: &Extension) -> Option<Match> {
    let of = |size| Reader::new(&extension.info.0, size);
    match (extension.name.as_str(), extension.revision) {
        ("tcp", 0) => of(packet::TCP).map(packet::read_tcp),
        ("udp", 0) => of(packet::UDP).map(packet::read_udp),
        ("icmp", 0) => of(packet::ICMP).map(packet::read_icmp),
        ("multiport", 1) => of(packet::MULTIPORT).and_then(packet::read_multiport),
        ("conntrack", 3) => of(conntrack::SIZE).map(conntrack::read),
        ("comment", 0) => of(packet::COMMENT).and_then(packet::read_comment),
        ("addrtype", 1) => of(address::ADDRTYPE).map(address::read_addrtype),
        ("pkttype", 0) => of(packet::PKTTYPE).map(packet::read_pkttype),
        ("mac", 0) => of(address::MAC).map(address::read_mac),
        ("iprange", 1) => of(address::IPRANGE).map(address::read_iprange),
        ("ttl", 0) => of(packet::TTL).map(packet::read_ttl),
        ("length", 0) => of(packet::LENGTH).map(packet::read_length),
        ("connmark", 1) => of(mark::CONNMARK).map(mark::read_connmark),
        ("statistic", 0) => of(packet::STATISTIC).and_then(packet::read_statistic),
        _ => None,
    }
}

/// A match as the kernel takes it.
pub(in super::super) fn encode(wanted: &Match) -> Attributes {
    let (name, revision, info) = written(wanted);
    put(name, revision, &info)
}

/// A match that the kernel tells of; `None` where it tells no name.
pub(in super::super) fn decode(fields: &Received<'_>) -> Option<Match> {
    let extension = take(fields)?;
    let known = read(&extension).filter(|known| super::same(&written(known).2, &extension));
    Some(known.unwrap_or(Match::Other(extension)))
}
