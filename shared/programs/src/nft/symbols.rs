//! Names in the place of numbers, as `nft` writes them.

use vethlab_shared::event::Hook;

/// The name of a hook.
pub(super) fn hook(hook: Hook) -> &'static str {
    match hook {
        Hook::PreRouting => "prerouting",
        Hook::LocalIn => "input",
        Hook::Forward => "forward",
        Hook::LocalOut => "output",
        Hook::PostRouting => "postrouting",
    }
}

/// Priorities that have a name (`std_prios`), and the only hook where they have it.
const PRIORITIES: [(&str, i32, Option<Hook>); 6] = [
    ("raw", -300, None),
    ("mangle", -150, None),
    ("dstnat", -100, Some(Hook::PreRouting)),
    ("filter", 0, None),
    ("security", 50, None),
    ("srcnat", 100, Some(Hook::PostRouting)),
];

/// All hooks.
pub(super) const HOOKS: [Hook; 5] =
    [Hook::PreRouting, Hook::LocalIn, Hook::Forward, Hook::LocalOut, Hook::PostRouting];

/// The number of a priority that has this name at a hook.
pub(super) fn number_of_priority(name: &str, hook: Hook) -> Option<i32> {
    let mut known = PRIORITIES.iter().filter(|(.., only)| only.is_none_or(|only| only == hook));
    known.find(|(known, ..)| *known == name).map(|(_, number, _)| *number)
}

/// How far from a name a priority may be to be written with it.
const NEAR: i32 = 10;

/// A priority (`prio2str`): by a name, or by one and how far it is from it.
pub(super) fn priority(priority: i32, hook: Hook) -> String {
    let known = PRIORITIES.iter().filter(|(.., only)| only.is_none_or(|only| only == hook));
    let near = known.filter(|(_, number, _)| (priority - number).abs() <= NEAR);
    match near.min_by_key(|(_, number, _)| (priority - number).abs()) {
        Some((name, number, _)) if *number == priority => (*name).to_owned(),
        Some((name, number, _)) if *number < priority => format!("{name} + {}", priority - number),
        Some((name, number, _)) => format!("{name} - {}", number - priority),
        None => priority.to_string(),
    }
}

/// Types of ICMP messages (`icmp_type_tbl`).
pub(super) const ICMP_TYPES: &[(&str, u64)] = &[
    ("echo-reply", 0),
    ("destination-unreachable", 3),
    ("source-quench", 4),
    ("redirect", 5),
    ("echo-request", 8),
    ("router-advertisement", 9),
    ("router-solicitation", 10),
    ("time-exceeded", 11),
    ("parameter-problem", 12),
    ("timestamp-request", 13),
    ("timestamp-reply", 14),
    ("info-request", 15),
    ("info-reply", 16),
    ("address-mask-request", 17),
    ("address-mask-reply", 18),
];

/// Codes of Destination Unreachable (`icmp_code_tbl`).
pub(super) const ICMP_CODES: &[(&str, u64)] = &[
    ("net-unreachable", 0),
    ("host-unreachable", 1),
    ("prot-unreachable", 2),
    ("port-unreachable", 3),
    ("frag-needed", 4),
    ("net-prohibited", 9),
    ("host-prohibited", 10),
    ("admin-prohibited", 13),
];

/// Flags of TCP (`tcp_flag_tbl`).
pub(super) const TCP_FLAGS: &[(&str, u64)] = &[
    ("fin", 1),
    ("syn", 2),
    ("rst", 4),
    ("psh", 8),
    ("ack", 0x10),
    ("urg", 0x20),
    ("ecn", 0x40),
    ("cwr", 0x80),
];

/// States of connections (`ct_state_tbl`).
pub(super) const CT_STATES: &[(&str, u64)] =
    &[("invalid", 1), ("established", 2), ("related", 4), ("new", 8), ("untracked", 0x40)];

/// What has happened to a connection (`ct_status_tbl`).
pub(super) const CT_STATUSES: &[(&str, u64)] = &[
    ("expected", 1),
    ("seen-reply", 2),
    ("assured", 4),
    ("confirmed", 8),
    ("snat", 0x10),
    ("dnat", 0x20),
    ("dying", 0x200),
];

/// Directions of connections (`ct_dir_tbl`).
pub(super) const CT_DIRECTIONS: &[(&str, u64)] = &[("original", 0), ("reply", 1)];

/// To whom frames are addressed (`pkttype_type_tbl`).
pub(super) const PACKET_TYPES: &[(&str, u64)] =
    &[("host", 0), ("broadcast", 1), ("multicast", 2), ("other", 3)];

/// Protocols of frames (`ethertype_tbl`).
pub(super) const ETHER_TYPES: &[(&str, u64)] = &[
    ("ip", 0x0800),
    ("arp", 0x0806),
    ("ip6", 0x86dd),
    ("8021q", 0x8100),
    ("8021ad", 0x88a8),
    ("vlan", 0x8100),
];

/// Families of packets (`nfproto_tbl`).
pub(super) const FAMILIES: &[(&str, u64)] = &[("ipv4", 2), ("ipv6", 10)];

/// The name of a number.
pub(super) fn name(table: &[(&'static str, u64)], number: u64) -> Option<&'static str> {
    table.iter().find(|(_, known)| *known == number).map(|(name, _)| *name)
}

/// The names of bits, commas between; in hexadecimal digits where that is wanted.
pub(super) fn bits(table: &[(&'static str, u64)], number: u64, numeric: bool) -> String {
    let named = table.iter().filter(|(_, bit)| number & bit != 0);
    let names: Vec<String> =
        named.map(|(name, bit)| if numeric { format!("0x{bit:x}") } else { (*name).to_owned() }).collect();
    if names.is_empty() { format!("0x{number:x}") } else { names.join(",") }
}
