//! The words behind `nc`.

use super::{Failure, errx};
use crate::getopt::Getopt;
use vethlab_shared::time::Duration;

/// As `getopt(3)` is given them by `nc`.
const LETTERS: &str = "46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz";
/// What is understood, and means something that is not modelled.
const NOT_MODELLED: &str = "6CFIimOPrStUVWXxZ";

const USAGE: &str = "\
usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
\t  [destination] [port]
";

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
pub(super) struct Request {
    pub(super) listen: bool,
    pub(super) keep: bool,
    pub(super) udp: bool,
    pub(super) zero: bool,
    pub(super) verbose: bool,
    pub(super) numeric: bool,
    pub(super) broadcast: bool,
    /// `-N`: the end of standard input is passed on.
    pub(super) shut_down: bool,
    /// `-d`: standard input is not read.
    pub(super) detached: bool,
    pub(super) timeout: Option<Duration>,
    /// `-q`, in seconds; a negative number is for ever.
    pub(super) quit: Option<u64>,
    pub(super) source: Option<String>,
    pub(super) source_port: Option<u16>,
    pub(super) time_to_live: Option<u8>,
    pub(super) type_of_service: Option<u8>,
    pub(super) host: Option<String>,
    pub(super) ports: Vec<u16>,
}

/// What the words ask for.
pub(super) enum Command {
    Run(Box<Request>),
    /// A text to standard error.
    Print(String),
}

fn usage(message: &str) -> Failure {
    Failure::Exit { message: format!("{message}{USAGE}"), status: 1 }
}

/// Reads the words.
pub(super) fn parse(words: &[String]) -> Result<Command, Failure> {
    let mut options = Getopt::new(LETTERS, &[], words);
    let mut request = Request::default();
    let mut port_option = None;
    loop {
        let given = match options.next() {
            Ok(Some(given)) => given,
            Ok(None) => break,
            Err(error) => return Err(usage(&format!("nc: {error}\n"))),
        };
        match given.letter {
            'l' => request.listen = true,
            'k' => request.keep = true,
            'u' => request.udp = true,
            'z' => request.zero = true,
            'v' => request.verbose = true,
            'n' => request.numeric = true,
            'N' => request.shut_down = true,
            'd' => request.detached = true,
            'b' => request.broadcast = true,
            '4' | 'D' => {}
            'w' => {
                request.timeout = Some(Duration::from_secs(number(given.value(), 0, "timeout", 2_147_483)?));
            }
            'q' => request.quit = seconds(given.value())?,
            's' => request.source = Some(given.value().to_owned()),
            'p' => port_option = Some(given.value().to_owned()),
            'M' => request.time_to_live = Some(time_to_live(given.value())?),
            'T' => request.type_of_service = Some(type_of_service(given.value())?),
            'h' => return Ok(Command::Print(help())),
            letter if NOT_MODELLED.contains(letter) => {
                return Err(Failure::NotModelled(format!("nc -{letter}")));
            }
            letter => return Err(usage(&format!("nc: invalid option -- '{letter}'\n"))),
        }
    }
    let operands = options.operands();
    let port = match (operands.as_slice(), request.listen, &port_option) {
        ([], true, Some(port)) => port.clone(),
        ([], false, _) => return Err(usage("")),
        ([], true, None) => return Err(errx("missing port number")),
        ([host], true, Some(port)) => {
            request.host = Some(host.clone());
            port.clone()
        }
        ([port], true, None) => port.clone(),
        ([_], false, _) => return Err(errx("missing port number")),
        // Words behind the port are left aside.
        ([host, port, ..], ..) => {
            request.host = Some(host.clone());
            port.clone()
        }
    };
    if request.listen && request.source.is_some() {
        return Err(usage(""));
    }
    if request.listen && request.zero {
        return Err(errx("cannot use -z and -l"));
    }
    if request.keep && !request.listen {
        return Err(errx("must use -l with -k"));
    }
    request.ports = ports(&port)?;
    if !request.listen
        && let Some(port) = port_option
    {
        request.source_port = Some(source_port(&port)?);
    }
    Ok(Command::Run(Box::new(request)))
}

/// What `-q` says: `None` for a negative number.
fn seconds(text: &str) -> Result<Option<u64>, Failure> {
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Ok(None),
        Ok(number) if number <= 2_147_483_647 => Ok(Some(number.cast_unsigned())),
        _ => Err(errx(format_args!("quit timer invalid: {text}"))),
    }
}

/// As `strtonum(3)` reads a number, and says what is wrong with it.
fn number(text: &str, least: u64, what: &str, most: u64) -> Result<u64, Failure> {
    let wrong = |why: &str| errx(format_args!("{what} {why}: {text}"));
    match text.trim_start().strip_prefix('+').unwrap_or(text.trim_start()).parse::<i128>() {
        Err(_) => Err(wrong("invalid")),
        Ok(number) if number < i128::from(least) => Err(wrong("too small")),
        Ok(number) if number > i128::from(most) => Err(wrong("too large")),
        Ok(number) => Ok(number as u64),
    }
}

/// `-M`.
fn time_to_live(text: &str) -> Result<u8, Failure> {
    match number(text, 0, "", 255) {
        Ok(hops) => Ok(hops as u8),
        Err(_) if text.parse::<i128>().is_err() => Err(errx("ttl is invalid")),
        Err(_) if text.starts_with('-') => Err(errx("ttl is too small")),
        Err(_) => Err(errx("ttl is too large")),
    }
}

/// `-T`, as a number or a name.
fn type_of_service(text: &str) -> Result<u8, Failure> {
    let digits = text.strip_prefix("0x").map(|digits| u8::from_str_radix(digits, 16));
    match (text, digits) {
        ("lowdelay", _) => Ok(0x10),
        ("throughput", _) => Ok(0x08),
        ("reliability", _) => Ok(0x04),
        (_, Some(Ok(number))) => Ok(number),
        (_, None) if text.parse::<u8>().is_ok() => Ok(text.parse().unwrap_or(0)),
        _ => Err(Failure::NotModelled(format!("nc -T {text}"))),
    }
}

/// The port of `-p`, as `getaddrinfo(3)` reads it.
fn source_port(text: &str) -> Result<u16, Failure> {
    let service = || crate::tcpdump::names::port_number(text, true);
    text.parse()
        .ok()
        .or_else(service)
        .ok_or_else(|| errx("getaddrinfo: Servname not supported for ai_socktype"))
}

/// A port, a service, or a range of ports (`build_ports`).
fn ports(text: &str) -> Result<Vec<u16>, Failure> {
    if let Some(port) = crate::tcpdump::names::port_number(text, true) {
        return Ok(vec![port]);
    }
    let port = |text: &str| number(text, 1, "port number", 65_535).map(|port| port as u16);
    match text.split_once('-').filter(|_| text.starts_with(|first: char| first.is_ascii_digit())) {
        None => Ok(vec![port(text)?]),
        Some((low, high)) => {
            let (low, high) = (port(low)?, port(high)?);
            Ok((low.min(high)..=low.max(high)).collect())
        }
    }
}

/// What `nc -h` prints.
fn help() -> String {
    let mut text = format!("OpenBSD netcat (Debian patchlevel 1.219-1)\n{USAGE}\tCommand Summary:\n");
    for (option, words) in HELP {
        text += &format!("\t\t-{option}{}{words}\n", if option.len() < 7 { "\t\t" } else { "\t" });
    }
    text + "\tPort numbers can be individual or ranges: lo-hi [inclusive]\n"
}

const HELP: [(&str, &str); 35] = [
    ("4", "Use IPv4"),
    ("6", "Use IPv6"),
    ("b", "Allow broadcast"),
    ("C", "Send CRLF as line-ending"),
    ("D", "Enable the debug socket option"),
    ("d", "Detach from stdin"),
    ("F", "Pass socket fd"),
    ("h", "This help text"),
    ("I length", "TCP receive buffer length"),
    ("i interval", "Delay interval for lines sent, ports scanned"),
    ("k", "Keep inbound sockets open for multiple connects"),
    ("l", "Listen mode, for inbound connects"),
    ("M ttl", "Outgoing TTL / Hop Limit"),
    ("m minttl", "Minimum incoming TTL / Hop Limit"),
    ("N", "Shutdown the network socket after EOF on stdin"),
    ("n", "Suppress name/port resolutions"),
    ("O length", "TCP send buffer length"),
    ("P proxyuser", "Username for proxy authentication"),
    ("p port", "Specify local port for remote connects"),
    ("q secs", "quit after EOF on stdin and delay of secs"),
    ("r", "Randomize remote ports"),
    ("S", "Enable the TCP MD5 signature option"),
    ("s sourceaddr", "Local source address"),
    ("T keyword", "TOS value"),
    ("t", "Answer TELNET negotiation"),
    ("U", "Use UNIX domain socket"),
    ("u", "UDP mode"),
    ("V rtable", "Specify alternate routing table"),
    ("v", "Verbose"),
    ("W recvlimit", "Terminate after receiving a number of packets"),
    ("w timeout", "Timeout for connects and final net reads"),
    ("X proto", "Proxy protocol: \"4\", \"5\" (SOCKS) or \"connect\""),
    ("x addr[:port]", "Specify proxy address and port"),
    ("Z", "DCCP mode"),
    ("z", "Zero-I/O mode [used for scanning]"),
];
