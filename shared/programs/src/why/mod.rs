//! `why`: tells what became of the last traffic, and why.
//!
//! Where the stack does not tell why it decides as it does, a stack beside it is asked that was given the same commands.
//!
//! Exit status 0 where there is an explanation (that all went well is one), 1 where there is none or where it is
//! doubtful, 2 for a wrong word.

mod denied;
mod losses;
mod rehearsal;

use super::manual::own;
use super::{Context, Failure, Status, refused};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr};
use vethlab_explain::journal::{Command, Crossing, Journal};
use vethlab_explain::why::{
    Account, Answer, Cause, Departure, Diagnosis, Question, SeenBeside, Then, explain, explain_nothing_sent,
    explain_refusal, explain_then,
};
use vethlab_shared::event::{Event, EventKind, PacketId, Syscall};
use vethlab_shared::name::NamespaceName;
use vethlab_shared::view::SocketState;

/// Where the stack does not tell, and nobody else does.
const NO_WITNESS: &str = "why: this stack does not tell why it decides as it does; the simulator does: the same \
                          commands in 'vethlab shell --stack sim'";

/// Whose account it is, where it is not the stack's own.
const TELLER: &str = "The simulator tells this.";

/// What was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Request {
    json: bool,
    destination: Option<IpAddr>,
    /// A frame, numbered as in `packets`.
    frame: Option<usize>,
}

/// Runs `why`.
pub(super) fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        context.console.out(&own::WHY.text());
        return Ok(0);
    }
    let request = parse(words)?;
    let width = context.console.width();
    let told = match &mut context.beside {
        _ if context.stack.capabilities().full_events => {
            SeenBeside { stack: context.stack, journal: context.journal, account: Account::default() }
        }
        Some(beside) => beside.tell(context.stack, context.journal),
        None => return Err(Failure::exit(1, NO_WITNESS)),
    };
    let SeenBeside { stack, journal, mut account } = told;
    let numbers = numbers(context.journal, journal);
    let carried = |number| numbers.iter().find(|(known, _)| *known == number)?.1.packet;
    let packet = request.frame.and_then(carried);
    let unreadable = |error| refused(error, 1, |errno| format!("why: the stack cannot be read: {errno}"));
    let late = request.frame.is_none() && request.destination.is_none();
    let denied =
        if late { denied::last(journal, |command, events| sends(command, events, journal)) } else { None };
    let found = match (denied, request.frame, packet) {
        (Some(command), _, _) => Some((Some(command), &[][..])),
        (None, Some(_), packet) => packet.map(|_| (None, journal.events())),
        (None, None, _) => subject_of(request.destination, journal),
    };
    let Some((command, events)) = found else {
        let what = match (request.destination, request.frame) {
            (Some(address), _) => format!("nothing was sent to {address} here"),
            (_, Some(number)) if context.journal.frames().next().is_none() => {
                format!("there is no packet {number}: no frame has crossed a link so far")
            }
            (_, Some(number)) => format!("there is no packet {number}; 'packets all' lists them"),
            _ => "nothing was sent yet; try a ping first".to_owned(),
        };
        let doubt = account.difference.as_ref().map(|apart| doubtful(apart, width)).unwrap_or_default();
        return Err(Failure::Exit { message: format!("{doubt}why: {what}\n"), status: 1 });
    };
    let line = command.map_or_else(String::new, |command| command.line.clone());
    let question = Question {
        invocation: command.map(|command| &command.invocation),
        events,
        destination: request.destination,
        packet,
        unfinished: is_unfinished(events, journal),
    };
    let found = match denied {
        Some(command) => explain_refusal(command, stack).map_err(unreadable)?,
        None if events.is_empty() => match command {
            Some(command) => Some(explain_nothing_sent(command, stack).map_err(unreadable)?),
            None => None,
        },
        None => {
            // By the tables as they were when the command had ended; in its middle they are what is looked at.
            let last = events.iter().rev().find(|event| packet.is_none() || event.packet == packet);
            let then = last.and_then(|event| journal.after(event.number)).filter(|_| !question.unfinished);
            let explained = match then {
                Some(then) => explain_then(&question, then.stack().as_mut(), stack),
                None => explain(&question, stack),
            };
            explained.map_err(unreadable)?
        }
    };
    let Some(diagnosis) = found else {
        return Err(Failure::exit(1, "why: there was no request whose way could be followed"));
    };
    let mut diagnosis = diagnosis.numbered(&numbers);
    let again = command.or_else(|| packet.and_then(|_| sender(events, packet, journal)));
    // What mends a refusal ends with the command itself.
    let again = again.filter(|_| denied.is_none());
    // What went after the command had ended did not make it fail.
    let before = journal.commands().rev().map(|(command, _)| command);
    let before = before.skip_while(|command| again.is_some_and(|again| again.began < command.began));
    let own = diagnosis.mends.clone();
    let lost = match denied.is_none() && !diagnosis.stale && diagnosis.cause != Cause::None {
        true => losses::missing(&mut diagnosis, before, journal, stack).map_err(unreadable)?,
        false => None,
    };
    let careful = !denied.is_some_and(denied::takes_away);
    let aim = rehearsal::Aim { again, destination: request.destination, careful, own };
    let spoken_of = rehearsal::propose(&mut diagnosis, &aim, stack, context.shells)
        .map_err(|error| refused(error, 1, |errno| format!("why: the copy cannot be read: {errno}")))?;
    losses::told(&mut diagnosis, lost, spoken_of.as_ref());
    account.missed = denied::by_vethlab(journal);
    account.confirmed &= account.missed.is_empty();
    let answer = Answer { diagnosis, account };
    let text = if request.json {
        let text = serde_json::to_string(&answer);
        text.map_err(|error| Failure::exit(1, format_args!("why: {error}")))? + "\n"
    } else {
        render(&line, &answer, context.shells, width)
    };
    context.console.out(&text);
    let Answer { diagnosis, account } = answer;
    Ok(Status::from(diagnosis.cause == Cause::Unexplained || account.difference.is_some()))
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
                let address = word.parse::<Ipv4Addr>();
                let address = address.map_err(|_| wrong(format!("'{word}' is no IPv4 address")))?;
                request.destination = Some(address.into());
            }
        }
    }
    Ok(request)
}

/// The command that is to be explained and its events: none where the last one that should have sent something
/// ended before it could.
pub(super) fn subject_of(
    destination: Option<IpAddr>,
    journal: &Journal,
) -> Option<(Option<&Command>, &[Event])> {
    if let Some(address) = destination {
        let sent = |event: &Event| match event.kind {
            EventKind::SysEnterSendto { destination, .. } => destination == address,
            EventKind::InetSockSetState { to: SocketState::SynSent, peer, .. } => peer.ip() == address,
            EventKind::SysExit { address: to, call, .. } => to == address && call != Syscall::Bind,
            _ => false,
        };
        let found = journal.commands().rev().find(|(_, events)| events.iter().any(sent));
        return found.map(|(command, events)| (Some(command), events));
    }
    let mut commands = journal.commands().rev();
    let found = commands.find(|(command, events)| sends(command, events, journal));
    found.map(|(command, events)| {
        let told = events.iter().any(is_asked) || is_unfinished(events, journal);
        (Some(command), if told { events } else { &[] })
    })
}

/// Whether a process asked for something to be sent, or was refused to.
fn is_asked(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::SysEnterSendto { .. }
            | EventKind::InetSockSetState { to: SocketState::SynSent, .. }
            | EventKind::SysExit { .. }
    )
}

/// Whether a command sent something, or should have and has not: it failed, or it has not come to that yet.
fn sends(command: &Command, events: &[Event], journal: &Journal) -> bool {
    let should_have = command.is_to_send() && (command.status != 0 || is_unfinished(events, journal));
    events.iter().any(is_asked) || should_have
}

/// The command during which a packet was made.
fn sender<'j>(events: &[Event], packet: Option<PacketId>, journal: &'j Journal) -> Option<&'j Command> {
    let first = events.iter().find(|event| event.packet == packet)?.number;
    let holds = |events: &[Event]| events.iter().any(|event| event.number == first);
    journal.commands().rev().find(|(_, events)| holds(events)).map(|(command, _)| command)
}

/// Whether time stands still in the middle of these events.
fn is_unfinished(events: &[Event], journal: &Journal) -> bool {
    let last = |events: &[Event]| events.last().map(|event| event.number);
    !events.is_empty() && journal.moment().is_some_and(|moment| last(moment) == last(events))
}

/// The frames of the account that is told, each with the number that it has among the person's own: of the frames that
/// left alike, by the same link and asking for a neighbour or not, it is the one in the same place.
fn numbers(own: &Journal, told: &Journal) -> Vec<(usize, Crossing)> {
    if std::ptr::eq(own, told) {
        return own.frames().collect();
    }
    const ARP: &[u8] = &[0x08, 0x06];
    let lane = |crossing: &Crossing| {
        let place = crossing.first_seen().map(|place| (place.namespace.clone(), place.link.clone()));
        (place, crossing.sent.is_some(), crossing.frame.get(12..14) == Some(ARP))
    };
    let mut lanes: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
    for (number, crossing) in own.frames() {
        lanes.entry(lane(&crossing)).or_default().push_back(number);
    }
    let mut number = |crossing: &Crossing| lanes.get_mut(&lane(crossing))?.pop_front();
    told.frames().filter_map(|(_, crossing)| Some((number(&crossing)?, crossing))).collect()
}

/// What is said before an account that the kernel did not confirm.
fn doubtful(Departure { command, how }: &Departure, width: usize) -> String {
    let text = format!("Doubtful. {TELLER} What the kernel did is not the same: at '{command}' {how}.");
    wrapped(&text, "", "", width) + "\n"
}

fn render(
    line: &str,
    Answer { diagnosis, account }: &Answer,
    shells: &[NamespaceName],
    width: usize,
) -> String {
    let Diagnosis { cause, namespace, evidence, story, attempts, then, .. } = diagnosis;
    let mut text = String::new();
    text += &account.difference.as_ref().map(|apart| doubtful(apart, width)).unwrap_or_default();
    let about = if line.is_empty() { String::new() } else { format!("{line}: ") };
    let found = match cause {
        Cause::None => "nothing is wrong".to_owned(),
        _ => format!("{cause} in {namespace}"),
    };
    text += &wrapped(&format!("{about}{found}"), "", "  ", width);
    text.push('\n');
    for sentence in story {
        text += &wrapped(sentence, "", "", width);
    }
    if !evidence.is_empty() {
        text += "\nWhat decided it, and what shows it:\n";
    }
    let prompt = shells.last().cloned().unwrap_or_default();
    for item in evidence {
        text += &wrapped(&item.to_string(), "  ", "    ", width);
        if let Some(command) = item.shown_by() {
            let typed = if item.namespace == prompt || item.namespace.is_host() {
                command
            } else {
                vethlab_explain::why::within(&item.namespace, &command)
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
    if let Some(Then { cause, namespace }) = then.as_ref().filter(|then| then.cause != Cause::None) {
        let next =
            format!("Tried on a copy of this network, that is not all: next comes {cause} in {namespace}.");
        text += &wrapped(&next, "", "", width);
    }
    if let Some(missed) = missing(&account.missed, line) {
        text.push('\n');
        text += &wrapped(&missed, "", "", width);
    }
    if account.confirmed {
        let commands = match account.commands {
            1 => "In the one command".to_owned(),
            number => format!("In all {number} commands"),
        };
        let same = "so far the kernel printed the same and sent the same frames";
        text.push('\n');
        text += &wrapped(&format!("{TELLER} {commands} {same}."), "", "", width);
    }
    text
}

/// Of so many commands that vethlab refused each is named.
const MOST_NAMED: usize = 3;

/// What is said where vethlab refused commands, other than the one that is explained.
fn missing(missed: &[String], line: &str) -> Option<String> {
    let others: Vec<String> =
        missed.iter().filter(|other| *other != line).map(|other| format!("'{other}'")).collect();
    let named = others.get(..MOST_NAMED).unwrap_or(&others).join(", ");
    let more = match others.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!others.is_empty()).then(|| {
        format!(
            "vethlab refused {named}{more}, because it does not model that. Its effect is missing here, so this answer may \
             not hold."
        )
    })
}

/// Text in lines that are no wider, if words allow it.
fn wrapped(text: &str, first: &str, others: &str, width: usize) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
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
