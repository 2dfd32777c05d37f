//! The matches: one file a group. Each has its options, how it reads them, and how it is shown.

mod address;
mod conntrack;
mod icmp;
mod multiport;
mod plain;
mod ports;

use super::extension::{Given, Opt};
use super::problem::Outcome;
use super::rule::{Condition, Rule};
pub(super) use plain::{SCALE, rate_of};
pub(super) use ports::{
    INVERT_DESTINATION, INVERT_FLAGS, INVERT_OPTION, INVERT_SOURCE, any_tcp, any_udp, check_tcp_use,
    takes_two,
};
use vethlab_shared::netfilter::Match;

/// A match that can be asked for by `-m`.
pub(super) struct MatchKind {
    /// Its name.
    pub(super) name: &'static str,
    pub(super) options: &'static [Opt],
    /// Whether it checks its options by itself, as the oldest matches do.
    pub(super) checks_itself: bool,
    /// What it is without any option.
    pub(super) start: fn() -> Condition,
    /// Takes an option in.
    pub(super) parse: fn(&mut Condition, &mut Given<'_>) -> Outcome<()>,
    /// Looks at all in the end; the bits are the options that were given.
    pub(super) check: fn(&mut Condition, u32) -> Outcome<()>,
}

impl std::fmt::Debug for MatchKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Every match, by name.
const ALL: [&MatchKind; 17] = [
    &ports::TCP,
    &ports::UDP,
    &icmp::ICMP,
    &multiport::MULTIPORT,
    &conntrack::CONNTRACK,
    &conntrack::STATE_KIND,
    &address::ADDRTYPE,
    &address::IPRANGE,
    &address::MAC,
    &plain::COMMENT,
    &plain::MARK,
    &plain::CONNMARK,
    &plain::PKTTYPE,
    &plain::TTL,
    &plain::LENGTH,
    &plain::LIMIT,
    &plain::STATISTIC,
];

/// Matches of `iptables` 1.8.9 that are not modelled.
const OTHERS: &[&str] = &[
    "ah",
    "bpf",
    "cgroup",
    "cluster",
    "connbytes",
    "connlabel",
    "connlimit",
    "cpu",
    "dccp",
    "devgroup",
    "dscp",
    "ecn",
    "esp",
    "hashlimit",
    "helper",
    "ipcomp",
    "ipvs",
    "nfacct",
    "osf",
    "owner",
    "physdev",
    "policy",
    "quota",
    "rateest",
    "realm",
    "recent",
    "rpfilter",
    "sctp",
    "set",
    "socket",
    "string",
    "tcpmss",
    "time",
    "tos",
    "u32",
];

/// The match of this name.
pub(super) fn find(name: &str) -> Option<&'static MatchKind> {
    ALL.iter().copied().find(|kind| kind.name == name)
}

/// Whether there is one of this name that is not modelled.
pub(super) fn is_other(name: &str) -> bool {
    OTHERS.contains(&name)
}

/// The names of all, for completion.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|kind| kind.name)
}

/// The names of all options, for completion.
pub(super) fn option_names() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|kind| kind.options).map(|option| option.name)
}

/// The name that a saved rule gives a match.
pub(super) fn name(condition: &Condition) -> &str {
    match condition {
        Condition::Mark { .. } => "mark",
        Condition::Limit { .. } => "limit",
        Condition::Match(found) => match found {
            Match::Tcp(_) => "tcp",
            Match::Udp(_) => "udp",
            Match::Icmp(_) => "icmp",
            Match::Multiport(_) => "multiport",
            Match::Conntrack(conntrack) if conntrack.alias => "state",
            Match::Conntrack(_) => "conntrack",
            Match::Comment(_) => "comment",
            Match::Addrtype { .. } => "addrtype",
            Match::Pkttype { .. } => "pkttype",
            Match::Mac { .. } => "mac",
            Match::Iprange { .. } => "iprange",
            Match::Ttl { .. } => "ttl",
            Match::Length { .. } => "length",
            Match::Connmark { .. } => "connmark",
            Match::StatisticNth { .. } | Match::StatisticRandom { .. } => "statistic",
            Match::Other(extension) => &extension.name,
        },
    }
}

/// How a listing shows it, with a blank in front.
pub(super) fn shown(condition: &Condition, rule: &Rule, numeric: bool) -> String {
    match condition {
        Condition::Match(Match::Tcp(tcp)) => ports::shown_tcp(tcp, numeric),
        Condition::Match(Match::Udp(udp)) => ports::shown_udp(udp, numeric),
        Condition::Match(Match::Icmp(icmp)) => icmp::shown(icmp, numeric),
        Condition::Match(Match::Multiport(ports)) => multiport::shown(ports, rule.protocol, numeric),
        Condition::Match(Match::Conntrack(conntrack)) => conntrack::shown(conntrack, "", numeric),
        Condition::Match(found @ (Match::Addrtype { .. } | Match::Iprange { .. } | Match::Mac { .. })) => {
            address::shown(found)
        }
        other => plain::shown(other),
    }
}

/// Its options in a saved rule, with a blank in front of each.
pub(super) fn saved(condition: &Condition) -> String {
    match condition {
        Condition::Match(Match::Tcp(tcp)) => ports::saved_tcp(tcp),
        Condition::Match(Match::Udp(udp)) => ports::saved_udp(udp),
        Condition::Match(Match::Icmp(icmp)) => icmp::saved(icmp),
        Condition::Match(Match::Multiport(ports)) => multiport::saved(ports),
        Condition::Match(Match::Conntrack(conntrack)) => conntrack::shown(conntrack, "--", true),
        Condition::Match(found @ (Match::Addrtype { .. } | Match::Iprange { .. } | Match::Mac { .. })) => {
            address::saved(found)
        }
        other => plain::saved(other),
    }
}

/// Nothing is to be looked at in the end.
fn no_check(_: &mut Condition, _: u32) -> Outcome<()> {
    Ok(())
}

/// `!`, where it is inverted.
fn mark(invert: bool) -> &'static str {
    if invert { " !" } else { "" }
}
