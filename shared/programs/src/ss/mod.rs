//! `ss`, as in iproute2 6.1: the sockets of a namespace.

mod filter;
mod render;

use super::getopt::{Getopt, Long, Value};
use super::{Context, Failure, Parsed, SHOWS, refused};
use filter::Filter;
use render::{Row, table};
use vethlab_shared::family::Family;
use vethlab_shared::status::Status;
use vethlab_shared::view::{LinkView, SocketProtocol, SocketState, SocketTimerKind, SocketView};
use vethlab_shared::words::WordList;

/// The long names of the options that are understood.
pub(super) const LONGS: &[Long] = &[
    ("help", 'h', Value::No),
    ("version", 'V', Value::No),
    ("numeric", 'n', Value::No),
    ("all", 'a', Value::No),
    ("listening", 'l', Value::No),
    ("options", 'o', Value::No),
    ("processes", 'p', Value::No),
    ("no-header", 'H', Value::No),
    ("oneline", 'O', Value::No),
    ("ipv4", '4', Value::No),
    ("tcp", 't', Value::No),
    ("udp", 'u', Value::No),
];

/// As `getopt_long(3)` is given them by `ss`, those that are understood.
const LETTERS: &str = "halopHO4tunV";
/// What is understood, and means something that is not modelled.
const NOT_MODELLED: &str = "BbcdDeEfFgGiIKmMNQrsSTvwWxXzZ0610";

/// Ports that the kernel chooses have no names (`net.ipv4.ip_local_port_range`).
const LOCAL_PORTS: std::ops::RangeInclusive<u16> = 32_768..=60_999;

/// What is asked for.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
struct Request {
    tcp: bool,
    udp: bool,
    numeric: bool,
    all: bool,
    listening: bool,
    timers: bool,
    processes: bool,
    no_header: bool,
    filter: Filter,
}

/// Reads the words behind `ss`.
pub(super) fn parse(words: &WordList) -> Parsed {
    Parsed::once("ss", words, SHOWS, run)
}

fn read(words: &[String]) -> Result<Request, Failure> {
    let mut options = Getopt::new(LETTERS, LONGS, words);
    let mut request = Request::default();
    loop {
        let given = match options.next() {
            Ok(Some(given)) => given,
            Ok(None) => break,
            Err(super::getopt::OptionError::Invalid(letter)) if NOT_MODELLED.contains(letter) => {
                return Err(Failure::NotModelled(format!("ss -{letter}")));
            }
            Err(error) => return Err(Failure::NotModelled(format!("ss: {error}"))),
        };
        match given.letter {
            't' => request.tcp = true,
            'u' => request.udp = true,
            'n' => request.numeric = true,
            'a' => request.all = true,
            'l' => request.listening = true,
            'o' => request.timers = true,
            'p' => request.processes = true,
            'H' => request.no_header = true,
            '4' | 'O' => {}
            letter => return Err(Failure::NotModelled(format!("ss -{letter}"))),
        }
    }
    request.filter = Filter::parse(&options.operands())?;
    if !request.tcp && !request.udp {
        (request.tcp, request.udp) = (true, true);
    }
    Ok(request)
}

impl Request {
    /// Which states are shown, by what was asked (`filter_states_set`, `SS_CONN`).
    fn shows(&self, socket: &SocketView) -> bool {
        let protocol = match socket.protocol {
            SocketProtocol::Tcp => self.tcp,
            SocketProtocol::Udp => self.udp,
        };
        let waits = matches!(socket.state, SocketState::Listen | SocketState::Close);
        let over = matches!(socket.state, SocketState::TimeWait | SocketState::SynReceived);
        let state = match self.filter.states() {
            Some(states) => states.contains(&socket.state),
            None if self.all => true,
            None if self.listening => waits,
            None => !waits && !over,
        };
        protocol && state && self.filter.takes(socket)
    }

    fn port(&self, port: u16, protocol: SocketProtocol) -> String {
        let is_tcp = protocol == SocketProtocol::Tcp;
        match port {
            0 => "*".to_owned(),
            port if self.numeric || LOCAL_PORTS.contains(&port) => port.to_string(),
            port => super::tcpdump::names::service(port, is_tcp).map_or(port.to_string(), str::to_owned),
        }
    }

    fn row(&self, socket: &SocketView, links: &[LinkView]) -> Row {
        let device = socket.device.and_then(|index| links.iter().find(|link| link.index == index));
        let device = device.map(|link| format!("%{}", link.name)).unwrap_or_default();
        Row {
            protocol: match socket.protocol {
                SocketProtocol::Tcp => "tcp",
                SocketProtocol::Udp => "udp",
            }
            .to_owned(),
            state: state_name(socket.state).to_owned(),
            queues: [socket.receive_queue, socket.send_queue].map(|bytes| format!("{bytes:<6}")),
            local: [
                format!("{}{device}:", socket.local.ip()),
                self.port(socket.local.port(), socket.protocol),
            ],
            peer: [format!("{}:", socket.peer.ip()), self.port(socket.peer.port(), socket.protocol)],
            more: self.timer(socket).unwrap_or_default(),
        }
    }

    /// `tcp_timer_print`.
    fn timer(&self, socket: &SocketView) -> Option<String> {
        let timer = socket.timer.filter(|_| self.timers)?;
        let name = match timer.kind {
            SocketTimerKind::Retransmit => "on",
            SocketTimerKind::KeepAlive => "keepalive",
            SocketTimerKind::TimeWait => "timewait",
            SocketTimerKind::Probe => "persist",
        };
        let milliseconds = timer.left.as_millis() as u64;
        Some(format!(" timer:({name},{},{})", time(milliseconds), timer.count))
    }
}

/// `print_ms_timer`.
fn time(milliseconds: u64) -> String {
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    let (mut seconds, mut rest) = (rest / 1000, rest % 1000);
    let mut text = String::new();
    if minutes > 0 {
        rest = 0;
        text += &format!("{minutes}min");
        if minutes > 9 {
            seconds = 0;
        }
    }
    if seconds > 0 {
        if seconds > 9 {
            rest = 0;
        }
        text += &format!("{seconds}{}", if rest > 0 { "." } else { "sec" });
    }
    if rest > 0 {
        text += &format!("{rest:03}ms");
    }
    text
}

/// `sstate_name`.
fn state_name(state: SocketState) -> &'static str {
    match state {
        SocketState::Established => "ESTAB",
        SocketState::SynSent => "SYN-SENT",
        SocketState::SynReceived => "SYN-RECV",
        SocketState::FinWait1 => "FIN-WAIT-1",
        SocketState::FinWait2 => "FIN-WAIT-2",
        SocketState::TimeWait => "TIME-WAIT",
        SocketState::Close => "UNCONN",
        SocketState::CloseWait => "CLOSE-WAIT",
        SocketState::LastAck => "LAST-ACK",
        SocketState::Listen => "LISTEN",
        SocketState::Closing => "CLOSING",
    }
}

fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let request = read(words)?;
    let failed = |error| refused(error, 1, |errno| format!("ss: {errno}"));
    let namespace = context.namespace.clone();
    let sockets = context.stack.sockets(&namespace, Family::Inet).map_err(failed)?;
    let links = context.stack.links(&namespace).map_err(failed)?;
    let rows: Vec<Row> = sockets
        .iter()
        .filter(|socket| request.shows(socket))
        .map(|socket| request.row(socket, &links))
        .collect();
    let with_protocol = request.tcp && request.udp;
    // UDP alone has one state that counts as connected.
    let one_state = match request.filter.states() {
        Some(states) => states.len() == 1,
        None => !request.tcp && !request.all && !request.listening,
    };
    context.console.out(&table(&rows, !request.no_header, with_protocol, !one_state));
    if request.processes {
        context.console.err("vethlab: programs have no numbers here, so that -p shows none\n");
    }
    Ok(0)
}
