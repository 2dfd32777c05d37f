//! The names that Debian 12's `/etc/iproute2` gives to numbers (`lib/rt_names.c`, `ip/rtm_map.c`).

use super::args::{How, Keywords, keyword, matches, unsigned, unsigned_in_base};
use vethlab_shared::view::{Protocol, RouteKind, Scope, table};

/// `rt_protos`.
const PROTOCOLS: &[(u8, &str)] = &[
    (0, "unspec"),
    (1, "redirect"),
    (2, "kernel"),
    (3, "boot"),
    (4, "static"),
    (8, "gated"),
    (9, "ra"),
    (10, "mrt"),
    (11, "zebra"),
    (12, "bird"),
    (13, "dnrouted"),
    (14, "xorp"),
    (15, "ntk"),
    (16, "dhcp"),
    (18, "keepalived"),
    (42, "babel"),
    (99, "openr"),
    (186, "bgp"),
    (187, "isis"),
    (188, "ospf"),
    (189, "rip"),
    (192, "eigrp"),
];

/// `rt_scopes`.
const SCOPES: &[(u8, &str)] = &[(0, "global"), (200, "site"), (253, "link"), (254, "host"), (255, "nowhere")];

/// `rt_tables`.
const TABLES: &[(u32, &str)] =
    &[(0, "unspec"), (table::DEFAULT, "default"), (table::MAIN, "main"), (table::LOCAL, "local")];

/// `rt_dsfield`.
const DS_FIELDS: &[(u8, &str)] = &[
    (0x00, "default"),
    (0x20, "CS1"),
    (0x28, "AF11"),
    (0x30, "AF12"),
    (0x38, "AF13"),
    (0x40, "CS2"),
    (0x48, "AF21"),
    (0x50, "AF22"),
    (0x58, "AF23"),
    (0x60, "CS3"),
    (0x68, "AF31"),
    (0x70, "AF32"),
    (0x78, "AF33"),
    (0x80, "CS4"),
    (0x88, "AF41"),
    (0x90, "AF42"),
    (0x98, "AF43"),
    (0xa0, "CS5"),
    (0xb8, "EF"),
    (0xc0, "CS6"),
    (0xe0, "CS7"),
];

/// The words for kinds of routes, in the order of `rtnl_rtntype_a2n`.
const KINDS: &Keywords<RouteKind> = &[
    (How::Exact, "local", RouteKind::Local),
    (How::Exact, "nat", RouteKind::Nat),
    (How::Prefix, "broadcast", RouteKind::Broadcast),
    (How::Exact, "brd", RouteKind::Broadcast),
    (How::Prefix, "anycast", RouteKind::Anycast),
    (How::Prefix, "multicast", RouteKind::Multicast),
    (How::Prefix, "prohibit", RouteKind::Prohibit),
    (How::Prefix, "unreachable", RouteKind::Unreachable),
    (How::Prefix, "blackhole", RouteKind::Blackhole),
    (How::Prefix, "unicast", RouteKind::Unicast),
    (How::Exact, "throw", RouteKind::Throw),
];

fn name_in<T: Copy + PartialEq>(names: &[(T, &'static str)], number: T) -> Option<&'static str> {
    names.iter().find(|(value, _)| *value == number).map(|(_, name)| *name)
}

fn number_in<T: Copy>(names: &[(T, &'static str)], word: &str) -> Option<T> {
    names.iter().find(|(_, name)| *name == word).map(|(value, _)| *value)
}

fn byte(word: &str) -> Option<u8> {
    unsigned(word, 255).and_then(|value| u8::try_from(value).ok())
}

/// A protocol's name, or its number (`rtnl_rtprot_n2a`).
pub(super) fn protocol_name(protocol: Protocol) -> String {
    name_in(PROTOCOLS, protocol.0).map_or_else(|| protocol.0.to_string(), str::to_owned)
}

/// A protocol by name or number (`rtnl_rtprot_a2n`).
pub(super) fn protocol(word: &str) -> Option<Protocol> {
    number_in(PROTOCOLS, word).or_else(|| byte(word)).map(Protocol)
}

/// A scope's name, or its number (`rtnl_rtscope_n2a`).
pub(super) fn scope_name(scope: Scope) -> String {
    name_in(SCOPES, scope.0).map_or_else(|| scope.0.to_string(), str::to_owned)
}

/// A scope by name or number (`rtnl_rtscope_a2n`).
pub(super) fn scope(word: &str) -> Option<Scope> {
    number_in(SCOPES, word).or_else(|| byte(word)).map(Scope)
}

/// A routing table's name, or its number (`rtnl_rttable_n2a`).
pub(super) fn table_name(number: u32) -> String {
    name_in(TABLES, number).map_or_else(|| number.to_string(), str::to_owned)
}

/// A routing table by name or number (`rtnl_rttable_a2n`).
pub(super) fn table_number(word: &str) -> Option<u32> {
    number_in(TABLES, word).or_else(|| super::args::number(word))
}

/// A type of service's name, or its number (`rtnl_dsfield_n2a`).
pub(super) fn tos_name(tos: u8) -> String {
    name_in(DS_FIELDS, tos).map_or_else(|| format!("0x{tos:02x}"), str::to_owned)
}

/// A type of service by name or hexadecimal number (`rtnl_dsfield_a2n`).
pub(super) fn tos(word: &str) -> Option<u8> {
    let number = || unsigned_in_base(word, 16, 255).and_then(|value| u8::try_from(value).ok());
    number_in(DS_FIELDS, word).or_else(number)
}

/// A link group's name, or its number (`rtnl_group_n2a`).
pub(super) fn group_name(group: u32) -> String {
    if group == 0 { "default".to_owned() } else { group.to_string() }
}

/// A link group by name or number (`rtnl_group_a2n`).
pub(super) fn group(word: &str) -> Option<u32> {
    if word == "default" { Some(0) } else { super::args::integer(word).and_then(|n| u32::try_from(n).ok()) }
}

/// The name of a kind of route (`rtnl_rtntype_n2a`).
pub(super) fn kind_name(kind: RouteKind) -> &'static str {
    match kind {
        RouteKind::Unspecified => "none",
        RouteKind::Unicast => "unicast",
        RouteKind::Local => "local",
        RouteKind::Broadcast => "broadcast",
        RouteKind::Anycast => "anycast",
        RouteKind::Multicast => "multicast",
        RouteKind::Blackhole => "blackhole",
        RouteKind::Unreachable => "unreachable",
        RouteKind::Prohibit => "prohibit",
        RouteKind::Throw => "throw",
        RouteKind::Nat => "nat",
    }
}

/// Whether a word stands for a kind of route that was never built: a name resolved by a daemon
/// (`RTN_XRESOLVE`).
pub(super) fn is_unbuilt_kind(word: &str) -> bool {
    keyword(KINDS, word).is_none() && matches(word, "xresolve")
}

/// A kind of route by name, by a beginning of it, or by number (`rtnl_rtntype_a2n`).
pub(super) fn kind(word: &str) -> Option<RouteKind> {
    match keyword(KINDS, word) {
        Some((_, kind)) => Some(kind),
        None => byte(word).and_then(RouteKind::from_number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_name_stay_numbers() {
        assert_eq!(protocol_name(Protocol(2)), "kernel");
        assert_eq!(protocol_name(Protocol(77)), "77");
        assert_eq!(protocol("0x4"), Some(Protocol::STATIC));
        assert_eq!(protocol("256"), None);
        assert_eq!(scope_name(Scope(253)), "link");
        assert_eq!(scope("17"), Some(Scope(17)));
        assert_eq!(table_name(100), "100");
        assert_eq!(table_number("local"), Some(255));
        assert_eq!(tos("10"), Some(0x10));
        assert_eq!(tos_name(0x10), "0x10");
        assert_eq!(tos_name(0xb8), "EF");
        assert_eq!(kind("black"), Some(RouteKind::Blackhole));
        assert_eq!(kind("thro"), None);
    }
}
