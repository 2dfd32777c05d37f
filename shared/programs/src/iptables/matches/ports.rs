//! `tcp` and `udp` (`libxt_tcp.c`, `libxt_udp.c`).

use super::super::extension::{Given, Opt};
use super::super::names;
use super::super::number;
use super::super::problem::{Outcome, wrong};
use super::super::rule::Condition;
use super::{MatchKind, no_check};
use std::fmt::Write;
use vethlab_shared::netfilter::{Match, TcpMatch, UdpMatch};

/// `XT_TCP_INV_SRCPT`, and `XT_UDP_INV_SRCPT`.
pub(in super::super) const INVERT_SOURCE: u8 = 1;
/// `XT_TCP_INV_DSTPT`, and `XT_UDP_INV_DSTPT`.
pub(in super::super) const INVERT_DESTINATION: u8 = 2;
/// `XT_TCP_INV_FLAGS`.
pub(in super::super) const INVERT_FLAGS: u8 = 4;
/// `XT_TCP_INV_OPTION`.
pub(in super::super) const INVERT_OPTION: u8 = 8;
/// All ports.
pub(in super::super) const ANY: (u16, u16) = (0, 0xffff);

const SOURCE: u8 = 0;
const DESTINATION: u8 = 1;
const SYN: u8 = 2;
const FLAGS: u8 = 3;
const OPTION: u8 = 4;

/// The number of TCP.
const TCP_NUMBER: u8 = 6;
/// The number of UDP.
const UDP_NUMBER: u8 = 17;

/// `tcp_flag_names`.
const FLAG_NAMES: [(&str, u8); 6] =
    [("FIN", 1), ("SYN", 2), ("RST", 4), ("PSH", 8), ("ACK", 0x10), ("URG", 0x20)];

pub(super) const TCP: MatchKind = MatchKind {
    name: "tcp",
    options: &[
        Opt::inverting("source-port", SOURCE),
        Opt::inverting("sport", SOURCE),
        Opt::inverting("destination-port", DESTINATION),
        Opt::inverting("dport", DESTINATION),
        Opt { value: false, ..Opt::inverting("syn", SYN) },
        Opt::inverting("tcp-flags", FLAGS),
        Opt::inverting("tcp-option", OPTION),
    ],
    checks_itself: true,
    start: || Condition::Match(Match::Tcp(any_tcp())),
    parse: parse_tcp,
    check: no_check,
};

pub(super) const UDP: MatchKind = MatchKind {
    name: "udp",
    options: &[
        Opt::inverting("source-port", SOURCE),
        Opt::inverting("sport", SOURCE),
        Opt::inverting("destination-port", DESTINATION),
        Opt::inverting("dport", DESTINATION),
    ],
    checks_itself: false,
    start: || Condition::Match(Match::Udp(any_udp())),
    parse: parse_udp,
    check: no_check,
};

/// Anything over TCP.
pub(in super::super) fn any_tcp() -> TcpMatch {
    TcpMatch { source: ANY, destination: ANY, option: 0, flag_mask: 0, flags: 0, invert: 0 }
}

/// Anything over UDP.
pub(in super::super) fn any_udp() -> UdpMatch {
    UdpMatch { source: ANY, destination: ANY, invert: 0 }
}

fn parse_tcp(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Tcp(tcp)) = condition else { return Ok(()) };
    let inverted = |bit| if given.invert { bit } else { 0 };
    match given.option.id {
        SOURCE => {
            tcp.source = tcp_ports(given.text)?;
            tcp.invert |= inverted(INVERT_SOURCE);
        }
        DESTINATION => {
            tcp.destination = tcp_ports(given.text)?;
            tcp.invert |= inverted(INVERT_DESTINATION);
        }
        SYN => {
            (tcp.flag_mask, tcp.flags) = (0x17, 2);
            tcp.invert |= inverted(INVERT_FLAGS);
        }
        FLAGS => {
            let Some(second) = given.second else { return wrong("--tcp-flags requires two args.") };
            (tcp.flag_mask, tcp.flags) = (flags(given.text)?, flags(second)?);
            tcp.invert |= inverted(INVERT_FLAGS);
        }
        _ => {
            match number::whole(given.text, 1..=255) {
                Some(option) => tcp.option = option as u8,
                None => return wrong(format!("Bad TCP option \"{}\"", given.text)),
            }
            tcp.invert |= inverted(INVERT_OPTION);
        }
    }
    Ok(())
}

/// What is said where an option of `tcp` stands twice (`tcp_parse`).
pub(in super::super) fn check_tcp_use(id: u8, used: u32) -> Outcome<()> {
    let bit = |id: u8| 1 << id;
    let flags = bit(SYN) | bit(FLAGS);
    match id {
        SOURCE if used & bit(SOURCE) != 0 => wrong("Only one `--source-port' allowed"),
        DESTINATION if used & bit(DESTINATION) != 0 => wrong("Only one `--destination-port' allowed"),
        SYN | FLAGS if used & flags != 0 => wrong("Only one of `--syn' or `--tcp-flags'  allowed"),
        OPTION if used & bit(OPTION) != 0 => wrong("Only one `--tcp-option' allowed"),
        _ => Ok(()),
    }
}

/// Whether the word behind the value belongs to the option too.
pub(in super::super) fn takes_two(kind: &MatchKind, id: u8) -> bool {
    kind.name == TCP.name && id == FLAGS
}

fn tcp_ports(text: &str) -> Outcome<(u16, u16)> {
    let Some((first, last)) = text.split_once(':') else {
        let port = names::port(text, TCP_NUMBER)?;
        return Ok((port, port));
    };
    let first = if first.is_empty() { 0 } else { names::port(first, TCP_NUMBER)? };
    let last = if last.is_empty() { 0xffff } else { names::port(last, TCP_NUMBER)? };
    if first > last { wrong("invalid portrange (min > max)") } else { Ok((first, last)) }
}

fn flags(text: &str) -> Outcome<u8> {
    let mut flags = 0;
    for name in text.split(',').filter(|name| !name.is_empty()) {
        let upper = name.to_ascii_uppercase();
        flags |= match FLAG_NAMES.iter().find(|(known, _)| *known == upper) {
            Some((_, flag)) => *flag,
            None if upper == "ALL" => 0x3f,
            None if upper == "NONE" => 0,
            None => return wrong(format!("Unknown TCP flag `{name}'")),
        };
    }
    Ok(flags)
}

fn parse_udp(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Udp(udp)) = condition else { return Ok(()) };
    let (ports, bit) = match given.option.id {
        SOURCE => (&mut udp.source, INVERT_SOURCE),
        _ => (&mut udp.destination, INVERT_DESTINATION),
    };
    *ports = given.ports()?;
    if given.invert {
        udp.invert |= bit;
    }
    Ok(())
}

fn shown_ports(name: &str, ports: (u16, u16), invert: bool, protocol: u8, numeric: bool) -> String {
    if ports == ANY && !invert {
        return String::new();
    }
    let mark = if invert { "!" } else { "" };
    let port = |port| names::shown_port(port, protocol, numeric);
    match ports {
        (first, last) if first == last => format!(" {name}:{mark}{}", port(first)),
        (first, last) => format!(" {name}s:{mark}{}:{}", port(first), port(last)),
    }
}

pub(super) fn shown_tcp(tcp: &TcpMatch, numeric: bool) -> String {
    let inverted = |bit| tcp.invert & bit != 0;
    let mut text = " tcp".to_owned();
    text += &shown_ports("spt", tcp.source, inverted(INVERT_SOURCE), TCP_NUMBER, numeric);
    text += &shown_ports("dpt", tcp.destination, inverted(INVERT_DESTINATION), TCP_NUMBER, numeric);
    if tcp.option != 0 || inverted(INVERT_OPTION) {
        let mark = if inverted(INVERT_OPTION) { "!" } else { "" };
        let _ = write!(text, " option={mark}{}", tcp.option);
    }
    if tcp.flag_mask != 0 || inverted(INVERT_FLAGS) {
        let mark = if inverted(INVERT_FLAGS) { "!" } else { "" };
        let _ = match numeric {
            true => write!(text, " flags:{mark}0x{:02X}/0x{:02X}", tcp.flag_mask, tcp.flags),
            false => write!(text, " flags:{mark}{}/{}", flag_names(tcp.flag_mask), flag_names(tcp.flags)),
        };
    }
    text
}

pub(super) fn shown_udp(udp: &UdpMatch, numeric: bool) -> String {
    let inverted = |bit| udp.invert & bit != 0;
    let source = shown_ports("spt", udp.source, inverted(INVERT_SOURCE), UDP_NUMBER, numeric);
    let destination = shown_ports("dpt", udp.destination, inverted(INVERT_DESTINATION), UDP_NUMBER, numeric);
    format!(" udp{source}{destination}")
}

fn saved_ports(name: &str, ports: (u16, u16), invert: bool) -> String {
    if ports == ANY {
        return String::new();
    }
    let mark = super::mark(invert);
    match ports {
        (first, last) if first == last => format!("{mark} --{name} {first}"),
        (first, last) => format!("{mark} --{name} {first}:{last}"),
    }
}

pub(super) fn saved_tcp(tcp: &TcpMatch) -> String {
    let inverted = |bit| tcp.invert & bit != 0;
    let mut text = saved_ports("sport", tcp.source, inverted(INVERT_SOURCE));
    text += &saved_ports("dport", tcp.destination, inverted(INVERT_DESTINATION));
    if tcp.option != 0 || inverted(INVERT_OPTION) {
        let _ = write!(text, "{} --tcp-option {}", super::mark(inverted(INVERT_OPTION)), tcp.option);
    }
    if tcp.flag_mask != 0 || inverted(INVERT_FLAGS) {
        let mark = super::mark(inverted(INVERT_FLAGS));
        let _ = write!(text, "{mark} --tcp-flags {} {}", flag_names(tcp.flag_mask), flag_names(tcp.flags));
    }
    text
}

pub(super) fn saved_udp(udp: &UdpMatch) -> String {
    saved_ports("sport", udp.source, udp.invert & INVERT_SOURCE != 0)
        + &saved_ports("dport", udp.destination, udp.invert & INVERT_DESTINATION != 0)
}

fn flag_names(flags: u8) -> String {
    let names: Vec<&str> =
        FLAG_NAMES.iter().filter(|(_, flag)| flags & flag != 0).map(|(name, _)| *name).collect();
    if names.is_empty() { "NONE".to_owned() } else { names.join(",") }
}
