//! `packets`: the frames that crossed links, one a line.

use super::manual::own;
use super::{Context, Failure, Status};
use serde::Serialize;
use vethlab_explain::dissect::{Numbers, dissect, wrap};
use vethlab_explain::journal::{Command, Crossing, Journal, Place};
use vethlab_shared::event::{DropReason, Event, EventKind, Lost};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::time::{Duration, Instant};
use vethlab_shared::wire::{Frame, Ipv4, icmp};

/// Which frames are wanted.
#[derive(Debug, Default)]
struct Wanted {
    all: bool,
    at: Option<At>,
    json: bool,
}

/// Where frames are wanted from, as typed.
#[derive(Debug)]
struct At {
    word: String,
    /// What the word names, of all that there is or was.
    namespace: Option<String>,
    link: Option<String>,
}

/// A frame that is to be shown.
struct Row<'a> {
    number: usize,
    crossing: Crossing,
    /// The command that led to it, or the last one before it.
    command: Option<&'a Command>,
    /// The numbers of a segment of TCP.
    numbers: Option<String>,
}

/// A frame, for programs. Times are in nanoseconds since the stack began.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    number: usize,
    command: Option<&'a str>,
    sent: Option<&'a Place>,
    received: Option<&'a Place>,
    packet: Option<u64>,
    dropped: Option<DropReason>,
    what: &'a str,
    length: usize,
}

pub(super) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        context.console.out(&own::PACKETS.text());
        return Ok(0);
    }
    let frames: Vec<(usize, Crossing)> = context.journal.frames().collect();
    let wanted = parse(words, &frames, context)?;
    let last = context.journal.last_traffic().map(|(command, _)| command);
    let mut numbers = Numbers::default();
    let rows: Vec<Row<'_>> = frames
        .into_iter()
        .map(|(number, crossing)| Row {
            number,
            command: command_of(&crossing, context.journal),
            numbers: numbers.of(&crossing.frame),
            crossing,
        })
        .filter(|row| wanted.all || (last.is_some() && row.command == last))
        .filter(|row| wanted.at.as_ref().is_none_or(|at| row.crossing.places().any(|place| at.has(place))))
        .collect();
    if wanted.json {
        // A program is told too that its list is not whole; the list itself stays what it is.
        let lost = losses(context.journal.events(), context.console.width());
        context.console.err(&lost);
        return print_json(&rows, context);
    }
    let width = context.console.width();
    context.console.out(&match (rows.is_empty(), last) {
        (true, None) => filled("No command has sent anything so far: 'ping', for example, does.", width),
        (true, Some(last)) => filled(&nothing(&wanted, last, context.journal), width),
        (false, _) => table(&rows, context.journal, width),
    });
    let shown = match (wanted.all, context.journal.last_traffic()) {
        (false, Some((_, events))) => events,
        _ => context.journal.events(),
    };
    if wanted.all && context.journal.frames_forgotten() > 0 {
        let last = context.journal.frames_forgotten();
        context.console.out(&filled(&format!("Frames up to {last} are no longer kept."), width));
    }
    context.console.out(&losses(shown, width));
    Ok(0)
}

fn parse(
    words: &[String],
    frames: &[(usize, Crossing)],
    context: &mut Context<'_>,
) -> Result<Wanted, Failure> {
    let mut wanted = Wanted::default();
    for word in words {
        match word.as_str() {
            "all" => wanted.all = true,
            "--json" => wanted.json = true,
            _ if wanted.at.is_some() => {
                return Err(bad(format_args!("one place at most, and '{word}' is a second")));
            }
            option if option.starts_with('-') => return Err(bad(format_args!("no option '{option}'"))),
            _ => wanted.at = Some(find(word, frames, context)?),
        }
    }
    Ok(wanted)
}

fn bad(what: impl std::fmt::Display) -> Failure {
    Failure::exit(2, format_args!("packets: {what} (packets --help)"))
}

/// What a word names: a namespace, a link, or both, of those that there are or that frames have crossed.
fn find(word: &str, frames: &[(usize, Crossing)], context: &mut Context<'_>) -> Result<At, Failure> {
    let mut known: Vec<(String, String)> = frames
        .iter()
        .flat_map(|(_, crossing)| crossing.places())
        .map(|place| (place.namespace.to_string(), place.link.to_string()))
        .collect();
    let namespaces = context.stack.namespaces().unwrap_or_default();
    for namespace in [NamespaceName::HOST].iter().chain(&namespaces) {
        let links = context.stack.links(namespace).unwrap_or_default();
        known.extend(links.into_iter().map(|link| (namespace.to_string(), link.name.to_string())));
    }
    let at = |namespace: Option<&str>, link: Option<&str>| At {
        word: word.to_owned(),
        namespace: namespace.map(str::to_owned),
        link: link.map(str::to_owned),
    };
    let candidates = match word.split_once('/') {
        Some((namespace, link)) => vec![at(Some(namespace), Some(link))],
        None => vec![at(Some(word), None), at(None, Some(word))],
    };
    let mut fitting =
        candidates.into_iter().filter(|at| known.iter().any(|(namespace, link)| at.fits(namespace, link)));
    match (fitting.next(), fitting.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => Err(bad(format_args!(
            "'{word}' is a namespace and a link: say '{word}/LINK' or 'NAMESPACE/{word}'"
        ))),
        _ => Err(bad(format_args!("there is no namespace and no link '{word}'"))),
    }
}

impl At {
    fn fits(&self, namespace: &str, link: &str) -> bool {
        self.namespace.as_deref().is_none_or(|wanted| wanted == namespace)
            && self.link.as_deref().is_none_or(|wanted| wanted == link)
    }

    fn has(&self, place: &Place) -> bool {
        self.fits(place.namespace.as_str(), place.link.as_str())
    }
}

/// The command that led to a frame, or the last one before it.
pub(super) fn command_of<'a>(crossing: &Crossing, journal: &'a Journal) -> Option<&'a Command> {
    let seen = crossing.first_seen().map_or(Instant::START, |place| place.time);
    let mut commands = journal.commands().rev().map(|(command, _)| command);
    commands.find(|command| command.began <= seen)
}

/// What to say where there is nothing to show.
fn nothing(wanted: &Wanted, last: &Command, journal: &Journal) -> String {
    let place = wanted.at.as_ref().map(|at| format!(" at {}", at.word)).unwrap_or_default();
    match wanted.all {
        false if journal.moment().is_some() => {
            format!(
                "No frame has crossed a link{place} so far in '{}'. 'packets all' has all others.",
                last.line
            )
        }
        true => format!("No frame has crossed a link{place} so far."),
        false => format!("No frame crossed a link{place} in '{}'. 'packets all' has all others.", last.line),
    }
}

/// What the stack could not keep up with: each thing once, however often it happened.
fn losses(events: &[Event], width: usize) -> String {
    let line = |event: &Event| match &event.kind {
        EventKind::EventsLost { what, reason, .. } => {
            let what = match what {
                Lost::Frames => "not all frames could be seen",
                Lost::DropReasons => "not all drops could be seen",
            };
            Some(filled(&format!("{what}: {reason}"), width))
        }
        _ => None,
    };
    let mut lines: Vec<String> = Vec::new();
    for line in events.iter().filter_map(line) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

/// A sentence in lines that are no wider.
fn filled(text: &str, width: usize) -> String {
    wrap(text, width).join("\n") + "\n"
}

/// Where a frame went: `red/veth-red > host/veth-host`.
pub(super) fn way(crossing: &Crossing, journal: &Journal) -> String {
    match (&crossing.sent, &crossing.received) {
        (Some(from), None) if is_on_wire(crossing, journal) => format!("{from} > (on the wire)"),
        (Some(from), Some(to)) => format!("{from} > {to}"),
        (Some(from), None) => format!("{from} > nowhere"),
        (None, Some(to)) => format!("unseen > {to}"),
        (None, None) => String::new(),
    }
}

/// Whether time stands still while the frame is on its wire.
fn is_on_wire(crossing: &Crossing, journal: &Journal) -> bool {
    journal.moment().is_some() && crossing.received.is_none() && crossing.dropped.is_none()
}

/// What became of a frame, where it did not simply arrive.
pub(super) fn end(crossing: &Crossing, journal: &Journal) -> Option<String> {
    if is_on_wire(crossing, journal) {
        return None;
    }
    let at = match &crossing.received {
        Some(place) => format!("in {}", place.namespace),
        None => "on the wire".to_owned(),
    };
    match crossing.dropped {
        Some(reason) => Some(format!("dropped {at}: {}", reason_words(reason))),
        None if crossing.received.is_none() => Some("not seen to arrive".to_owned()),
        None => None,
    }
}

/// A drop reason in words, with the kernel's name: `the neighbour did not answer (NEIGH_FAILED)`.
fn reason_words(reason: DropReason) -> String {
    let words = reason.words();
    let mut characters = words.chars();
    let words: String = match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(words.chars().skip(1)).collect()
        }
        _ => words.to_owned(),
    };
    format!("{words} ({})", reason.name())
}

/// The time from `earlier` as seconds: `0.000020`.
pub(super) fn seconds(passed: Duration) -> String {
    format!("{}.{:06}", passed.as_secs(), passed.subsec_micros())
}

fn table(rows: &[Row<'_>], journal: &Journal, width: usize) -> String {
    let number_width = rows.last().map_or(1, |row| row.number.to_string().len()).max(2);
    let way_width = rows.iter().map(|row| way(&row.crossing, journal).chars().count()).max().unwrap_or(0);
    let lines: Vec<(String, String, String)> = rows
        .iter()
        .map(|row| {
            let began = row.command.map_or(Instant::START, |command| command.began);
            let seen = row.crossing.first_seen().map_or(began, |place| place.time);
            let time = seconds(seen.since(began));
            let way = way(&row.crossing, journal);
            let begin = format!("{:number_width$}  {time}  {way:way_width$}  ", row.number);
            let dissection = dissect(&row.crossing.frame);
            let numbers = row.numbers.as_ref().map(|numbers| format!(" {numbers}")).unwrap_or_default();
            (begin, dissection.what + &numbers, dissection.whom)
        })
        .collect();
    let long = |(begin, what, whom): &(String, String, String)| {
        begin.chars().count() + what.chars().count() + 1 + whom.chars().count()
    };
    // Where addresses change on the way, they are what one looks for.
    let fits = lines.iter().all(|line| long(line) <= width);
    let with_whom = fits || have_many_ends(rows);
    let mut out = String::new();
    let mut heading: Option<Option<&Command>> = None;
    for (row, (begin, what, whom)) in rows.iter().zip(lines) {
        if heading != Some(row.command) {
            let blank = if heading.is_some() { "\n" } else { "" };
            out += &match row.command {
                Some(command) => format!("{blank}{}# {}\n", command.namespace, command.line),
                None => format!("{blank}before the first command\n"),
            };
            heading = Some(row.command);
        }
        let beside = begin.chars().count();
        let text = match with_whom {
            true if fits => format!("{what} {whom}"),
            true if packet(&row.crossing).is_some() => format!("{what}\n{whom}"),
            _ => what,
        };
        let indent = number_width + 2;
        let below = |text: &str| -> String {
            let lines = text.lines().flat_map(|line| wrap(line, width.saturating_sub(indent)));
            lines.map(|line| format!("{:indent$}{line}\n", "")).collect()
        };
        // What the frame is stands beside where it went if there is room for it, else below.
        let longest = text.lines().map(|line| line.trim().chars().count()).max().unwrap_or(0);
        if beside <= width / 2 || beside + longest <= width {
            let lines = text.trim().lines().flat_map(|line| wrap(line, width.saturating_sub(beside)));
            let lines = lines.collect::<Vec<_>>().join(&format!("\n{:beside$}", ""));
            out += &format!("{begin}{lines}\n");
        } else {
            out += &(wrap(begin.trim_end(), width).join(&format!("\n{:indent$}", "")) + "\n");
            out += &below(text.trim());
        }
        out += &end(&row.crossing, journal).map_or(String::new(), |end| below(&end));
    }
    out
}

/// The packet that a frame carries.
fn packet(crossing: &Crossing) -> Option<Ipv4<'_>> {
    Frame::new(&crossing.frame)?.ipv4()
}

/// Whether packets have other ends than the first one and its answers: their addresses are changed on the way. What is for
/// a group counts as little as an error of somebody on the way.
fn have_many_ends(rows: &[Row<'_>]) -> bool {
    let ends = |row: &Row<'_>| {
        let packet = packet(&row.crossing)?;
        let is_error = packet.icmp().is_some_and(|message| icmp::quotes(message.kind()));
        let (from, to) = (packet.source(), packet.destination());
        (!is_error && !to.is_multicast()).then(|| if from < to { (from, to) } else { (to, from) })
    };
    let mut all = rows.iter().filter_map(ends);
    let first = all.next();
    all.any(|others| Some(others) != first)
}

/// One frame for programs.
pub(super) fn record<'a>(
    number: usize,
    crossing: &'a Crossing,
    command: Option<&'a Command>,
    what: &'a str,
) -> Record<'a> {
    Record {
        number,
        command: command.map(|command| command.line.as_str()),
        sent: crossing.sent.as_ref(),
        received: crossing.received.as_ref(),
        packet: crossing.packet.map(|packet| packet.0),
        dropped: crossing.dropped,
        what,
        length: crossing.frame.len(),
    }
}

fn print_json(rows: &[Row<'_>], context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut lines = Vec::new();
    for row in rows {
        let what = dissect(&row.crossing.frame).what;
        let record = record(row.number, &row.crossing, row.command, &what);
        lines.push(serde_json::to_string(&record).map_err(|error| Failure::exit(1, error))?);
    }
    context.console.out(&format!("[{}]\n", lines.join(",\n")));
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_where_the_stack_could_not_keep_up() {
        let event = |number, kind| {
            let (time, namespace) = (Instant::START, NamespaceName::HOST);
            Event { number, time, namespace, packet: None, kind }
        };
        let frame = EventKind::NetDevXmit { link: "lo".parse().expect("a name"), frame: [0; 60].into() };
        let lost = EventKind::EventsLost {
            what: Lost::Frames,
            count: Some(4),
            reason: "4 frames too many".to_owned(),
        };
        let again = event(3, lost.clone());
        let said = losses(&[event(1, frame.clone()), event(2, lost), again], 80);
        assert_eq!(said, "not all frames could be seen: 4 frames too many\n");
        assert_eq!(losses(&[event(1, frame)], 80), "");
    }
}
