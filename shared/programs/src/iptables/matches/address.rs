//! `addrtype`, `iprange` and `mac` (`libxt_addrtype.c`, `libxt_iprange.c`, `libxt_mac.c`).

use super::super::extension::{Given, Opt};
use super::super::names;
use super::super::problem::{Outcome, wrong};
use super::super::rule::Condition;
use super::{MatchKind, mark, no_check};
use std::fmt::Write;
use std::net::Ipv4Addr;
use vethlab_shared::mac::MacAddress;
use vethlab_shared::netfilter::{AddressTypes, Match};

pub(super) const ADDRTYPE: MatchKind = MatchKind {
    name: "addrtype",
    options: &[
        Opt::inverting("src-type", 0),
        Opt::inverting("dst-type", 1),
        Opt::plain("limit-iface-in", 2).without(1 << 3),
        Opt::plain("limit-iface-out", 3).without(1 << 2),
    ],
    checks_itself: false,
    start: || {
        Condition::Match(Match::Addrtype {
            source: AddressTypes::empty(),
            destination: AddressTypes::empty(),
            invert_source: false,
            invert_destination: false,
            limit_in: false,
            limit_out: false,
        })
    },
    parse: parse_addrtype,
    check: |_, flags| match flags & 3 {
        0 => wrong("addrtype: you must specify --src-type or --dst-type"),
        _ => Ok(()),
    },
};

pub(super) const IPRANGE: MatchKind = MatchKind {
    name: "iprange",
    options: &[Opt::inverting("src-range", 0), Opt::inverting("dst-range", 1)],
    checks_itself: false,
    start: || Condition::Match(Match::Iprange { source: None, destination: None }),
    parse: parse_iprange,
    check: |_, flags| match flags {
        0 => wrong("iprange match: You must specify `--src-range' or `--dst-range'"),
        _ => Ok(()),
    },
};

pub(super) const MAC: MatchKind = MatchKind {
    name: "mac",
    options: &[Opt::inverting("mac-source", 0).needed()],
    checks_itself: false,
    start: || Condition::Match(Match::Mac { source: MacAddress([0; 6]), invert: false }),
    parse: parse_mac,
    check: no_check,
};

/// In the order of their bits (`rtn_names`).
const TYPES: [&str; 12] = [
    "UNSPEC",
    "UNICAST",
    "LOCAL",
    "BROADCAST",
    "ANYCAST",
    "MULTICAST",
    "BLACKHOLE",
    "UNREACHABLE",
    "PROHIBIT",
    "THROW",
    "NAT",
    "XRESOLVE",
];

fn parse_addrtype(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Addrtype {
        source,
        destination,
        invert_source,
        invert_destination,
        limit_in,
        limit_out,
    }) = condition
    else {
        return Ok(());
    };
    match given.option.id {
        0 => {
            *source = types(given.text)?;
            *invert_source = given.invert;
        }
        1 => {
            *destination = types(given.text)?;
            *invert_destination = given.invert;
        }
        2 => *limit_in = true,
        _ => *limit_out = true,
    }
    Ok(())
}

/// Types with commas between, each by the beginning of its name (`parse_types`).
fn types(text: &str) -> Outcome<AddressTypes> {
    let mut types = AddressTypes::empty();
    let mut rest = text;
    loop {
        let (name, behind) = match rest.split_once(',') {
            Some((name, behind)) => (name, Some(behind)),
            None => (rest, None),
        };
        let begins = |known: &&str| {
            known.len() >= name.len() && known.as_bytes()[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        };
        match (TYPES.iter().position(begins).filter(|_| !name.is_empty()), behind) {
            (Some(place), _) => types |= AddressTypes::from_bits_retain(1 << place),
            (None, Some(_)) => return wrong(format!("addrtype: bad type `{rest}'")),
            (None, None) => return wrong(format!("addrtype: bad type \"{rest}\"")),
        }
        match behind {
            Some(behind) => rest = behind,
            None => return Ok(types),
        }
    }
}

fn parse_iprange(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Iprange { source, destination }) = condition else { return Ok(()) };
    let option = format!("--{}", given.option.name);
    let (first, last) = given.text.split_once('-').unwrap_or((given.text, given.text));
    let read = |text: &str| match names::dotted(text, false) {
        Some(address) => Ok(address),
        None => wrong(format!("iprange: Bad value for \"{option}\" option: \"{text}\"")),
    };
    let (low, high): (Ipv4Addr, Ipv4Addr) = (read(first)?, read(last)?);
    if low > high {
        let _ = writeln!(given.notes, "xt_iprange: range {first}-{last} is reversed and will never match");
    }
    let span = Some((low, high, given.invert));
    match given.option.id {
        0 => *source = span,
        _ => *destination = span,
    }
    Ok(())
}

fn parse_mac(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Mac { source, invert }) = condition else { return Ok(()) };
    let parts: Vec<&str> = given.text.split(':').collect();
    let read = |part: &&str| match part.len() {
        0 => Some(0),
        1 | 2 => u8::from_str_radix(part, 16).ok(),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = parts.iter().map(read).collect();
    match bytes.and_then(|bytes| <[u8; 6]>::try_from(bytes).ok()) {
        Some(bytes) => *source = MacAddress(bytes),
        None => return wrong("Invalid MAC address specified."),
    }
    *invert = given.invert;
    Ok(())
}

fn type_names(types: AddressTypes) -> String {
    let is_in = |place: &usize| types.bits() & (1 << place) != 0;
    (0..TYPES.len()).filter(is_in).map(|place| TYPES[place]).collect::<Vec<_>>().join(",")
}

pub(super) fn shown(found: &Match) -> String {
    match found {
        Match::Addrtype { source, destination, invert_source, invert_destination, limit_in, limit_out } => {
            let side = |name: &str, types: AddressTypes, invert: bool| match types.is_empty() {
                true => String::new(),
                false => format!(" {name} {}{}", if invert { "!" } else { "" }, type_names(types)),
            };
            let source = side("src-type", *source, *invert_source);
            let destination = side("dst-type", *destination, *invert_destination);
            let limit_in = if *limit_in { " limit-in" } else { "" };
            let limit_out = if *limit_out { " limit-out" } else { "" };
            format!(" ADDRTYPE match{source}{destination}{limit_in}{limit_out}")
        }
        Match::Iprange { source, destination } => {
            let side = |name: &str, span: &Option<(Ipv4Addr, Ipv4Addr, bool)>| match span {
                Some((first, last, invert)) => format!(" {name} IP range{} {first}-{last}", mark(*invert)),
                None => String::new(),
            };
            side("source", source) + &side("destination", destination)
        }
        Match::Mac { source, invert } => format!(" MAC {}{source}", if *invert { "! " } else { "" }),
        _ => String::new(),
    }
}

pub(super) fn saved(found: &Match) -> String {
    match found {
        Match::Addrtype { source, destination, invert_source, invert_destination, limit_in, limit_out } => {
            let side = |name: &str, types: AddressTypes, invert: bool| match types.is_empty() {
                true => String::new(),
                false => format!("{} --{name} {}", mark(invert), type_names(types)),
            };
            let source = side("src-type", *source, *invert_source);
            let destination = side("dst-type", *destination, *invert_destination);
            let limit_in = if *limit_in { " --limit-iface-in" } else { "" };
            let limit_out = if *limit_out { " --limit-iface-out" } else { "" };
            format!("{source}{destination}{limit_in}{limit_out}")
        }
        Match::Iprange { source, destination } => {
            let side = |name: &str, span: &Option<(Ipv4Addr, Ipv4Addr, bool)>| match span {
                Some((first, last, invert)) => format!("{} --{name} {first}-{last}", mark(*invert)),
                None => String::new(),
            };
            side("src-range", source) + &side("dst-range", destination)
        }
        Match::Mac { source, invert } => format!("{} --mac-source {source}", mark(*invert)),
        _ => String::new(),
    }
}
