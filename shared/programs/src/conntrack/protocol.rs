//! What each protocol adds to the command line (`extensions/libct_proto_*.c`).

use super::filter::Filter;
use super::problem::{not_modelled, wrong};
use crate::Failure;
use crate::getopt::{Given, Long, Value};
use crate::iptables::names;
use crate::numbers::strtol;
use vethlab_shared::netfilter::TcpConntrackState;
use vethlab_shared::wire::ipv4::protocol;

/// A protocol that the tool knows more of than its number (`struct ctproto_handler`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Handler {
    pub(super) name: &'static str,
    pub(super) number: u8,
    pub(super) longs: &'static [&'static [Long]],
    /// What `conntrack -h -p` says of them.
    pub(super) help: &'static [&'static str],
    /// The options by their numbers, as a complaint names them, and whether a filter may have them.
    options: &'static [&'static [(&'static str, bool)]],
}

/// The long options of ports, which TCP and UDP have.
const PORTS: [Long; 8] = [
    ("orig-port-src", '1', Value::Required),
    ("sport", '1', Value::Required),
    ("orig-port-dst", '2', Value::Required),
    ("dport", '2', Value::Required),
    ("reply-port-src", '3', Value::Required),
    ("reply-port-dst", '4', Value::Required),
    ("mask-port-src", '5', Value::Required),
    ("mask-port-dst", '6', Value::Required),
];

const ICMP_LONGS: [Long; 3] = [
    ("icmp-type", '1', Value::Required),
    ("icmp-code", '2', Value::Required),
    ("icmp-id", '3', Value::Required),
];

/// The options of ports, by their numbers.
const PORT_OPTIONS: [(&str, bool); 6] = [
    ("sport", true),
    ("dport", true),
    ("reply-port-src", true),
    ("reply-port-dst", true),
    ("mask-port-src", false),
    ("mask-port-dst", false),
];
const TUPLE_OPTIONS: [(&str, bool); 2] = [("tuple-port-src", false), ("tuple-port-dst", false)];

const PORTS_HELP: &str = "\
\x20 --orig-port-src\t\toriginal source port
  --orig-port-dst\t\toriginal destination port
  --reply-port-src\t\treply source port
  --reply-port-dst\t\treply destination port
  --mask-port-src\t\tmask source port
  --mask-port-dst\t\tmask destination port
  --tuple-port-src\t\texpectation tuple src port
  --tuple-port-src\t\texpectation tuple dst port
";

const HANDLERS: [Handler; 3] = [
    Handler {
        name: "tcp",
        number: protocol::TCP,
        longs: &[
            &PORTS,
            &[
                ("state", '7', Value::Required),
                ("tuple-port-src", '8', Value::Required),
                ("tuple-port-dst", '9', Value::Required),
            ],
        ],
        help: &[PORTS_HELP, "  --state\t\t\tTCP state, fe. ESTABLISHED\n"],
        options: &[&PORT_OPTIONS, &[("state", true)], &TUPLE_OPTIONS],
    },
    Handler {
        name: "udp",
        number: protocol::UDP,
        longs: &[
            &PORTS,
            &[("tuple-port-src", '7', Value::Required), ("tuple-port-dst", '8', Value::Required)],
        ],
        help: &[PORTS_HELP],
        options: &[&PORT_OPTIONS, &TUPLE_OPTIONS],
    },
    Handler {
        name: "icmp",
        number: protocol::ICMP,
        longs: &[&ICMP_LONGS],
        help: &["  --icmp-type\t\t\ticmp type
  --icmp-code\t\t\ticmp code
  --icmp-id\t\t\ticmp id
"],
        options: &[&[("icmp-type", true), ("icmp-code", true), ("icmp-id", true)]],
    },
];

/// Those that the tool knows more of, and that are not modelled.
const OTHERS: [(&str, u8); 5] = [("udplite", 136), ("sctp", 132), ("dccp", 33), ("icmpv6", 58), ("gre", 47)];

/// The protocol of a name or number (`findproto`).
pub(super) fn find(text: &str) -> Result<(u8, Option<&'static Handler>), Failure> {
    let number = strtol(text, 0);
    let by_number = u8::try_from(number.value).ok().filter(|_| number.rest.is_empty() && !text.is_empty());
    let named = HANDLERS.iter().find(|handler| handler.name.eq_ignore_ascii_case(text));
    let other = OTHERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    let found = named.map(|handler| handler.number).or(other.map(|(_, number)| *number));
    let Some(found) = found.or_else(|| names::number_in_file(text)).or(by_number) else {
        return Err(wrong(format_args!("`{text}' unsupported protocol")));
    };
    if let Some((name, _)) = OTHERS.iter().find(|(_, number)| *number == found) {
        return Err(not_modelled(&format!("-p {name}")));
    }
    // What is named in the file alone has no options, whatever its number is.
    let handler = HANDLERS.iter().find(|handler| handler.number == found);
    Ok((found, handler))
}

/// The handler of a protocol.
pub(super) fn handler(number: u8) -> Option<&'static Handler> {
    HANDLERS.iter().find(|handler| handler.number == number)
}

impl Handler {
    /// Takes an option of the protocol (`parse_opts`): its number, counted from 0.
    pub(super) fn take(&self, given: &Given, filter: &mut Filter) -> Result<usize, Failure> {
        let number = given.letter.to_digit(10).unwrap_or(1) as usize - 1;
        let word = || strtol(given.value(), 10).value as u16;
        let byte = || strtol(given.value(), 10).value as u8;
        match (self.number, given.letter) {
            (protocol::ICMP, '1') => filter.icmp_type = Some(byte()),
            (protocol::ICMP, '2') => filter.icmp_code = Some(byte()),
            (protocol::ICMP, '3') => filter.icmp_id = Some(word()),
            (_, '1') => filter.original_ports.0 = Some(word()),
            (_, '2') => filter.original_ports.1 = Some(word()),
            (_, '3') => filter.reply_ports.0 = Some(word()),
            (_, '4') => filter.reply_ports.1 = Some(word()),
            (protocol::TCP, '7') => filter.state = Some(state(given.value())?),
            // No filter may have the others.
            _ => {}
        }
        Ok(number)
    }

    /// Whether a filter may have all these options (`final_check`); with `filters` off there is none at all.
    pub(super) fn check(&self, given: u32, filters: bool) -> Result<(), Failure> {
        let illegal = self
            .options
            .iter()
            .copied()
            .flatten()
            .enumerate()
            .find(|(place, (_, may))| given & 1 << place != 0 && !(filters && *may));
        match illegal {
            Some((_, (name, _))) => Err(wrong(format_args!("Illegal option `--{name}' with this command"))),
            None => Ok(()),
        }
    }
}

/// `LISTEN` is what `SYN_SENT2` was called before Linux 2.6.31.
fn state(text: &str) -> Result<TcpConntrackState, Failure> {
    let found = TcpConntrackState::ALL.into_iter().find(|state| state.name() == text);
    let found = found.or((text == "LISTEN").then_some(TcpConntrackState::SynSent2));
    found.ok_or_else(|| wrong(format_args!("unknown TCP state `{text}'")))
}
