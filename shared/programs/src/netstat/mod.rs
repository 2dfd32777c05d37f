//! `netstat`, as in net-tools 2.10: sockets, the main table of routes, and links.

mod usage;

use super::getopt::{Getopt, Long, Value};
use super::{Context, Failure, Parsed, SHOWS, Status, ifconfig, refused, route};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use usage::{USAGE, VERSION};
use vethlab_shared::family::Family;
use vethlab_shared::view::{SocketProtocol, SocketState, SocketTimerKind, SocketView};
use vethlab_shared::words::WordList;

/// The long names of the options that are understood.
pub(super) const LONGS: &[Long] = &[
    ("version", 'V', Value::No),
    ("interfaces", 'i', Value::No),
    ("help", 'h', Value::No),
    ("route", 'r', Value::No),
    ("tcp", 't', Value::No),
    ("udp", 'u', Value::No),
    ("listening", 'l', Value::No),
    ("inet", '4', Value::No),
    ("programs", 'p', Value::No),
    ("numeric", 'n', Value::No),
    ("numeric-hosts", 'H', Value::No),
    ("numeric-ports", 'P', Value::No),
    ("extend", 'e', Value::No),
    ("timers", 'o', Value::No),
    ("all", 'a', Value::No),
    ("wide", 'W', Value::No),
    ("verbose", 'v', Value::No),
];

/// As `getopt_long(3)` is given them, those that are understood.
const LETTERS: &str = "aehilnoprtuvVW4";
/// What is understood, and means something that is not modelled.
const NOT_MODELLED: &str = "6ACcdFgMNsSUwxZ";
/// How wide an address is with its port.
const WIDTH: usize = 23;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
struct Request {
    routes: bool,
    links: bool,
    tcp: bool,
    udp: bool,
    all: bool,
    listening: bool,
    programs: bool,
    timers: bool,
    extended: u8,
    wide: bool,
    numeric_hosts: bool,
    numeric_ports: bool,
}

/// Reads the words behind `netstat`.
pub(super) fn parse(words: &WordList) -> Parsed {
    Parsed::once("netstat", words, SHOWS, run)
}

fn run(words: &[String], context: &mut Context<'_>) -> Result<Status, Failure> {
    let mut options = Getopt::new(LETTERS, LONGS, words);
    let mut request = Request::default();
    loop {
        let given = match options.next() {
            Ok(Some(given)) => given,
            Ok(None) => break,
            Err(super::getopt::OptionError::Invalid(letter)) if NOT_MODELLED.contains(letter) => {
                return Err(Failure::NotModelled(format!("netstat -{letter}")));
            }
            Err(error) => {
                return Err(Failure::Exit { message: format!("netstat: {error}\n{USAGE}"), status: 3 });
            }
        };
        match given.letter {
            'r' => request.routes = true,
            'i' => request.links = true,
            't' => request.tcp = true,
            'u' => request.udp = true,
            'a' => request.all = true,
            'l' => request.listening = true,
            'p' => request.programs = true,
            'o' => request.timers = true,
            'e' => request.extended += 1,
            'W' => request.wide = true,
            'n' => (request.numeric_hosts, request.numeric_ports) = (true, true),
            'H' => request.numeric_hosts = true,
            'P' => request.numeric_ports = true,
            'V' => {
                context.console.out(VERSION);
                return Ok(0);
            }
            'h' => return Err(Failure::Exit { message: USAGE.to_owned(), status: 0 }),
            // All are of this family, and nothing else is to be told.
            _ => {}
        }
    }
    if let [word, ..] = options.operands().as_slice() {
        return Err(Failure::NotModelled(format!("netstat {word}")));
    }
    match (request.routes, request.links) {
        (true, true) => Err(Failure::NotModelled("netstat -r -i".to_owned())),
        (true, false) => {
            // What `route` shows with -e, netstat shows without.
            let extended = match request.extended {
                0 => 2,
                1 => 1,
                more => more + 1,
            };
            route::table(request.numeric_hosts, extended, context)
        }
        (false, true) if request.extended > 0 => Err(Failure::NotModelled("netstat -i -e".to_owned())),
        (false, true) => ifconfig::interface_table(request.all, context),
        (false, false) if request.extended > 0 => {
            Err(Failure::NotModelled("netstat -e: sockets have no users here".to_owned()))
        }
        (false, false) => request.sockets(context),
    }
}

impl Request {
    /// The sockets (`tcp_info`, `udp_info`), and that there are none of the machine itself where all are asked for.
    fn sockets(&self, context: &mut Context<'_>) -> Result<Status, Failure> {
        let failed = |error| refused(error, 1, |errno| format!("/proc/net/tcp: {errno}"));
        let namespace = context.namespace.clone();
        let sockets = context.stack.sockets(&namespace, Family::Inet).map_err(failed)?;
        let every = !self.tcp && !self.udp;
        let which = match (self.all, self.listening) {
            (true, _) => "servers and established",
            (false, true) => "only servers",
            (false, false) => "w/o servers",
        };
        let mut text = format!("Active Internet connections ({which})\n{}", self.header());
        for protocol in [SocketProtocol::Tcp, SocketProtocol::Udp] {
            let wanted = every || if protocol == SocketProtocol::Tcp { self.tcp } else { self.udp };
            let shown = sockets.iter().filter(|socket| socket.protocol == protocol && self.shows(socket));
            if wanted {
                text.extend(shown.map(|socket| self.line(socket)));
            }
        }
        if every {
            text += &format!("Active UNIX domain sockets ({which})\n");
            text += "Proto RefCnt Flags       Type       State         I-Node  ";
            text += if self.programs { " PID/Program name     Path\n" } else { " Path\n" };
        }
        context.console.out(&text);
        if self.programs {
            context.console.err("vethlab: programs have no numbers here, so that -p shows none\n");
        }
        Ok(0)
    }

    fn header(&self) -> String {
        let mut text =
            "Proto Recv-Q Send-Q Local Address           Foreign Address         State      ".to_owned();
        if self.programs {
            text += " PID/Program name    ";
        }
        if self.timers {
            text += " Timer";
        }
        text + "\n"
    }

    /// Whether a socket is among those asked for: a server has nobody at the other end.
    fn shows(&self, socket: &SocketView) -> bool {
        let serves = match socket.protocol {
            SocketProtocol::Tcp => socket.state == SocketState::Listen,
            SocketProtocol::Udp => socket.peer.port() == 0,
        };
        self.all || serves == self.listening
    }

    /// A socket (`tcp_do_one`, `udp_do_one`).
    fn line(&self, socket: &SocketView) -> String {
        let is_tcp = socket.protocol == SocketProtocol::Tcp;
        let (protocol, state) = match (is_tcp, socket.state) {
            (true, state) => ("tcp", state_name(state)),
            (false, SocketState::Established) => ("udp", "ESTABLISHED"),
            (false, _) => ("udp", ""),
        };
        // How many may wait is no number of bytes.
        let sends = if socket.state == SocketState::Listen { 0 } else { socket.send_queue };
        let [local, peer] = [socket.local, socket.peer].map(|end| self.end(end, is_tcp));
        let mut text = format!(
            "{protocol:<5} {:>6} {sends:>6} {local:<WIDTH$} {peer:<WIDTH$} {state:<11}",
            socket.receive_queue
        );
        if self.programs {
            text += &format!(" {:<20}", "-");
        }
        if self.timers {
            text += &format!(" {}", timer(socket));
        }
        text + "\n"
    }

    /// An address with its port (`addr_do_one`): what is too long loses the end of the address.
    fn end(&self, end: SocketAddr, is_tcp: bool) -> String {
        let service = || super::tcpdump::names::service(end.port(), is_tcp).map(str::to_owned);
        let port = match end.port() {
            0 => "*".to_owned(),
            port if self.numeric_ports => port.to_string(),
            port => service().unwrap_or_else(|| port.to_string()),
        };
        let mut host = match end.ip() {
            IpAddr::V4(Ipv4Addr::LOCALHOST) if !self.numeric_hosts => "localhost".to_owned(),
            address => address.to_string(),
        };
        if !self.wide {
            host.truncate((WIDTH - 1).saturating_sub(port.len()));
        }
        format!("{host}:{port}")
    }
}

/// `tcp_state`.
fn state_name(state: SocketState) -> &'static str {
    match state {
        SocketState::Established => "ESTABLISHED",
        SocketState::SynSent => "SYN_SENT",
        SocketState::SynReceived => "SYN_RECV",
        SocketState::FinWait1 => "FIN_WAIT1",
        SocketState::FinWait2 => "FIN_WAIT2",
        SocketState::TimeWait => "TIME_WAIT",
        SocketState::Close => "CLOSE",
        SocketState::CloseWait => "CLOSE_WAIT",
        SocketState::LastAck => "LAST_ACK",
        SocketState::Listen => "LISTEN",
        SocketState::Closing => "CLOSING",
    }
}

/// What a socket waits for, with the time that is left and how often it was done (`tcp_do_one`).
fn timer(socket: &SocketView) -> String {
    let Some(timer) = socket.timer else { return "off (0.00/0/0)".to_owned() };
    let name = match timer.kind {
        SocketTimerKind::Retransmit => "on",
        SocketTimerKind::KeepAlive => "keepalive",
        SocketTimerKind::TimeWait => "timewait",
        SocketTimerKind::Probe => "probe",
    };
    let seconds = timer.left.as_millis() as f64 / 1000.0;
    let (again, probes) = match timer.kind {
        SocketTimerKind::Probe => (0, timer.count),
        _ => (timer.count, 0),
    };
    format!("{name} ({seconds:.2}/{again}/{probes})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_shared::time::Duration;
    use vethlab_shared::view::SocketTimer;

    fn socket(local: &str, peer: &str, state: SocketState) -> SocketView {
        SocketView {
            protocol: SocketProtocol::Tcp,
            state,
            receive_queue: 0,
            send_queue: 5,
            local: local.parse().expect("an address"),
            peer: peer.parse().expect("an address"),
            device: None,
            timer: None,
        }
    }

    #[test]
    fn lines_are_those_of_net_tools() {
        let numeric = Request { numeric_hosts: true, numeric_ports: true, ..Request::default() };
        let listens = socket("0.0.0.0:80", "0.0.0.0:0", SocketState::Listen);
        assert_eq!(
            numeric.line(&listens),
            "tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN     \n"
        );
        let timer = Some(SocketTimer {
            kind: SocketTimerKind::TimeWait,
            left: Duration::from_millis(59_620),
            count: 0,
        });
        let over = SocketView {
            send_queue: 0,
            timer,
            ..socket("10.0.0.1:6000", "10.0.0.2:80", SocketState::TimeWait)
        };
        let more = Request { programs: true, timers: true, ..Request::default() };
        assert_eq!(
            more.line(&over),
            "tcp        0      0 10.0.0.1:x11            10.0.0.2:http           TIME_WAIT   -                    timewait (59.62/0/0)\n"
        );
        let long = socket("255.255.255.255:10082", "127.0.0.1:1", SocketState::Established);
        assert_eq!(
            Request::default().end(long.local, true),
            "255.255.255.255:amandaidx"[..13].to_owned() + ":amandaidx"
        );
        assert_eq!(Request::default().end(long.peer, true), "localhost:tcpmux");
    }
}
