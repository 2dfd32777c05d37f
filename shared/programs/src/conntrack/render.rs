//! A connection as a line of text (`snprintf_default.c` of `libnetfilter_conntrack`; `ct_save_snprintf`; `ct_seq_show`).

use std::fmt::Write;
use vethlab_shared::netfilter::{
    ConnectionCounter, ConnectionStatus, ConnectionTuple, ConnectionView, TuplePart,
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

/// The line, with its newline.
pub(crate) fn line(connection: &ConnectionView, form: Form) -> String {
    match form {
        Form::Plain { .. } | Form::File => shown(connection, form),
        Form::Save => saved(connection, "-A"),
        Form::SaveDeleted => saved(connection, "-D"),
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

fn shown(connection: &ConnectionView, form: Form) -> String {
    let (original, reply) = (&connection.original, &connection.reply);
    let mut text = String::new();
    if matches!(form, Form::Plain { family: true, .. } | Form::File) {
        let (name, number) = if original.source.is_ipv4() { ("ipv4", 2) } else { ("ipv6", 10) };
        let _ = write!(text, "{name:<8} {number} ");
    }
    let number = original.protocol;
    let _ = write!(text, "{:<8} {number} {} ", protocol_name(number), connection.timeout);
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
    let _ = write!(text, "mark={} ", connection.mark);
    match form {
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
fn saved(connection: &ConnectionView, command: &str) -> String {
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
    let mut text = format!(
        "{command} -t {} -u {status} -s {} -d {} {} {} {} {}",
        connection.timeout,
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
