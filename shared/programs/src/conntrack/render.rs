//! A connection as a line of text (`snprintf_default.c` of `libnetfilter_conntrack`; `ct_save_snprintf`; `ct_seq_show`).

use std::fmt::Write;
use vethlab_shared::netfilter::{
    ConnectionCounter, ConnectionEvent, ConnectionGroups, ConnectionStatus, ConnectionTuple, ConnectionView,
    TuplePart,
};
use vethlab_shared::wire::ipv4::protocol;

/// How a connection is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As `conntrack` does; with the family in front of it, and with the number behind.
    Plain { family: bool, id: bool },
    /// As a command that would make it.
    Save,
    /// As a command that would delete it.
    SaveDeleted,
    /// As `/proc/net/nf_conntrack` has it.
    File,
}

/// How an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventForm {
    /// How its connection is.
    pub(crate) form: Form,
    /// Whether its time stands before it.
    pub(crate) timestamp: bool,
}

/// What of a connection is not told by an event.
#[derive(Clone, Copy, Debug, Default)]
struct Untold {
    /// A time that is over.
    timeout: bool,
    mark: bool,
    uses: bool,
}

/// An event as a line, with its newline (`event_cb`).
pub(crate) fn event(event: &ConnectionEvent, EventForm { form, timestamp }: EventForm) -> String {
    let (word, command) = match event.group {
        ConnectionGroups::NEW => ("[NEW]", "-A"),
        ConnectionGroups::UPDATE => ("[UPDATE]", "-U"),
        _ => ("[DESTROY]", "-D"),
    };
    let mut text = match (form, timestamp) {
        (Form::Plain { .. }, true) => format!("[{:<8}]\t", event.time),
        _ => String::new(),
    };
    let untold = Untold {
        timeout: event.group == ConnectionGroups::DESTROY && event.connection.timeout == 0,
        mark: !event.has_mark,
        uses: true,
    };
    match form {
        Form::Plain { .. } => {
            let _ = write!(text, "{word:>9} {}", shown(&event.connection, form, untold));
        }
        _ => text += &saved(&event.connection, command, untold),
    }
    let end = match event.port {
        0 => String::new(),
        port => format!(" [USERSPACE] portid={port} progname=conntrack"),
    };
    format!("{}{end}\n", text.trim_end())
}

/// The line, with its newline.
pub(crate) fn line(connection: &ConnectionView, form: Form) -> String {
    match form {
        Form::Plain { .. } | Form::File => shown(connection, form, Untold::default()),
        Form::Save => saved(connection, "-A", Untold::default()),
        Form::SaveDeleted => saved(connection, "-D", Untold::default()),
    }
}

/// `l4proto_name`, `proto2str`.
fn protocol_name(number: u8) -> &'static str {
    match number {
        protocol::ICMP => "icmp",
        protocol::TCP => "tcp",
        protocol::UDP => "udp",
        _ => "unknown",
    }
}

fn shown(connection: &ConnectionView, form: Form, untold: Untold) -> String {
    let (original, reply) = (&connection.original, &connection.reply);
    let mut text = String::new();
    if matches!(form, Form::Plain { family: true, .. } | Form::File) {
        let (name, number) = if original.source.is_ipv4() { ("ipv4", 2) } else { ("ipv6", 10) };
        let _ = write!(text, "{name:<8} {number} ");
    }
    let number = original.protocol;
    let _ = write!(text, "{:<8} {number} ", protocol_name(number));
    if !untold.timeout {
        let _ = write!(text, "{} ", connection.timeout);
    }
    if let Some(state) = connection.tcp_state {
        let _ = write!(text, "{} ", state.name());
    }
    let [sent, answered] = connection.counters.map_or([None; 2], |counters| counters.map(Some));
    text += &tuple(original, sent);
    if !connection.status.contains(ConnectionStatus::SEEN_REPLY) {
        text += "[UNREPLIED] ";
    }
    text += &tuple(reply, answered);
    if connection.status.contains(ConnectionStatus::ASSURED) {
        text += "[ASSURED] ";
    }
    if !untold.mark {
        let _ = write!(text, "mark={} ", connection.mark);
    }
    match form {
        _ if untold.uses => text.truncate(text.trim_end().len()),
        // Whoever reads the file holds the connection while it is written.
        Form::File => {
            let _ = write!(text, "zone=0 use={}", connection.uses + 1);
        }
        _ => {
            let _ = write!(text, "use={}", connection.uses);
        }
    }
    if matches!(form, Form::Plain { id: true, .. }) {
        let _ = write!(text, " id={}", connection.id);
    }
    text + "\n"
}

fn tuple(tuple: &ConnectionTuple, counter: Option<ConnectionCounter>) -> String {
    let mut text = format!("src={} dst={} ", tuple.source, tuple.destination);
    let _ = match tuple.part {
        TuplePart::Ports(from, to) => write!(text, "sport={from} dport={to} "),
        TuplePart::Icmp { kind, code, id } => write!(text, "type={kind} code={code} id={id} "),
        TuplePart::None => Ok(()),
    };
    if let Some(ConnectionCounter { packets, bytes }) = counter {
        let _ = write!(text, "packets={packets} bytes={bytes} ");
    }
    text
}

/// `ct_save_snprintf`.
fn saved(connection: &ConnectionView, command: &str, untold: Untold) -> String {
    let (original, reply) = (&connection.original, &connection.reply);
    let bits = [
        (ConnectionStatus::EXPECTED, "EXPECTED"),
        (ConnectionStatus::SEEN_REPLY, "SEEN_REPLY"),
        (ConnectionStatus::ASSURED, "ASSURED"),
    ];
    let status: Vec<&str> =
        bits.iter().filter(|(bit, _)| connection.status.contains(*bit)).map(|(_, name)| *name).collect();
    let status = if status.is_empty() { "UNSET".to_owned() } else { status.join(",") };
    let done = |bit, one, other| connection.status.contains(bit) && one != other;
    let source = done(ConnectionStatus::SRC_NAT_DONE, reply.destination, original.source);
    let destination = done(ConnectionStatus::DST_NAT_DONE, reply.source, original.destination);
    let timeout = if untold.timeout { String::new() } else { format!("-t {} ", connection.timeout) };
    let mut text = format!(
        "{command} {timeout}-u {status} -s {} -d {} {} {} {} {}",
        original.source,
        original.destination,
        if destination { "-g" } else { "-r" },
        reply.source,
        if source { "-n" } else { "-q" },
        reply.destination,
    );
    let number = original.protocol;
    let _ = match protocol_name(number) {
        "unknown" => write!(text, " -p {number}"),
        name => write!(text, " -p {name}"),
    };
    let _ = match (original.part, reply.part) {
        (TuplePart::Icmp { kind, code, id }, _) => {
            write!(text, " --icmp-type {kind} --icmp-code {code} --icmp-id {id}")
        }
        (TuplePart::Ports(from, to), TuplePart::Ports(answers_from, answers_to)) => write!(
            text,
            " --sport {from} --dport {to} --reply-port-src {answers_from} --reply-port-dst {answers_to}"
        ),
        _ => Ok(()),
    };
    if let Some(state) = connection.tcp_state {
        let _ = write!(text, " --state {}", state.name());
    }
    text + "\n"
}
