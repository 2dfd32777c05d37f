//! Events in words, one after another.

use super::{Moment, TimeMachine, lookup};
use std::collections::BTreeMap;
use vethlab_explain::dissect::{dissect, wrap};
use vethlab_explain::journal::Journal;
use vethlab_programs::Console;
use vethlab_shared::event::{
    ArpOperation, ArpOutcome, Consumer, DropReason, Event, EventKind, Hook, NatEnd, NeighbourCause,
};
use vethlab_shared::netfilter::CtState;
use vethlab_shared::status::Status;
use vethlab_shared::wire::tcp;

/// Less room than this beside when and where it was is none: what happened stands below then.
const LEAST_ROOM: usize = 32;
/// Where it stands there.
const BELOW: usize = 8;

/// What the numbers in a timeline are.
const NUMBERS: &str =
    "(skb N: a packet, from its making to its end; frame N: it on one link, which 'packet N' shows)";

impl TimeMachine {
    /// What the last command that did something caused, or all that happened.
    pub(super) fn timeline(&self, all: bool, console: &mut dyn Console) -> Status {
        let last = |moment: &&Moment| moment.line().is_some() && !moment.events.is_empty();
        let from = if all { None } else { self.past.iter().rposition(|moment| last(&moment)) };
        let journal = self.session.journal();
        let frames = Frames::of(journal);
        let mut any = false;
        for moment in &self.past[from.unwrap_or(0)..] {
            if !moment.events.is_empty() {
                any = true;
                let heading =
                    moment.line().map_or("(nobody typed anything)".to_owned(), |line| format!("$ {line}"));
                console.out(&format!("{heading}\n"));
            }
            for number in moment.events.clone() {
                let here = self.place.as_ref().is_some_and(|place| place.event == number);
                let lead = if here { "> " } else { "  " };
                if let Some(event) = journal.event(number) {
                    console.out(&describe(event, journal, &frames, lead, console.width()));
                }
            }
        }
        let text = match any {
            true => NUMBERS,
            false => "Nothing has happened yet: type a command that sends something.",
        };
        console.out(&(wrap(text, console.width()).join("\n") + "\n"));
        0
    }
}

/// The frames of a journal, numbered as in `packets`, by the events that tell of them.
#[derive(Debug)]
pub(super) struct Frames(BTreeMap<u64, usize>);

impl Frames {
    pub(super) fn of(journal: &Journal) -> Frames {
        let mut numbers = BTreeMap::new();
        for (number, crossing) in journal.frames() {
            numbers.extend(crossing.places().map(|place| (place.event, number)));
        }
        Frames(numbers)
    }

    /// What the frame of an event is called.
    fn name(&self, event: &Event) -> String {
        self.0.get(&event.number).map_or(String::new(), |number| format!(" as frame {number}"))
    }
}

/// An event: its number, when, where, which packet, and what; below that, what was weighed. A packet keeps its number from
/// its making to its end, and is a frame on each link: so that the two are not mixed up it is called as in the kernel,
/// `skb`. `lead` stands before it. No line is wider than this, if words allow it.
pub(super) fn describe(
    event: &Event,
    journal: &Journal,
    frames: &Frames,
    lead: &str,
    width: usize,
) -> String {
    let what = match &event.kind {
        // The kernel lets go of an echo reply with this reason after the sockets have their copies (`ping_rcv`).
        EventKind::KfreeSkb { reason: reason @ DropReason::NoSocket } if was_read(event, journal) => {
            format!("ends well: its program has a copy ({})", reason.name())
        }
        EventKind::NetDevXmit { link, frame } => {
            format!("leaves by {link}{}: {}", frames.name(event), dissect(frame).what)
        }
        EventKind::NetifReceiveSkb { link, frame } => {
            format!("comes in by {link}{}: {}", frames.name(event), dissect(frame).what)
        }
        kind => words(kind),
    };
    let packet = event.packet.map_or(String::new(), |packet| format!("skb {}", packet.0));
    let place = event.namespace.to_string();
    let begin = format!("{lead}{:>4}  {}  {place:<8} {packet:<8} ", event.number, event.time);
    let beside = begin.chars().count();
    let indent = if width >= beside + LEAST_ROOM { beside } else { BELOW };
    let lines = |text: &str, indent: usize| wrap(text, width.saturating_sub(indent)).join(&gap(indent));
    let mut text = if indent == beside { begin } else { begin.trim_end().to_owned() + &gap(indent) };
    text += &lines(&what, indent);
    for detail in lookup::details(&event.kind) {
        text += &gap(indent + 2);
        // What goes on in another line stands a little further in.
        text += &wrap(&detail, width.saturating_sub(indent + 4)).join(&gap(indent + 4));
    }
    text + "\n"
}

/// The end of a line, and the room before the next.
fn gap(indent: usize) -> String {
    format!("\n{:indent$}", "")
}

/// Whether a socket was given the packet before.
fn was_read(event: &Event, journal: &Journal) -> bool {
    let given = |other: &Event| matches!(other.kind, EventKind::SockQueueRcvSkb { .. });
    journal.events_before(event.number).iter().rev().any(|other| other.packet == event.packet && given(other))
}

fn words(kind: &EventKind) -> String {
    match kind {
        EventKind::SysEnterSendto { destination, length, .. } => {
            format!("a program sends {length} bytes to {destination}")
        }
        EventKind::SysExit { call, address, errno, .. } => {
            let call = format!("{call:?}").to_lowercase();
            format!("the program is refused: {call} {address}: {errno}")
        }
        EventKind::InetSockSetState { from, to, local, peer, .. } => {
            let peer = if peer.port() == 0 { String::new() } else { format!(" with {peer}") };
            format!("TCP at {local}{peer}: {} -> {}", from.name(), to.name())
        }
        EventKind::TcpTransmitSkb { flags, length, .. } => {
            let data = if *length == 0 { String::new() } else { format!(", {length} bytes of data") };
            format!("is a segment of TCP: {}{data}", tcp::flag_names(*flags))
        }
        EventKind::PacketCreated { parent: None } => "is made".to_owned(),
        EventKind::PacketCreated { parent: Some(parent) } => {
            format!("is made because of skb {}", parent.0)
        }
        EventKind::FibTableLookup { .. } => lookup::summary(kind),
        EventKind::NetDevXmit { link, .. } => format!("leaves by {link}"),
        EventKind::NetifReceiveSkb { link, .. } => format!("comes in by {link}"),
        EventKind::FibValidateSource { source, input, output, accepted, .. } => {
            let back = output.as_ref().map_or("nowhere".to_owned(), |link| format!("by {link}"));
            let verdict = if *accepted { "it may come in" } else { "it may not come in" };
            format!("an answer to {source} would leave {back}, it came by {input}: {verdict}")
        }
        EventKind::UpdateOrCreateFnhe { destination, gateway, mtu } => {
            let gateway = gateway.map_or(String::new(), |gateway| format!(" goes by {gateway}"));
            let mtu = mtu.map_or(String::new(), |mtu| format!(" takes {mtu} bytes at most"));
            format!("learned: the way to {destination}{gateway}{mtu}")
        }
        EventKind::NeighCreate { destination, link, .. } => {
            format!("a neighbour entry for {destination} on {link}")
        }
        EventKind::NeighUpdate { destination, from, to, cause, .. } => {
            format!("neighbour {destination}: {} -> {}, {}", state(*from), state(*to), reason(*cause))
        }
        EventKind::ArpProcess { operation: ArpOperation::Request, sender, target, outcome, .. } => {
            format!("ARP hears {sender} ask for {target}: {}", arp(*outcome))
        }
        EventKind::ArpProcess { operation: ArpOperation::Reply, sender, outcome, .. } => {
            format!("ARP hears a reply of {sender}: {}", arp(*outcome))
        }
        EventKind::NeighEventSendDone { destination, waiting, .. } => {
            format!("waits until {destination} has answered, {waiting} in all")
        }
        EventKind::NeighCleanupAndRelease { destination, link } => {
            format!("the neighbour entry for {destination} on {link} is gone")
        }
        EventKind::IcmpEcho { answered: true } => "is an echo request, and is answered".to_owned(),
        EventKind::IcmpEcho { answered: false } => {
            "is an echo request: icmp_echo_ignore_all is set".to_owned()
        }
        EventKind::Icmpv4XrlimAllow { kind, to, allowed, .. } => {
            let what = if *kind == 0 { "echo replies" } else { "errors" };
            let verdict = if *allowed { "one more may go" } else { "too many in too short a time" };
            format!("{what} to {to}: {verdict}")
        }
        EventKind::SockQueueErrSkb { errno, .. } => format!("tells a program of an error: {errno}"),
        EventKind::IpDoFragment { pieces } => format!("is cut into {} fragments", pieces.len()),
        EventKind::IpFragReasm { pieces } => format!("is put together from {} fragments", pieces.len()),
        EventKind::NfHook { hook, accepted } => {
            let hook = match hook {
                Hook::PreRouting => "PREROUTING",
                Hook::LocalIn => "INPUT",
                Hook::Forward => "FORWARD",
                Hook::LocalOut => "OUTPUT",
                Hook::PostRouting => "POSTROUTING",
            };
            format!("{hook}: {}", if *accepted { "may pass" } else { "is held back" })
        }
        EventKind::NfNatManipPkt { end, from, to, from_port, to_port } => {
            let end = match end {
                NatEnd::Source => "source",
                NatEnd::Destination => "destination",
            };
            let port = |port: &Option<u16>| port.map_or_else(String::new, |port| format!(":{port}"));
            match from_port == to_port {
                true => format!("its {end} is translated: {from} -> {to}"),
                false => {
                    format!("its {end} is translated: {from}{} -> {to}{}", port(from_port), port(to_port))
                }
            }
        }
        EventKind::NftTrace { table, chain, rule, ct_state, verdict, .. } => {
            let by = rule.map_or_else(|| "the policy".to_owned(), |number| format!("rule {number}"));
            let invalid = ct_state.is_some_and(|state| state == CtState::INVALID);
            let of = if invalid { " (part of no connection: INVALID)" } else { "" };
            format!("{by} of {chain} in {}: {verdict}{of}", table.name)
        }
        EventKind::IcmpSend { kind, code, to } => {
            format!("an ICMP error about it goes to {to}: type {kind} code {code}")
        }
        EventKind::SockQueueRcvSkb { .. } => "is given to a program".to_owned(),
        EventKind::ConsumeSkb { by } => {
            let by = match by {
                Consumer::Arp => "ARP",
                Consumer::Icmp => "ICMP",
                Consumer::Udp => "UDP",
                Consumer::Tcp => "TCP",
                Consumer::Fragmentation => return "goes on as its fragments".to_owned(),
                Consumer::Reassembly => return "goes on as part of the whole".to_owned(),
            };
            format!("ends well: {by} has taken it in")
        }
        EventKind::KfreeSkb { reason } => format!("is dropped: {} ({})", reason.words(), reason.name()),
        EventKind::EventsLost { reason, .. } => format!("not all could be seen: {reason}"),
    }
}

fn arp(outcome: ArpOutcome) -> &'static str {
    match outcome {
        ArpOutcome::Answered => "it is an own address",
        ArpOutcome::ArpIgnore => "it is an own address, but arp_ignore forbids to answer",
        ArpOutcome::BadSender => "the sender's address cannot be",
        ArpOutcome::NotForUs => "nobody here",
        ArpOutcome::Heard => "the sender is known",
    }
}

fn state(state: vethlab_shared::view::NeighbourState) -> String {
    let names: Vec<&str> = state.iter_names().map(|(name, _)| name).collect();
    if names.is_empty() { "NONE".to_owned() } else { names.join("|") }
}

fn reason(cause: NeighbourCause) -> &'static str {
    match cause {
        NeighbourCause::Used => "a packet needs it",
        NeighbourCause::Request => "its ARP request was heard",
        NeighbourCause::Reply => "its ARP reply was heard",
        NeighbourCause::Timer => "a timer ran out",
        NeighbourCause::NoAnswer => "nobody answered",
        NeighbourCause::Administrator => "by hand",
    }
}
