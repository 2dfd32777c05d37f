//! What `ping` is asked to do.

use super::usage::{USAGE, VERSION};
use crate::Failure;
use crate::getopt::Getopt;
use crate::numbers::{inet_aton, strtod, strtol};
use std::net::{IpAddr, Ipv4Addr};
use vethlab_explain::journal::Sending;

/// The option letters of iputils 20221126.
const LETTERS: &str = "h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:";
/// Those of them that do something here.
const MODELLED: &str = "h?4bBciIlMnOpqstVwW";

/// How path MTU discovery is to be used (`-M`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathMtu {
    /// Never fragment.
    Do,
    /// Fragment.
    Dont,
    /// Leave it to the kernel: fragment here, not on the way.
    Want,
}

/// A `ping` to run. Times are in milliseconds, as iputils keeps them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    /// Where to, as typed.
    pub(super) target: String,
    /// `-c`.
    pub(super) count: Option<i64>,
    /// `-i`: time between probes.
    pub(super) interval: i64,
    /// `-W`: how long to wait for the last replies; 0 is for ever.
    pub(super) linger: i64,
    /// `-w`, in seconds; 0 is none.
    pub(super) deadline: i64,
    /// `-l`: how many probes to send at once at the start.
    pub(super) preload: i64,
    /// `-s`: bytes of data behind the ICMP header.
    pub(super) size: usize,
    /// `-p`: bytes to fill the data with.
    pub(super) pattern: Vec<u8>,
    /// `-t`.
    pub(super) time_to_live: Option<u8>,
    /// `-I` with a device.
    pub(super) device: Option<String>,
    /// `-I` with an address; unspecified where none was given.
    pub(super) source: Ipv4Addr,
    /// `-B`, or `-I` with an address: bind to the source.
    pub(super) strict_source: bool,
    /// `-b`.
    pub(super) broadcast: bool,
    /// `-M`.
    pub(super) path_mtu: Option<PathMtu>,
    /// `-n`.
    pub(super) numeric: bool,
    /// `-O`.
    pub(super) outstanding: bool,
    /// `-q`.
    pub(super) quiet: bool,
}

/// What the words come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    /// Print this and end well (`-V`).
    Print(&'static str),
    /// Run, after these warnings.
    Run(Box<Request>, Vec<String>),
}

impl Default for Request {
    fn default() -> Request {
        Request {
            target: String::new(),
            count: None,
            interval: 1000,
            linger: 10_000,
            deadline: 0,
            preload: 1,
            size: 56,
            pattern: Vec::new(),
            time_to_live: None,
            device: None,
            source: Ipv4Addr::UNSPECIFIED,
            strict_source: false,
            broadcast: false,
            path_mtu: None,
            numeric: false,
            outstanding: false,
            quiet: false,
        }
    }
}

/// Reads the words behind `ping`.
pub(super) fn parse(words: &[String]) -> Result<Command, Failure> {
    let mut request = Request::default();
    let mut warnings = Vec::new();
    let mut options = Getopt::new(LETTERS, &[], words);
    while let Some(option) = options.next().map_err(|error| usage(&format!("ping: {error}\n")))? {
        if !MODELLED.contains(option.letter) {
            return Err(Failure::NotModelled(format!("ping -{}", option.letter)));
        }
        if option.letter == 'V' {
            return Ok(Command::Print(VERSION));
        }
        request.set(option.letter, option.value(), &mut warnings)?;
    }
    let mut operands = options.operands();
    let Some(target) = operands.pop() else {
        return Err(Failure::exit(1, "ping: usage error: Destination address required"));
    };
    if !operands.is_empty() {
        return Err(Failure::NotModelled(format!("ping {} {target}", operands.join(" "))));
    }
    request.target = target;
    Ok(Command::Run(Box::new(request), warnings))
}

/// The words, each option in one with its value: in `-c 1 -t 64` there is no TTL of 1, and `-t1` is `-t 1`.
pub(super) fn joined(words: &[String]) -> Vec<String> {
    let mut options = Getopt::new(LETTERS, &[], words);
    let mut joined = Vec::new();
    loop {
        match options.next() {
            Ok(Some(option)) => joined.push(format!("-{}{}", option.letter, option.value())),
            Ok(None) => break,
            // The other options are what they are.
            Err(_) => {}
        }
    }
    joined.extend(options.operands());
    joined
}

impl Request {
    /// What it sends, as far as the words say so.
    pub(super) fn sending(&self) -> Sending {
        let source = Some(self.source).filter(|source| !source.is_unspecified());
        Sending {
            destination: inet_aton(&self.target).map(IpAddr::V4),
            count: self.count.map(i64::unsigned_abs),
            source: source.map(IpAddr::V4),
            link: self.device.as_ref().and_then(|name| name.parse().ok()),
            time_to_live: self.time_to_live,
            size: Some(self.size as u64),
        }
    }

    /// Whether it comes to an end with nobody to stop it.
    pub(super) fn ends_by_itself(&self) -> bool {
        self.count.is_some() || self.deadline != 0
    }

    fn set(&mut self, letter: char, value: &str, warnings: &mut Vec<String>) -> Result<(), Failure> {
        let int_max = i64::from(i32::MAX);
        match letter {
            '4' => {}
            'b' => self.broadcast = true,
            'B' => self.strict_source = true,
            'n' => self.numeric = true,
            'O' => self.outstanding = true,
            'q' => self.quiet = true,
            'c' => self.count = Some(integer(value, 1, i64::MAX)?),
            'l' => self.preload = integer(value, 1, 0x10000)?,
            's' => self.size = integer(value, 0, int_max)? as usize,
            't' => self.time_to_live = Some(integer(value, 0, 255)? as u8),
            'w' => self.deadline = integer(value, 0, int_max)?,
            'i' => self.interval = milliseconds(value, "bad timing interval", f64::NEG_INFINITY, warnings)?,
            'W' => self.linger = milliseconds(value, "bad linger time", 0.0, warnings)?,
            'p' => self.pattern = pattern(value)?,
            'M' => {
                self.path_mtu = Some(match value {
                    "do" => PathMtu::Do,
                    "dont" => PathMtu::Dont,
                    "want" => PathMtu::Want,
                    _ => return Err(Failure::exit(2, format_args!("ping: invalid -M argument: {value}"))),
                });
            }
            'I' if value.contains(':') => {
                return Err(Failure::NotModelled("ping -I with an IPv6 address".to_owned()));
            }
            'I' => match value.parse() {
                Ok(address) => {
                    self.source = address;
                    self.strict_source = true;
                }
                Err(_) => self.device = Some(value.to_owned()),
            },
            _ => return Err(usage("")),
        }
        Ok(())
    }
}

fn usage(first: &str) -> Failure {
    Failure::Exit { message: format!("{first}{USAGE}"), status: 2 }
}

/// `strtol_or_err` of iputils.
fn integer(text: &str, least: i64, most: i64) -> Result<i64, Failure> {
    let number = strtol(text, 10);
    let wrong = |why: String| Err(Failure::exit(1, format_args!("ping: invalid argument: '{text}'{why}")));
    if number.overflow {
        return wrong(": Numerical result out of range".to_owned());
    }
    if text.is_empty() || !number.rest.is_empty() {
        return wrong(String::new());
    }
    if !(least..=most).contains(&number.value) {
        return wrong(format!(": out of range: {least} <= value <= {most}"));
    }
    Ok(number.value)
}

/// Seconds to milliseconds (`ping_strtod` and its callers): what stands behind the number is warned about
/// and left aside.
fn milliseconds(text: &str, what: &str, least: f64, warnings: &mut Vec<String>) -> Result<i64, Failure> {
    let wrong = |why: &str| Err(Failure::exit(2, format_args!("ping: {what}: {text}{why}")));
    if text.is_empty() {
        // What an earlier, unrelated call left in errno.
        return wrong(": No such file or directory");
    }
    let (seconds, rest) = strtod(text);
    if !rest.is_empty() {
        warnings.push(format!("ping: option argument contains garbage: {rest}\n"));
        warnings.push("ping: this will become fatal error in the future\n".to_owned());
    }
    if !seconds.is_finite() || seconds.is_subnormal() {
        return wrong(": Numerical result out of range");
    }
    if seconds < least || seconds > f64::from(i32::MAX) / 1000.0 {
        return wrong("");
    }
    // As in C, the fraction of a millisecond is cut off.
    Ok((seconds * 1000.0) as i64)
}

/// Bytes from hexadecimal digits, two each, at most 16 (`fill` of iputils).
fn pattern(text: &str) -> Result<Vec<u8>, Failure> {
    if let Some(place) = text.find(|c: char| !c.is_ascii_hexdigit()) {
        let rest = &text[place..];
        return Err(Failure::exit(2, format_args!("ping: patterns must be specified as hex digits: {rest}")));
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
    Ok(text
        .as_bytes()
        .chunks(2)
        .take(16)
        .map(|pair| pair.iter().fold(0, |b, &d| b << 4 | nibble(d)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn request(line: &str) -> Request {
        match parse(&words(line)) {
            Ok(Command::Run(request, _)) => *request,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn failure(line: &str) -> (String, u8) {
        match parse(&words(line)) {
            Err(Failure::Exit { message, status }) => (message, status),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn options_are_read() {
        let expected = Request {
            target: "red".into(),
            count: Some(3),
            quiet: true,
            interval: 200,
            ..Request::default()
        };
        assert_eq!(request("-qc3 red -i .2"), expected);
        assert_eq!(request("-I 10.0.0.1 -I veth0 x").device.as_deref(), Some("veth0"));
        assert_eq!(request("-p ff0 x").pattern, [0xff, 0]);
        assert_eq!(request("-i -1 x").interval, -1000);
    }

    #[test]
    fn bad_values_are_refused_as_iputils_does() {
        let cases = [
            ("-c x a", "ping: invalid argument: 'x'\n", 1),
            ("-c 0 a", "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n", 1),
            (
                "-c 99999999999999999999 a",
                "ping: invalid argument: '99999999999999999999': Numerical result out of range\n",
                1,
            ),
            ("-i nan a", "ping: bad timing interval: nan: Numerical result out of range\n", 2),
            ("-i 3000000 a", "ping: bad timing interval: 3000000\n", 2),
            ("-W -1 a", "ping: bad linger time: -1\n", 2),
            ("-M foo a", "ping: invalid -M argument: foo\n", 2),
            ("-p fg0 a", "ping: patterns must be specified as hex digits: g0\n", 2),
            ("-q", "ping: usage error: Destination address required\n", 1),
        ];
        for (line, message, status) in cases {
            assert_eq!(failure(line), (message.to_owned(), status), "{line}");
        }
        assert!(failure("-z").0.starts_with("ping: invalid option -- 'z'\n\nUsage\n  ping [options]"));
    }

    #[test]
    fn garbage_behind_a_time_is_warned_about() {
        let Ok(Command::Run(request, warnings)) = parse(&words("-i 0.2x a")) else { panic!("it runs") };
        assert_eq!(request.interval, 200);
        assert_eq!(warnings[0], "ping: option argument contains garbage: x\n");
    }

    #[test]
    fn what_is_not_modelled_is_named() {
        assert_eq!(parse(&words("-f x")), Err(Failure::NotModelled("ping -f".to_owned())));
    }
}
