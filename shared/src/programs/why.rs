//! `why`: tells what became of the last traffic, and why.
//!
//! Exit status 0 where there is an explanation (that all went well is one), 1 where there is none, 2 for a wrong
//! word.

use super::{Context, Failure, Status, refused};
use crate::event::{Event, EventKind, PacketId, Syscall};
use crate::journal::{Command, Journal};
use crate::why::{Cause, Diagnosis, Question, explain};
use std::fmt::Write;
use std::net::Ipv4Addr;

const USAGE: &str = "\
Usage: why [--json] [ADDRESS | packet N]

Tells in a few sentences what became of the last ping (or any other traffic):
which route chose the way, how far it got, what happened there and because of
what. Where a command mends it, 'why' shows that command as you would type it.

  why              the last command that sent anything, or tried to
  why 10.0.0.2     the last one that sent to this address
  why packet 7     what became of frame 7 of 'packets'
  why --json       the same for programs, in one line
  why --help       this text

Try it: ping an address that nobody has, then type 'why'.

What it can name:
";

/// The widest line.
const WIDTH: usize = 78;

/// What was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Request {
    json: bool,
    destination: Option<Ipv4Addr>,
    /// A frame, numbered as in `packets`.
    frame: Option<usize>,
}

/// Runs `why`.
pub(super) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        context.console.out(&help());
        return Ok(0);
    }
    let request = parse(words)?;
    if !context.stack.capabilities().full_events {
        let message = "why: this stack does not tell why it decides as it does; the simulator does: \
                       the same commands in 'vethlab shell --stack sim'";
        return Err(Failure::exit(1, message));
    }
    let packet = request.frame.and_then(|number| packet_of(number, context.journal));
    let found = match (request.frame, packet) {
        (Some(_), packet) => packet.map(|_| (None, context.journal.events())),
        (None, _) => subject(request.destination, context.journal),
    };
    let Some((command, events)) = found else {
        return Err(Failure::exit(
            1,
            match (request.destination, request.frame) {
                (Some(address), _) => format!("why: nothing was sent to {address} here"),
                (_, Some(number)) => format!("why: there is no packet {number}; 'packets all' lists them"),
                _ => "why: nothing was sent yet; try a ping first".to_owned(),
            },
        ));
    };
    let line = command.map_or_else(String::new, |command| command.line.clone());
    let question = Question {
        command: &line,
        events,
        destination: request.destination,
        packet,
        unfinished: is_unfinished(events, context.journal),
        shells: context.shells,
    };
    let found = if events.is_empty() {
        Some(nothing_sent(command))
    } else {
        let explained = explain(&question, context.stack);
        explained
            .map_err(|error| refused(error, 1, |errno| format!("why: the stack cannot be read: {errno}")))?
    };
    let Some(diagnosis) = found else {
        return Err(Failure::exit(1, "why: there was no request whose way could be followed"));
    };
    let diagnosis = diagnosis.numbered(context.journal);
    let text = if request.json {
        let text = serde_json::to_string(&diagnosis);
        text.map_err(|error| Failure::exit(1, format_args!("why: {error}")))? + "\n"
    } else {
        render(&line, &diagnosis, context)
    };
    context.console.out(&text);
    Ok(Status::from(diagnosis.cause == Cause::Unexplained))
}

fn parse(words: &[String]) -> Result<Request, Failure> {
    let mut request = Request::default();
    let mut words = words.iter().map(String::as_str);
    let wrong =
        |what: String| Failure::exit(2, format_args!("why: {what}; 'why --help' shows how it is used"));
    while let Some(word) = words.next() {
        let given = request.destination.is_some() || request.frame.is_some();
        match word {
            "--json" => request.json = true,
            "packet" if !given => {
                let number = words.next().ok_or_else(|| wrong("'packet' needs a number".to_owned()))?;
                let number =
                    number.parse().map_err(|_| wrong(format!("'{number}' is no packet's number")))?;
                request.frame = Some(number);
            }
            _ if word.starts_with('-') => return Err(wrong(format!("there is no option '{word}'"))),
            _ if given => return Err(wrong(format!("'{word}' is one word too many"))),
            _ => {
                let address = word.parse().map_err(|_| wrong(format!("'{word}' is no IPv4 address")))?;
                request.destination = Some(address);
            }
        }
    }
    Ok(request)
}

/// The command that is to be explained and its events: none where the last one that should have sent something
/// ended before it could.
fn subject(destination: Option<Ipv4Addr>, journal: &Journal) -> Option<(Option<&Command>, &[Event])> {
    if let Some(address) = destination {
        let sent = |event: &Event| match event.kind {
            EventKind::SysEnterSendto { destination, .. } => destination == address,
            EventKind::SysExit { address: to, call, .. } => to == address && call != Syscall::Bind,
            _ => false,
        };
        let found = journal.commands().rev().find(|(_, events)| events.iter().any(sent));
        return found.map(|(command, events)| (Some(command), events));
    }
    let asked =
        |event: &Event| matches!(event.kind, EventKind::SysEnterSendto { .. } | EventKind::SysExit { .. });
    // One that should have sent something, and has not: it failed, or it has not come to that yet.
    let should_have = |command: &Command, events: &[Event]| {
        let mut words = command.line.split_whitespace().filter(|word| !word.starts_with('-'));
        let sends = words.any(|word| word == "ping" || word == "traceroute");
        sends && (command.status != 0 || is_unfinished(events, journal))
    };
    let mut commands = journal.commands().rev();
    let found = commands.find(|(command, events)| events.iter().any(asked) || should_have(command, events));
    found.map(|(command, events)| {
        let told = events.iter().any(asked) || is_unfinished(events, journal);
        (Some(command), if told { events } else { &[] })
    })
}

/// Whether time stands still in the middle of these events.
fn is_unfinished(events: &[Event], journal: &Journal) -> bool {
    let last = |events: &[Event]| events.last().map(|event| event.number);
    !events.is_empty() && journal.moment().is_some_and(|moment| last(moment) == last(events))
}

/// The packet that a frame carried.
fn packet_of(number: usize, journal: &Journal) -> Option<PacketId> {
    journal.frames().find(|(known, _)| *known == number)?.1.packet
}

fn nothing_sent(command: Option<&Command>) -> Diagnosis {
    let namespace = command.map(Command::place).unwrap_or_default();
    let line = command.map_or("", |command| command.line.as_str());
    let story = vec![format!(
        "'{line}' ended before anything was sent: what it wrote says which word it did not like."
    )];
    Diagnosis { cause: Cause::NothingSent, namespace, evidence: Vec::new(), story, attempts: Vec::new() }
}

fn help() -> String {
    let mut text = USAGE.to_owned();
    for cause in Cause::ALL {
        text += &wrapped(cause.about(), &format!("  {:<20}", cause.name()), &" ".repeat(22));
    }
    text
}

fn render(line: &str, diagnosis: &Diagnosis, context: &Context<'_>) -> String {
    let Diagnosis { cause, namespace, evidence, story, attempts } = diagnosis;
    let mut text = String::new();
    let about = if line.is_empty() { String::new() } else { format!("{line}: ") };
    let found = match cause {
        Cause::None => "none: nothing is wrong".to_owned(),
        _ => format!("{cause} in {namespace}"),
    };
    text += &wrapped(&format!("{about}{found}"), "", "  ");
    text.push('\n');
    for sentence in story {
        text += &wrapped(sentence, "", "");
    }
    if !evidence.is_empty() {
        text += "\nWhat decided it, and what shows it:\n";
    }
    let prompt = context.shells.last().cloned().unwrap_or_default();
    for item in evidence {
        text += &wrapped(&item.to_string(), "  ", "    ");
        if let Some(command) = item.shown_by() {
            let typed = if item.namespace == prompt || item.namespace.is_host() {
                command
            } else {
                crate::why::within(&item.namespace, &command)
            };
            let _ = writeln!(text, "      {typed}");
        }
    }
    if !attempts.is_empty() {
        text += "\nTry:\n";
        for command in attempts {
            let _ = writeln!(text, "  {command}");
        }
    }
    text
}

/// Text in lines that are not too wide.
fn wrapped(text: &str, first: &str, others: &str) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out += line.trim_end();
            out.push('\n');
            (line, empty) = (others.to_owned(), true);
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    out + line.trim_end() + "\n"
}
