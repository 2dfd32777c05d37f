//! What the routing tables were asked, in words.

use vethlab_shared::error::Errno;
use vethlab_shared::event::{Considered, EventKind, SourceChoice, Verdict};
use vethlab_shared::view::{RouteKind, table};

/// A lookup in a line: what decided, and what came of it.
pub(super) fn summary(kind: &EventKind) -> String {
    let EventKind::FibTableLookup {
        destination,
        input,
        considered,
        errno,
        gateway,
        output,
        chosen_source,
        ..
    } = kind
    else {
        return String::new();
    };
    let winner = considered.iter().find(|entry| entry.verdict == Verdict::Taken);
    let answer = match (winner, errno) {
        (None, None) => "no entry fits".to_owned(),
        (None, Some(errno)) => format!("no entry fits: {errno}"),
        (Some(entry), None) => format!("{} wins", named(entry)),
        (Some(entry), Some(errno)) => match entry.kind {
            RouteKind::Unicast | RouteKind::Local | RouteKind::Broadcast => {
                // `ip_route_input_slow`: a packet that came in, and is for somebody else.
                let stays = input.is_some() && *errno == Errno::EHOSTUNREACH;
                let why = if stays { "this namespace does not forward" } else { "it may not be taken" };
                return format!("the way to {destination}: {} fits, but {why}: {errno}", entry.prefix);
            }
            _ => return format!("the way to {destination}: {} wins: {errno}", named(entry)),
        },
    };
    let chosen = [
        ("via", gateway.map(|gateway| gateway.to_string())),
        ("dev", output.as_ref().map(ToString::to_string)),
        ("src", chosen_source.map(|source| source.to_string())),
    ];
    let chosen = chosen.into_iter().filter_map(|(word, value)| Some(format!(" {word} {}", value?)));
    format!("the way to {destination}: {answer}{}", chosen.collect::<String>())
}

/// What was weighed: the entries that fit, the longest prefix first, and by what the source was chosen.
pub(super) fn details(kind: &EventKind) -> Vec<String> {
    let (considered, source) = match kind {
        EventKind::FibTableLookup { considered, chosen_source, source_by, .. } => {
            (considered, chosen_source.zip(*source_by))
        }
        EventKind::FibValidateSource { considered, .. } => (considered, None),
        _ => return Vec::new(),
    };
    let mut lines: Vec<String> = considered.iter().map(entry).collect();
    if let Some((source, by)) = source {
        let by = match by {
            SourceChoice::Given => "the sender had settled it",
            SourceChoice::Route => "the route names it (src)",
            SourceChoice::Link => "an address of the link that fits",
            SourceChoice::Destination => "the destination itself, as it is an own address",
        };
        lines.push(format!("source {source}: {by}"));
    }
    lines
}

/// An entry: where it stands, what it says, and what was made of it.
fn entry(entry: &Considered) -> String {
    let mut text = format!("rule {}, table {}: {}", entry.rule, table_name(entry.table), named(entry));
    if let Some(gateway) = entry.gateway {
        text += &format!(" via {gateway}");
    }
    if let Some(link) = &entry.output {
        text += &format!(" dev {link}");
    }
    if entry.metric > 0 {
        text += &format!(" metric {}", entry.metric);
    }
    let verdict = match entry.verdict {
        Verdict::Taken => "fits best",
        Verdict::NextTable => "sends on to the next table",
        Verdict::OtherTos => "is for another type of service",
        Verdict::Scope => "does not reach near enough",
        Verdict::LinkDown => "has no carrier",
        Verdict::OtherLink => "leaves by another link than asked for",
    };
    format!("{text}: {verdict}")
}

/// The prefix, with the kind before it as `ip route` shows it.
fn named(entry: &Considered) -> String {
    match entry.kind {
        RouteKind::Unicast => entry.prefix.to_string(),
        kind => format!("{} {}", format!("{kind:?}").to_lowercase(), entry.prefix),
    }
}

fn table_name(number: u32) -> String {
    match number {
        table::LOCAL => "local".to_owned(),
        table::MAIN => "main".to_owned(),
        table::DEFAULT => "default".to_owned(),
        other => other.to_string(),
    }
}
