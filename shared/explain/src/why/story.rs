//! The story: who sent it, which entry chose the way, where it got to, what happened there, what the sender heard.

use super::case::{Case, Fate, Leg};
use super::cause::Cause;
use super::connections::Connection;
use super::evidence::{Evidence, entry_text};
use super::fault::Fault;
use super::routes::route_fact;
use super::trail::{Attempt, End, Hop, Life, Told, Translation, Way};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_shared::error::Errno;
use vethlab_shared::event::{Consumer, DropReason, NatEnd};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::view::{LinkFlags, RouteKind};

/// The route of a lookup as evidence, where one was taken.
pub(super) fn route_evidence(way: &Way<'_>) -> Option<Evidence> {
    way.taken().map(|entry| route_fact(way, entry))
}

/// Tells of a request.
pub(super) fn of<'e>(
    case: &mut Case<'e, '_>,
    attempt: &Attempt<'e>,
    fate: &Fate<'e>,
    fault: &Fault,
) -> Vec<String> {
    let mut story = Vec::new();
    let (here, to) = (attempt.namespace, attempt.destination);
    if attempt.packet.is_none() {
        if !attempt.binds() {
            story.push(format!("A program in {here} wanted to send to {to}."));
        }
        story.extend(fault.sentences.iter().cloned());
        return story;
    }
    let from = fate.lives.first().and_then(Leg::source).or(attempt.way.and_then(|way| way.source));
    let from = from.map_or_else(String::new, |from| format!(" from {from}"));
    let port = attempt.connection.as_ref().and_then(|connection| connection.peer).map(|peer| peer.port());
    story.push(match port {
        Some(port) => format!("{here} asked for a connection{from} to port {port} of {to}."),
        None => format!("{here} sent a request{from} to {to}."),
    });
    let is_made = attempt.connection.as_ref().is_some_and(|connection| connection.made.is_some());
    if is_made && fault.cause != Cause::None {
        let name = fate.lives.first().map_or("segment", Leg::name);
        story.push(format!(
            "It was made: the SYN and the SYN-ACK came through. But then a {name} of it was lost."
        ));
    }
    let forth: Vec<&Leg<'e>> = fate.lives.iter().filter(|leg| !leg.back).collect();
    let back: Vec<&Leg<'e>> = fate.lives.iter().filter(|leg| leg.back).collect();
    travels(&forth, &mut story);
    let arrived = forth.last().filter(|leg| {
        let round = fault.cause == Cause::InvalidDestination && leg.forced_round().is_some();
        matches!(leg.life.end, End::Consumed(_)) && !round
    });
    // A translated packet is for another address in the end.
    let to = arrived.and_then(|leg| translated_to(leg)).unwrap_or(to);
    if let Some(leg) = arrived.filter(|_| !back.is_empty()) {
        let there = leg.life.place().namespace;
        let answer = match back[0].segment_flags() {
            Some(_) => format!("answered with a {}", back[0].name()),
            None => "sent an answer".to_owned(),
        };
        if there == here && forth.iter().any(|leg| leg.crossed()) {
            story.push(format!(
                "Both ends of that wire are in {here}: it came in again, {here} took it in, for {to} {}, and {answer}.",
                taken_as(leg, to)
            ));
        } else if there == here {
            story.push(format!(
                "{to} is an address of {here} itself, so it never left {here}, which answered itself."
            ));
        } else {
            story.push(format!("{there} took it in, for {to} {}, and {answer}.", taken_as(leg, to)));
        }
    } else if let Some(leg) = arrived {
        story.push(format!("{} took it in, for {to} {}.", leg.life.place().namespace, taken_as(leg, to)));
    }
    if !back.is_empty() && !back.iter().all(|leg| leg.life.hops.iter().all(|hop| hop.namespace == here)) {
        travels(&back, &mut story);
    }
    if let Some(leg) = forth.last().filter(|leg| knocked(leg) && fault.cause == Cause::None) {
        story.push(format!(
            "{} took it in, and as no socket is open there at that port it answered so: that is what traceroute takes \
             for its arrival.",
            leg.life.place().namespace
        ));
    }
    if is_made && fault.cause == Cause::None {
        story.push("So the connection was made.".to_owned());
    }
    story.extend(fault.sentences.iter().cloned());
    if fault.cause == Cause::None {
        if arrived.is_none_or(|leg| leg.life.place().namespace != here) && !back.is_empty() {
            let made = attempt.connection.is_some();
            story.extend((!made).then(|| format!("The answer came back to {here}.")));
        }
        // Each namespace has loopback addresses of its own.
        let others = if to.is_loopback() { Vec::new() } else { case.network.owners(to) };
        let answered = forth.last().map(|leg| leg.life.place().namespace.clone());
        for (owner, link, _) in others.iter().filter(|(owner, _, _)| Some(owner) != answered.as_ref()) {
            story.push(format!("Mind that {owner} has the address {to} too, on {link}: it was not asked."));
        }
    } else if let Some(leg) = fate.lives.last().filter(|_| fault.cause != Cause::UnderWay) {
        story.push(heard(case, leg, here.as_str()));
        story.extend(attempt.connection.as_ref().and_then(|connection| again(case, connection)));
    }
    story
}

/// How often a connection was asked for that was not made.
fn again(case: &Case<'_, '_>, connection: &Connection<'_>) -> Option<String> {
    let times = connection.asked.len();
    let refused = connection.asked.iter().any(|packet| case.trails.reset_by(*packet).is_some());
    (times > 1 && connection.made.is_none() && !refused)
        .then(|| format!("TCP does not give up at once: it sent the SYN {times} times in all."))
}

/// As what the one who took a packet in knows its destination.
fn taken_as(leg: &Leg<'_>, to: IpAddr) -> &'static str {
    let way = leg.life.place().way;
    let kind = way.and_then(|way| way.taken()).map(|entry| entry.kind);
    if to.is_multicast() {
        "means a group of stations that it belongs to"
    } else if to == Ipv4Addr::BROADCAST || kind == Some(RouteKind::Broadcast) {
        "means every station of the network"
    } else {
        "is its own address"
    }
}

/// Whether a packet came to a port that nobody listens at.
fn knocked(leg: &Leg<'_>) -> bool {
    leg.life.end == End::Dropped(DropReason::NoSocket)
}

/// What the sender got to know.
fn heard(case: &Case<'_, '_>, leg: &Leg<'_>, sender: &str) -> String {
    let told = case.trails.error_about(leg.life.packet);
    let at = leg.life.place().namespace;
    let nothing = match (case.unfinished, case.trails.was_redirected(leg.life.packet)) {
        (true, _) => "has heard nothing yet",
        (false, true) => "heard nothing but an ICMP redirect",
        (false, false) => "heard nothing",
    };
    let nothing = format!("{sender} {nothing}.");
    match told {
        Some(told) if told.heard && !leg.back => {
            let by = if at.as_str() == sender {
                "itself".to_owned()
            } else {
                told.from.map_or_else(|| at.to_string(), |from| format!("{at} ({from})"))
            };
            let shown = told
                .shown
                .map_or_else(String::new, |errno| format!(", which its program reads as '{errno}'"));
            format!("{sender} was told of it by {by}: '{}'{shown}.", meaning(told.kind, told.code))
        }
        Some(told) if leg.back => format!(
            "{at} told the one who answered, {}, of it: '{}'. {nothing}",
            told.to,
            meaning(told.kind, told.code)
        ),
        Some(told) => format!(
            "{at} wrote to {} to tell of it ('{}', event {}), but {} {nothing}",
            told.to,
            meaning(told.kind, told.code),
            told.event.number,
            lost(case, &told)
        ),
        None if !leg.back
            && let Some(reset) = case.trails.reset_by(leg.life.packet) =>
        {
            match reset.end {
                End::Consumed(Consumer::Tcp) | End::Dropped(DropReason::TcpReset) => {
                    format!("{sender} was told by the RST: '{}'.", Errno::ECONNREFUSED)
                }
                _ => format!("But the RST did not come back. {nothing}"),
            }
        }
        None if case.trails.silenced(leg.life.packet).is_some() => {
            format!("{at} told nobody, as it had sent too many ICMP errors just before. {nothing}")
        }
        None => nothing,
    }
}

/// What became of an ICMP error that did not arrive.
fn lost(case: &Case<'_, '_>, told: &Told<'_>) -> String {
    let Some(life) = &told.life else { return "that message did not arrive.".to_owned() };
    let here = life.place().namespace;
    let loopback = case.network.place(here).and_then(|place| {
        let own = case.network.has(here, told.to);
        place.links.iter().find(|link| own && link.has(LinkFlags::LOOPBACK) && !link.has(LinkFlags::UP))
    });
    match (life.end, loopback) {
        (End::Dropped(DropReason::QdiscDrop), Some(link)) => format!(
            "what {here} sends to itself goes by {0}, and {0} is down there ('ip link set {0} up' in {here} mends \
             that): the message was lost.",
            link.name
        ),
        (End::Dropped(reason), _) => {
            format!("that message was dropped in {here} ({}).", reason.name())
        }
        _ if case.unfinished => "that message is still on its way.".to_owned(),
        _ => "that message did not arrive.".to_owned(),
    }
}

/// What an ICMP error says, as `ping` prints it.
fn meaning(kind: u8, code: u8) -> &'static str {
    match (kind, code) {
        (3, 0) => "Destination Net Unreachable",
        (3, 1) => "Destination Host Unreachable",
        (3, 2) => "Destination Protocol Unreachable",
        (3, 3) => "Destination Port Unreachable",
        (3, 4) => "Frag needed and DF set",
        (3, 13) => "Packet filtered",
        (3, _) => "Destination Unreachable",
        (11, 1) => "Frag reassembly time exceeded",
        (11, _) => "Time to live exceeded",
        _ => "ICMP error",
    }
}

/// More routers than these are not told one by one.
const MOST_TOLD: usize = 8;

/// Tells which way packets went, each going on in place of the one before: a sentence for each namespace that sent it
/// on.
fn travels(legs: &[&Leg<'_>], story: &mut Vec<String>) {
    // ARP messages are not routed: what was looked up is whether to answer.
    let Some(what) = legs.first().map(|leg| leg.name()).filter(|what| !what.starts_with("ARP")) else {
        return;
    };
    let mut told: Vec<&NamespaceName> = Vec::new();
    let mut cut_by = None;
    for leg in legs {
        let hops = &leg.life.hops;
        let cut = leg.life.end == End::Consumed(Consumer::Fragmentation);
        // What was cut did not leave itself: its pieces did.
        let left = if cut { &hops[..hops.len() - 1] } else { hops.as_slice() };
        for hop in left {
            let Some(sentence) = passed(hop, told.is_empty(), what) else { continue };
            if told.len() == MOST_TOLD || told.contains(&hop.namespace) {
                let links: usize = legs.iter().map(|leg| leg.life.hops.len() - 1).sum();
                story.push(format!("So it went on; in all it crossed {links} links."));
                return;
            }
            story.push(sentence);
            story.extend(translations(hop));
            story.extend(cut_by.take().map(fragments));
            told.push(hop.namespace);
        }
        if cut {
            cut_by = Some(leg.life.place().namespace);
        }
    }
    story.extend(cut_by.map(fragments));
}

/// The address that a packet was for in the end, where its destination was translated on the way.
fn translated_to(leg: &Leg<'_>) -> Option<IpAddr> {
    let mut all = leg.life.hops.iter().flat_map(|hop| &hop.translated).rev();
    all.find(|it| it.end == NatEnd::Destination).map(|it| it.to)
}

/// What a hop made of the ends of a packet.
fn translations(hop: &Hop<'_>) -> Option<String> {
    let changed = |it: &Translation| {
        let end = match it.end {
            NatEnd::Source => "source",
            NatEnd::Destination => "destination",
        };
        // A port is told where it is another one, and was not chosen by chance.
        match it.ports {
            (Some(from), Some(to)) if from != to && it.end == NatEnd::Destination => {
                format!("its {end} from {} port {from} to {} port {to}", it.from, it.to)
            }
            _ => format!("its {end} from {} to {}", it.from, it.to),
        }
    };
    let told =
        |it: &&Translation| it.from != it.to || (it.ports.0 != it.ports.1 && it.end == NatEnd::Destination);
    let all: Vec<String> = hop.translated.iter().filter(told).map(changed).collect();
    (!all.is_empty())
        .then(|| format!("Address translation in {} changed {}.", hop.namespace, all.join(" and ")))
}

fn fragments(by: &NamespaceName) -> String {
    format!("It was too long for that way, so {by} cut it into fragments, which go each for itself.")
}

fn passed(hop: &Hop<'_>, begins: bool, what: &str) -> Option<String> {
    let way = hop.way.filter(|way| !way.failed)?;
    let link = hop.output_link()?;
    let here = hop.namespace;
    if link.as_str() == "lo" {
        return None;
    }
    let to = match way.gateway {
        Some(gateway) => format!("by {link}, to the gateway {gateway}"),
        None => format!("by {link}, straight to {}", way.destination),
    };
    let entry = way.taken().map(entry_text);
    let left = if hop.output.is_some() { "sent" } else { "was to send" };
    Some(match entry {
        Some(entry) if begins => format!("In {here} the route '{entry}' {left} the {what} {to}."),
        Some(entry) => format!("{here} took it in, and its route '{entry}' {left} it on {to}."),
        None if begins => format!("{here} {left} the {what} {to}."),
        None => format!("{here} took it in, and {left} it on {to}."),
    })
}

/// How many of all came back.
pub(super) fn of_all(fault: &Fault, answered: usize, total: usize, are_connections: bool) -> Option<String> {
    let (what, done) = if are_connections { ("connections", "made") } else { ("requests", "answered") };
    match (fault.cause, answered) {
        (Cause::None, _) => Some(format!("So it went with all {total} {what}.")),
        (Cause::UnderWay, _) => Some(format!("Of {total} {what} so far {answered} were {done}.")),
        (_, 0) => None,
        _ if are_connections => {
            Some(format!("{answered} of {total} connections could be made, this one could not."))
        }
        _ => Some(format!("This request was not answered; {answered} of {total} requests were.")),
    }
}

/// Tells of one packet, and of what went on in its place up to the last one.
pub(super) fn of_packet<'e>(last: &Life<'e>, fate: &Fate<'e>, fault: &Fault) -> Vec<String> {
    let Some(first) = fate.lives.first() else { return Vec::new() };
    let mut story = vec![format!("The packet was made in {}.", first.life.hops[0].namespace)];
    let legs: Vec<&Leg<'e>> = fate.lives.iter().filter(|leg| leg.back == first.back).collect();
    travels(&legs, &mut story);
    story.extend(fault.sentences.iter().cloned());
    if fault.cause == Cause::None {
        story.push(format!("It ended well, in {}.", last.place().namespace));
    }
    story
}
