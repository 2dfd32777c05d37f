//! The command line (`CLIF_parse` in traceroute's `libsupp/clif.c`).

use super::usage::{USAGE, VERSION};
use crate::Failure;
use crate::numbers::{inet_aton, strtod, strtol};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use vethlab_explain::journal::Sending;
use vethlab_shared::family::Family;

const DEFAULT_HOPS: u32 = 30;
const DEFAULT_SIMULTANEOUS: u32 = 16;
const DEFAULT_QUERIES: u32 = 3;
const MOST_HOPS: u32 = 255;
const MOST_QUERIES: u32 = 10;
const LONGEST_PACKET: i64 = 65_000;
/// From here on `-z` means milliseconds.
const LONGEST_PAUSE: f64 = 10.0;

/// What a probe is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// A UDP datagram, each to the next port.
    Default,
    /// A UDP datagram, all to one port (`-U`).
    Udp,
    /// An ICMP echo request (`-I`).
    Icmp,
}

/// How long to wait for an answer, in seconds and as factors (`-w`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wait {
    /// At the most.
    pub(super) most: f64,
    /// So many times as long as an answer from the same hop took; 0 for no such limit.
    pub(super) here: f64,
    /// So many times as long as an answer from a later hop took; 0 for no such limit.
    pub(super) near: f64,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) target: IpAddr,
    /// The target as typed.
    pub(super) name: String,
    pub(super) numeric: bool,
    pub(super) first_hop: u32,
    pub(super) most_hops: u32,
    pub(super) queries: u32,
    pub(super) simultaneous: u32,
    /// 0 where none was given.
    pub(super) port: u32,
    pub(super) wait: Wait,
    /// Seconds between two probes.
    pub(super) pause: f64,
    pub(super) tos: u8,
    pub(super) source: Option<IpAddr>,
    pub(super) source_port: u16,
    pub(super) device: Option<String>,
    pub(super) dont_fragment: bool,
    /// Find the path MTU (`--mtu`).
    pub(super) discover_mtu: bool,
    /// Tell where the way back has another length (`--back`).
    pub(super) backward: bool,
    /// Length of the whole packet in bytes, where it was given.
    pub(super) packet_length: Option<u64>,
}

impl Request {
    /// What it sends, as far as the words say so.
    pub(super) fn sending(&self) -> Sending {
        Sending {
            destination: Some(self.target),
            count: None,
            source: self.source,
            link: self.device.as_ref().and_then(|name| name.parse().ok()),
            // Each hop has its own.
            time_to_live: None,
            size: self.packet_length,
        }
    }
}

/// What the words ask for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    /// Print this text and do nothing.
    Print(&'static str),
    /// Trace.
    Run(Request),
}

/// What an option does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Ipv4,
    DontFragment,
    First,
    Icmp,
    Device,
    MostHops,
    Simultaneous,
    Numeric,
    Port,
    Tos,
    Wait,
    Queries,
    Source,
    Pause,
    Module,
    SourcePort,
    Udp,
    Mtu,
    Back,
    Version,
    Help,
    /// It is not modelled.
    Nothing,
}

/// The names of the long options.
pub(crate) fn longs() -> Vec<&'static str> {
    let all = KNOWN.iter().chain(&KNOWN_LAST).filter(|known| !matches!(known.3, Does::Nothing));
    all.map(|known| known.1).filter(|long| !long.is_empty()).collect()
}

/// An option: its letter, its long name, how its value is called, and what it does.
type Known = (&'static str, &'static str, Option<&'static str>, Does);

const KNOWN: [Known; 31] = [
    ("4", "", None, Does::Ipv4),
    ("6", "", None, Does::Nothing),
    ("d", "debug", None, Does::Nothing),
    ("F", "dont-fragment", None, Does::DontFragment),
    ("f", "first", Some("first_ttl"), Does::First),
    ("g", "gateway", Some("gate,..."), Does::Nothing),
    ("I", "icmp", None, Does::Icmp),
    ("T", "tcp", None, Does::Nothing),
    ("i", "interface", Some("device"), Does::Device),
    ("m", "max-hops", Some("max_ttl"), Does::MostHops),
    ("N", "sim-queries", Some("squeries"), Does::Simultaneous),
    ("n", "", None, Does::Numeric),
    ("p", "port", Some("port"), Does::Port),
    ("t", "tos", Some("tos"), Does::Tos),
    ("l", "flowlabel", Some("flow_label"), Does::Nothing),
    ("w", "wait", Some("MAX,HERE,NEAR"), Does::Wait),
    ("q", "queries", Some("nqueries"), Does::Queries),
    ("r", "", None, Does::Nothing),
    ("s", "source", Some("src_addr"), Does::Source),
    ("z", "sendwait", Some("sendwait"), Does::Pause),
    ("e", "extensions", None, Does::Nothing),
    ("A", "as-path-lookups", None, Does::Nothing),
    ("M", "module", Some("name"), Does::Module),
    ("O", "options", Some("OPTS,..."), Does::Nothing),
    ("", "sport", Some("num"), Does::SourcePort),
    ("", "fwmark", Some("num"), Does::Nothing),
    ("U", "udp", None, Does::Udp),
    ("D", "dccp", None, Does::Nothing),
    ("P", "protocol", Some("prot"), Does::Nothing),
    ("", "mtu", None, Does::Mtu),
    ("", "back", None, Does::Back),
];
const KNOWN_LAST: [Known; 2] = [("V", "version", None, Does::Version), ("", "help", None, Does::Help)];

/// Long names that may be shortened (`CLIF_ABBREV`).
const SHORTENED: [&str; 2] = ["dont-fragment", "extensions"];

/// Why a value is not taken.
enum Unfit {
    /// It is none of its kind; what is said about it before that.
    Bad(String),
    NotModelled(String),
}

impl From<()> for Unfit {
    fn from((): ()) -> Unfit {
        Unfit::Bad(String::new())
    }
}

/// The options as they are read.
struct Reader {
    request: Request,
    module: String,
    version_or_help: Option<&'static str>,
}

/// Reads the words behind `traceroute`.
pub(super) fn parse(words: &[String]) -> Result<Command, Failure> {
    if words.is_empty() {
        return Ok(Command::Print(USAGE));
    }
    let mut reader = Reader::new();
    let mut operands: Vec<(usize, &str)> = Vec::new();
    let mut rest = words.iter().map(String::as_str).enumerate();
    while let Some((index, word)) = rest.next() {
        let place = index + 1;
        if word == "--" {
            operands.extend(rest.by_ref().map(|(index, word)| (index + 1, word)));
        } else if let Some(long) = word.strip_prefix("--") {
            reader.long(word, long, place)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            for (at, letter) in letters.char_indices() {
                let behind = &letters[at + letter.len_utf8()..];
                let known = find(|known| known.0.starts_with(letter));
                let known = known.ok_or_else(|| wrong(format!("Bad option `-{letter}' (argc {place})")))?;
                let Some(called) = known.2 else {
                    reader.take(known, &format!("-{letter}"), None, place)?;
                    continue;
                };
                // A value is joined to the first letter of a word, or follows the last one.
                let value = match (at, behind) {
                    (_, "") => rest.next().map(|(index, value)| (value, index + 1)),
                    (0, joined) => Some((joined, place)),
                    _ => None,
                };
                let (value, place) = value.ok_or_else(|| {
                    let text = format!("requires an argument: `-{letter} {called}'");
                    wrong(format!("Option `-{letter}' (argc {place}) {text}"))
                })?;
                reader.take(known, &format!("-{letter}"), Some(value), place)?;
                break;
            }
        } else {
            operands.push((place, word));
        }
        if let Some(text) = reader.version_or_help {
            return Ok(Command::Print(text));
        }
    }
    reader.operands(&operands)?;
    reader.finish().map(Command::Run)
}

fn find(which: impl Fn(&Known) -> bool) -> Option<&'static Known> {
    KNOWN.iter().chain(&KNOWN_LAST).find(|known| which(known))
}

fn wrong(message: impl std::fmt::Display) -> Failure {
    Failure::exit(2, message)
}

impl Reader {
    fn new() -> Reader {
        let request = Request {
            method: Method::Default,
            target: Family::Inet.unspecified(),
            name: String::new(),
            numeric: false,
            first_hop: 1,
            most_hops: DEFAULT_HOPS,
            queries: DEFAULT_QUERIES,
            simultaneous: DEFAULT_SIMULTANEOUS,
            port: 0,
            wait: Wait { most: 5.0, here: 3.0, near: 10.0 },
            pause: 0.0,
            tos: 0,
            source: None,
            source_port: 0,
            device: None,
            dont_fragment: false,
            discover_mtu: false,
            backward: false,
            packet_length: None,
        };
        Reader { request, module: "default".to_owned(), version_or_help: None }
    }

    fn long(&mut self, word: &str, long: &str, place: usize) -> Result<(), Failure> {
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (long, None),
        };
        let shortened = |full: &str| {
            !name.is_empty() && SHORTENED.iter().any(|short| *short == full && short.starts_with(name))
        };
        let known = find(|known| !name.is_empty() && (known.1 == name || shortened(known.1)));
        match (known, value) {
            (Some(known @ (.., Some(_), _)), Some(_)) | (Some(known @ (.., None, _)), None) => {
                self.take(known, &format!("--{name}"), value, place)
            }
            (Some((_, _, Some(called), _)), None) => {
                let text = format!("requires an argument: `--{name}={called}'");
                Err(wrong(format!("Option `--{name}' (argc {place}) {text}")))
            }
            (_, Some(value)) => {
                Err(wrong(format!("Bad option `{word}' (with arg `{value}') (argc {place})")))
            }
            (None, None) => Err(wrong(format!("Bad option `{word}' (argc {place})"))),
        }
    }

    /// Takes an option, `option` being how it was written.
    fn take(
        &mut self,
        known: &Known,
        option: &str,
        value: Option<&str>,
        place: usize,
    ) -> Result<(), Failure> {
        let text = value.unwrap_or_default();
        self.set(known.3, option, text).map_err(|unfit| match unfit {
            Unfit::NotModelled(what) => Failure::NotModelled(format!("traceroute {what}")),
            Unfit::Bad(before) => {
                wrong(format!("{before}Cannot handle `{option}' option with arg `{text}' (argc {place})"))
            }
        })
    }

    fn set(&mut self, does: Does, option: &str, text: &str) -> Result<(), Unfit> {
        let request = &mut self.request;
        match does {
            Does::Ipv4 => {}
            Does::DontFragment => request.dont_fragment = true,
            Does::First => request.first_hop = unsigned(text)?,
            Does::Icmp => "icmp".clone_into(&mut self.module),
            Does::Udp => "udp".clone_into(&mut self.module),
            Does::Module => text.clone_into(&mut self.module),
            Does::Device => request.device = Some(text.to_owned()).filter(|name| !name.is_empty()),
            Does::MostHops => request.most_hops = unsigned(text)?,
            Does::Simultaneous => request.simultaneous = unsigned(text)?,
            Does::Numeric => request.numeric = true,
            Does::Port => request.port = port(option, text)?,
            Does::SourcePort => request.source_port = port(option, text)? as u16,
            Does::Tos => request.tos = unsigned(text)? as u8,
            Does::Wait => request.wait = wait(text)?,
            Does::Queries => request.queries = unsigned(text)?,
            Does::Source => request.source = Some(address(text)?),
            Does::Pause => {
                request.pause = match strtod(text) {
                    (seconds, "") if !text.is_empty() => seconds,
                    _ => return Err(().into()),
                }
            }
            Does::Mtu => request.discover_mtu = true,
            Does::Back => request.backward = true,
            Does::Version => self.version_or_help = Some(VERSION),
            Does::Help => self.version_or_help = Some(USAGE),
            Does::Nothing => return Err(Unfit::NotModelled(option.to_owned())),
        }
        Ok(())
    }

    fn operands(&mut self, operands: &[(usize, &str)]) -> Result<(), Failure> {
        let cannot = |what: &str, text: &str, place: usize, position: usize, before: String| {
            let behind = format!("on position {position} (argc {place})");
            wrong(format!("{before}Cannot handle \"{what}\" cmdline arg `{text}' {behind}"))
        };
        let Some(&(place, host)) = operands.first() else {
            return Err(wrong("Specify \"host\" missing argument."));
        };
        self.request.target = address(host).map_err(|unfit| match unfit {
            Unfit::NotModelled(what) => Failure::NotModelled(format!("traceroute {what}")),
            Unfit::Bad(before) => cannot("host", host, place, 1, before),
        })?;
        host.clone_into(&mut self.request.name);
        if let Some(&(place, text)) = operands.get(1) {
            let length = strtol(text, 0);
            if text.is_empty() || !length.rest.is_empty() {
                return Err(cannot("packetlen", text, place, 2, String::new()));
            }
            if length.value > LONGEST_PACKET {
                return Err(wrong(format!("too big packetlen {} specified", length.value)));
            }
            self.request.packet_length = u64::try_from(length.value).ok();
        }
        match operands.get(2) {
            Some((place, text)) => Err(wrong(format!("Extra arg `{text}' (position 3, argc {place})"))),
            None => Ok(()),
        }
    }

    /// Checks what goes together (`main`).
    fn finish(self) -> Result<Request, Failure> {
        let Reader { mut request, module, .. } = self;
        request.method = match module.as_str() {
            "default" => Method::Default,
            "udp" => Method::Udp,
            "icmp" => Method::Icmp,
            "tcp" | "tcpconn" | "udplite" | "dccp" | "raw" => {
                return Err(Failure::NotModelled(format!("traceroute -M {module}")));
            }
            _ => return Err(wrong(format!("Unknown traceroute module {module}"))),
        };
        let Wait { most, here, near } = request.wait;
        if request.first_hop == 0 || request.first_hop > request.most_hops {
            return Err(wrong("first hop out of range"));
        }
        if request.most_hops > MOST_HOPS {
            return Err(wrong(format!("max hops cannot be more than {MOST_HOPS}")));
        }
        if request.queries == 0 || request.queries > MOST_QUERIES {
            return Err(wrong(format!("no more than {MOST_QUERIES} probes per hop")));
        }
        if most < 0.0 || here < 0.0 || near < 0.0 {
            return Err(wrong(format!("bad wait specifications `{most},{here},{near}' used")));
        }
        if request.pause < 0.0 {
            return Err(wrong(format!("bad sendtime `{}' specified", request.pause)));
        }
        if request.pause >= LONGEST_PAUSE {
            request.pause /= 1000.0;
        }
        if request.source_port != 0 {
            request.simultaneous = 1;
            request.wait = Wait { here: 0.0, near: 0.0, ..request.wait };
        }
        if request.discover_mtu {
            request.dont_fragment = true;
            request.simultaneous = 1;
            request.packet_length.get_or_insert(LONGEST_PACKET.unsigned_abs());
        }
        Ok(request)
    }
}

/// A number as `strtoul(3)` reads it: a negative one wraps around.
fn unsigned(text: &str) -> Result<u32, ()> {
    let number = strtol(text, 0);
    if text.is_empty() || !number.rest.is_empty() { Err(()) } else { Ok(number.value as u32) }
}

/// A port by its number; what stands behind that is left aside (`set_port`).
fn port(option: &str, text: &str) -> Result<u32, Unfit> {
    let number = strtol(text, 0);
    match (number.rest == text, text) {
        (true, "") => Err(().into()),
        (true, _) => Err(Unfit::NotModelled(format!("{option} {text}"))),
        (false, _) => Ok(number.value as u32),
    }
}

/// `MAX,HERE,NEAR` (`set_wait_specs`): what is left out counts as 0, and anything parts the numbers.
fn wait(text: &str) -> Result<Wait, ()> {
    let number = |text: &str| match strtod(text) {
        (_, rest) if rest == text => Err(()),
        (value, rest) => {
            let mut behind = rest.chars();
            let parted = behind.next().is_some();
            Ok((value, parted.then(|| behind.as_str().to_owned())))
        }
    };
    let (most, rest) = number(text)?;
    let mut wait = Wait { most, here: 0.0, near: 0.0 };
    let Some(rest) = rest else { return Ok(wait) };
    let (here, rest) = number(&rest)?;
    wait.here = here;
    let Some(rest) = rest else { return Ok(wait) };
    let (near, rest) = number(&rest)?;
    wait.near = near;
    if rest.is_some() { Err(()) } else { Ok(wait) }
}

/// An address, or the one name that is known (`getaddr`).
fn address(text: &str) -> Result<IpAddr, Unfit> {
    if let Some(address) = inet_aton(text) {
        return Ok(address.into());
    }
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Err(Unfit::NotModelled(text.to_owned()));
    }
    let no_name = text.is_empty() || text.starts_with('-');
    let why = if no_name { "Name or service not known" } else { "Temporary failure in name resolution" };
    Err(Unfit::Bad(format!("{text}: {why}\n")))
}

#[cfg(test)]
mod tests;
