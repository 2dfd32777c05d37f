//! `icmp` (`libipt_icmp.c`, `libxt_icmp.h`).

use super::super::extension::{Given, Opt};
use super::super::number;
use super::super::problem::{Outcome, wrong};
use super::super::rule::Condition;
use super::{MatchKind, no_check};
use vethlab_shared::netfilter::{IcmpMatch, Match};

pub(super) const ICMP: MatchKind = MatchKind {
    name: "icmp",
    options: &[Opt::inverting("icmp-type", 0).needed()],
    checks_itself: false,
    start: || {
        Condition::Match(Match::Icmp(IcmpMatch { kind: 255, first_code: 0, last_code: 255, invert: false }))
    },
    parse,
    check: no_check,
};

/// Name, type, and the code where it is about a single one (`icmp_codes`).
const NAMES: &[(&str, u8, Option<u8>)] = &[
    ("any", 255, None),
    ("echo-reply", 0, None),
    ("pong", 0, None),
    ("destination-unreachable", 3, None),
    ("network-unreachable", 3, Some(0)),
    ("host-unreachable", 3, Some(1)),
    ("protocol-unreachable", 3, Some(2)),
    ("port-unreachable", 3, Some(3)),
    ("fragmentation-needed", 3, Some(4)),
    ("source-route-failed", 3, Some(5)),
    ("network-unknown", 3, Some(6)),
    ("host-unknown", 3, Some(7)),
    ("network-prohibited", 3, Some(9)),
    ("host-prohibited", 3, Some(10)),
    ("TOS-network-unreachable", 3, Some(11)),
    ("TOS-host-unreachable", 3, Some(12)),
    ("communication-prohibited", 3, Some(13)),
    ("host-precedence-violation", 3, Some(14)),
    ("precedence-cutoff", 3, Some(15)),
    ("source-quench", 4, None),
    ("redirect", 5, None),
    ("network-redirect", 5, Some(0)),
    ("host-redirect", 5, Some(1)),
    ("TOS-network-redirect", 5, Some(2)),
    ("TOS-host-redirect", 5, Some(3)),
    ("echo-request", 8, None),
    ("ping", 8, None),
    ("router-advertisement", 9, None),
    ("router-solicitation", 10, None),
    ("time-exceeded", 11, None),
    ("ttl-exceeded", 11, None),
    ("ttl-zero-during-transit", 11, Some(0)),
    ("ttl-zero-during-reassembly", 11, Some(1)),
    ("parameter-problem", 12, None),
    ("ip-header-bad", 12, Some(0)),
    ("required-option-missing", 12, Some(1)),
    ("timestamp-request", 13, None),
    ("timestamp-reply", 14, None),
    ("address-mask-request", 17, None),
    ("address-mask-reply", 18, None),
];

fn parse(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Icmp(icmp)) = condition else { return Ok(()) };
    icmp.invert = given.invert;
    (icmp.kind, icmp.first_code, icmp.last_code) = kind(given.text)?;
    Ok(())
}

/// A type, and the first and the last code (`__parse_icmp`): by the beginning of its name, or by numbers.
fn kind(text: &str) -> Outcome<(u8, u8, u8)> {
    let begins = |name: &str| {
        name.len() >= text.len() && name.as_bytes()[..text.len()].eq_ignore_ascii_case(text.as_bytes())
    };
    let mut named = NAMES.iter().filter(|(name, ..)| begins(name));
    if let Some((name, kind, code)) = named.next() {
        if let Some((other, ..)) = named.next() {
            return wrong(format!("Ambiguous ICMP type `{text}': `{name}' or `{other}'?"));
        }
        return Ok((*kind, code.unwrap_or(0), code.unwrap_or(255)));
    }
    let Some((first, last, rest)) = span(text) else { return wrong(format!("Unknown ICMP type `{text}'")) };
    let (codes, rest) = match rest.strip_prefix('/') {
        None => ((0, 255), rest),
        Some(codes) => match span(codes) {
            Some((first, last, rest)) => ((first, last), rest),
            None => return wrong(format!("Unknown ICMP code `{text}'")),
        },
    };
    if let Some(character) = rest.chars().next() {
        return wrong(format!("unknown character {character}"));
    }
    if first != last {
        return wrong("ICMP type range not supported");
    }
    Ok((first, codes.0, codes.1))
}

/// One or two numbers with a colon between, and what stands behind (`parse_range`).
fn span(text: &str) -> Option<(u8, u8, &str)> {
    let (first, rest) = number::leading(text, 0..=255)?;
    let (last, rest) = match rest.strip_prefix(':') {
        Some(last) => number::leading(last, 0..=255)?,
        None => (first, rest),
    };
    Some((first as u8, last as u8, rest))
}

pub(super) fn shown(icmp: &IcmpMatch, numeric: bool) -> String {
    let IcmpMatch { kind, first_code, last_code, invert } = *icmp;
    let named = NAMES.iter().find(|(_, known, code)| {
        *known == kind && (code.unwrap_or(0), code.unwrap_or(255)) == (first_code, last_code)
    });
    if let Some((name, ..)) = named.filter(|_| !numeric) {
        return format!(" icmp {}{name}", if invert { "!" } else { "" });
    }
    let codes = match (first_code, last_code) {
        (first, last) if first == last => format!(" code {first}"),
        (0, 255) => String::new(),
        (first, last) => format!(" codes {first}-{last}"),
    };
    format!(" icmp{}type {kind}{codes}", if invert { " !" } else { "" })
}

pub(super) fn saved(icmp: &IcmpMatch) -> String {
    let mark = super::mark(icmp.invert);
    match (icmp.kind, icmp.first_code, icmp.last_code) {
        (255, ..) => format!("{mark} --icmp-type any"),
        (kind, 0, 255) => format!("{mark} --icmp-type {kind}"),
        (kind, first, _) => format!("{mark} --icmp-type {kind}/{first}"),
    }
}
