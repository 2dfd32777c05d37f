//! `SNAT`, `DNAT`, `MASQUERADE` and `REDIRECT` (`libxt_NAT.c`).

use super::super::extension::{Given, Opt};
use super::super::names;
use super::super::number;
use super::super::problem::{Outcome, wrong};
use super::{TargetKind, no_check};
use std::fmt::Write;
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{NatFlags, NatRange, Target};

const TO: u8 = 0;
const TO_PORTS: u8 = 2;
const RANDOM: u8 = 3;
const RANDOM_FULLY: u8 = 4;
const PERSISTENT: u8 = 5;

/// The protocols that a port can be given for: TCP, UDP, SCTP, DCCP and ICMP.
const WITH_PORTS: [u8; 5] = [6, 17, 132, 33, 1];

pub(super) const SNAT: TargetKind = TargetKind {
    name: "SNAT",
    options: &[
        Opt::new("to-source", TO).needed(),
        Opt::plain("random", RANDOM),
        Opt::plain("random-fully", RANDOM_FULLY),
        Opt::plain("persistent", PERSISTENT),
    ],
    start: || Target::Snat(any()),
    parse,
    check: no_check,
};

pub(super) const DNAT: TargetKind = TargetKind {
    name: "DNAT",
    options: &[
        Opt::new("to-destination", TO).needed(),
        Opt::plain("random", RANDOM),
        Opt::plain("persistent", PERSISTENT),
    ],
    start: || Target::Dnat(any()),
    parse,
    check: no_check,
};

pub(super) const MASQUERADE: TargetKind = TargetKind {
    name: "MASQUERADE",
    options: &[
        Opt::new("to-ports", TO_PORTS),
        Opt::plain("random", RANDOM),
        Opt::plain("random-fully", RANDOM_FULLY),
    ],
    start: || Target::Masquerade(any()),
    parse,
    check: no_check,
};

pub(super) const REDIRECT: TargetKind = TargetKind {
    name: "REDIRECT",
    options: &[Opt::new("to-ports", TO_PORTS), Opt::plain("random", RANDOM)],
    start: || Target::Redirect(any()),
    parse,
    check: no_check,
};

fn any() -> NatRange {
    NatRange {
        flags: NatFlags::empty(),
        first: Ipv4Addr::UNSPECIFIED,
        last: Ipv4Addr::UNSPECIFIED,
        first_port: 0,
        last_port: 0,
        base_port: 0,
    }
}

fn parse(target: &mut Target, given: &mut Given<'_>) -> Outcome<()> {
    let (Target::Snat(range) | Target::Dnat(range) | Target::Masquerade(range) | Target::Redirect(range)) =
        target
    else {
        return Ok(());
    };
    let has_ports = WITH_PORTS.contains(&given.rule.protocol);
    match given.option.id {
        TO => parse_to(given.text, has_ports, range)?,
        TO_PORTS => parse_ports(given.text, has_ports, range)?,
        RANDOM => range.flags |= NatFlags::PROTO_RANDOM,
        RANDOM_FULLY => range.flags |= NatFlags::PROTO_RANDOM_FULLY,
        _ => range.flags |= NatFlags::PERSISTENT,
    }
    let shifts = range.flags.contains(NatFlags::PROTO_OFFSET);
    if shifts && !matches!(target, Target::Dnat(_)) {
        // The older structure has no room for it, and it is lost without a word, but for a destination.
        if matches!(target, Target::Redirect(_)) {
            return wrong("Shifted portmap ranges not supported with this kernel");
        }
    }
    Ok(())
}

/// Addresses, and behind a colon ports (`parse_to`).
fn parse_to(text: &str, has_ports: bool, range: &mut NatRange) -> Outcome<()> {
    if text.contains('[') {
        return wrong("Invalid address format");
    }
    let colon = text.find(':').filter(|place| !text[place + 1..].contains(':'));
    let addresses = match colon {
        Some(place) => {
            parse_ports(&text[place + 1..], has_ports, range)?;
            if place == 0 {
                return Ok(());
            }
            &text[..place]
        }
        None => text,
    };
    range.flags |= NatFlags::MAP_IPS;
    let (first, last) = match addresses.split_once('-') {
        Some((first, last)) => (first, Some(last)),
        None => (addresses, None),
    };
    let read = |text: &str| match text.parse() {
        Ok(address) => Ok(address),
        Err(_) => wrong(format!("Bad IP address \"{text}\"")),
    };
    range.first = read(first)?;
    range.last = last.map_or(Ok(range.first), read)?;
    Ok(())
}

/// A port, or two with a dash between, and behind a slash the one that stands for the first (`parse_ports`).
fn parse_ports(text: &str, has_ports: bool, range: &mut NatRange) -> Outcome<()> {
    if !has_ports {
        return wrong("Need TCP, UDP, SCTP or DCCP with port specification");
    }
    range.flags |= NatFlags::PROTO_SPECIFIED;
    let (first, rest) = match number::leading(text, 0..=0xffff) {
        Some(read) => read,
        None => match names::any_service(text) {
            Some(port) => (port.into(), ""),
            None => return wrong(format!("Port `{text}' not valid")),
        },
    };
    (range.first_port, range.last_port) = (first as u16, first as u16);
    let last = match (rest.chars().next(), rest.strip_prefix('-')) {
        (None, _) => return Ok(()),
        (_, Some(last)) => last,
        (Some(':'), _) => return wrong("Invalid port:port syntax - use dash"),
        _ => return wrong(format!("Garbage after port value: `{rest}'")),
    };
    let Some((port, rest)) = number::leading(last, 0..=0xffff) else {
        return wrong(format!("Port `{last}' not valid"));
    };
    if port < first {
        return wrong(format!("Port range `{last}' funky"));
    }
    range.last_port = port as u16;
    let base = match (rest.is_empty(), rest.strip_prefix('/')) {
        (true, _) => return Ok(()),
        (false, Some(base)) => base,
        (false, None) => return wrong(format!("Garbage after port range: `{rest}'")),
    };
    let port = number::leading(base, 1..=0xffff).map(|(port, _)| port as u16);
    match port.or_else(|| names::any_service(base)) {
        Some(port) => range.base_port = port,
        None => return wrong(format!("Port `{base}' not valid")),
    }
    range.flags |= NatFlags::PROTO_OFFSET;
    Ok(())
}

/// Addresses and ports, as both listings and saved rules have them (`sprint_range`).
fn written(range: &NatRange) -> String {
    let mut text = String::new();
    if range.flags.contains(NatFlags::MAP_IPS) {
        let _ = write!(text, "{}", range.first);
        if range.first != range.last {
            let _ = write!(text, "-{}", range.last);
        }
    }
    if range.flags.contains(NatFlags::PROTO_SPECIFIED) {
        let _ = write!(text, ":{}", range.first_port);
        if range.first_port != range.last_port {
            let _ = write!(text, "-{}", range.last_port);
        }
        if range.flags.contains(NatFlags::PROTO_OFFSET) {
            let _ = write!(text, "/{}", range.base_port);
        }
    }
    text
}

/// What a range is called, and whether the colon before ports is left out.
struct Words {
    listed: &'static str,
    saved: &'static str,
    ports_alone: bool,
}

fn words(target: &Target) -> Option<(&NatRange, Words)> {
    let words = |listed, saved, ports_alone| Words { listed, saved, ports_alone };
    Some(match target {
        Target::Snat(range) => (range, words("to:", "--to-source ", false)),
        Target::Dnat(range) => (range, words("to:", "--to-destination ", false)),
        Target::Masquerade(range) => (range, words("masq ports: ", "--to-ports ", true)),
        Target::Redirect(range) => (range, words("redir ports ", "--to-ports ", true)),
        _ => return None,
    })
}

fn render(range: &NatRange, option: &str, dashes: &str, ports_alone: bool) -> String {
    let mut text = String::new();
    let written = written(range);
    let written = written.strip_prefix(':').filter(|_| ports_alone).unwrap_or(&written);
    if !written.is_empty() {
        let _ = write!(text, " {option}{written}");
    }
    for (flag, name) in [
        (NatFlags::PROTO_RANDOM, "random"),
        (NatFlags::PROTO_RANDOM_FULLY, "random-fully"),
        (NatFlags::PERSISTENT, "persistent"),
    ] {
        if range.flags.contains(flag) {
            let _ = write!(text, " {dashes}{name}");
        }
    }
    text
}

pub(super) fn shown(target: &Target) -> String {
    let rendered = words(target).map(|(range, words)| render(range, words.listed, "", words.ports_alone));
    rendered.unwrap_or_default()
}

pub(super) fn saved(target: &Target) -> String {
    let rendered = words(target).map(|(range, words)| render(range, words.saved, "--", words.ports_alone));
    rendered.unwrap_or_default()
}
