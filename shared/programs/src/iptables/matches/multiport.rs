//! `multiport` (`libxt_multiport.c`).

use super::super::extension::{Given, Opt};
use super::super::names;
use super::super::problem::{Outcome, wrong};
use super::super::rule::{Condition, Inverted};
use super::MatchKind;
use vethlab_shared::netfilter::{Match, MultiportMatch, PortSide, PortSpan};

/// `XT_MULTI_PORTS`: a span takes two.
const MOST: usize = 15;
/// Any of the options.
const ANY: u32 = 7;
/// The protocols that have ports.
const PROTOCOLS: [u8; 5] = [6, 17, 136, 132, 33];

pub(super) const MULTIPORT: MatchKind = MatchKind {
    name: "multiport",
    options: &[
        Opt::inverting("source-ports", 0).without(ANY),
        Opt::inverting("sports", 0).without(ANY),
        Opt::inverting("destination-ports", 1).without(ANY),
        Opt::inverting("dports", 1).without(ANY),
        Opt::inverting("ports", 2).without(ANY),
    ],
    checks_itself: false,
    start: || {
        let ports = MultiportMatch { side: PortSide::Source, ports: Vec::new(), invert: false };
        Condition::Match(Match::Multiport(ports))
    },
    parse,
    check: |_, flags| if flags == 0 { wrong("multiport expection an option") } else { Ok(()) },
};

fn parse(condition: &mut Condition, given: &mut Given<'_>) -> Outcome<()> {
    let Condition::Match(Match::Multiport(multiport)) = condition else { return Ok(()) };
    let protocol = given.rule.protocol;
    if given.rule.inverted.contains(Inverted::PROTOCOL) || (protocol != 0 && !PROTOCOLS.contains(&protocol)) {
        return wrong("multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP");
    }
    if protocol == 0 {
        return wrong("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
    }
    multiport.side = match given.option.id {
        0 => PortSide::Source,
        1 => PortSide::Destination,
        _ => PortSide::Either,
    };
    multiport.ports = ports(given.text, protocol)?;
    multiport.invert |= given.invert;
    Ok(())
}

fn ports(text: &str, protocol: u8) -> Outcome<Vec<PortSpan>> {
    let mut spans = Vec::new();
    let mut count = 0;
    for part in text.split(',') {
        let span = part.split_once(':');
        if count == MOST || (span.is_some() && count == MOST - 1) {
            return wrong("too many ports specified");
        }
        let first = names::port(span.map_or(part, |(first, _)| first), protocol)?;
        let last = span.map(|(_, last)| names::port(last, protocol)).transpose()?;
        if last.is_some_and(|last| first >= last) {
            return wrong("invalid portrange specified");
        }
        count += if last.is_some() { 2 } else { 1 };
        spans.push(PortSpan { first, last });
    }
    Ok(spans)
}

fn listed(multiport: &MultiportMatch, port: impl Fn(u16) -> String) -> String {
    let spans = multiport.ports.iter().map(|span| match span.last {
        Some(last) => format!("{}:{}", port(span.first), port(last)),
        None => port(span.first),
    });
    spans.collect::<Vec<_>>().join(",")
}

fn side(multiport: &MultiportMatch) -> &'static str {
    match multiport.side {
        PortSide::Source => "sports",
        PortSide::Destination => "dports",
        PortSide::Either => "ports",
    }
}

pub(super) fn shown(multiport: &MultiportMatch, protocol: u8, numeric: bool) -> String {
    let mark = super::mark(multiport.invert);
    let ports = listed(multiport, |port| names::shown_port(port, protocol, numeric));
    format!(" multiport {} {mark}{ports}", side(multiport))
}

pub(super) fn saved(multiport: &MultiportMatch) -> String {
    let mark = super::mark(multiport.invert);
    format!("{mark} --{} {}", side(multiport), listed(multiport, |port| port.to_string()))
}
