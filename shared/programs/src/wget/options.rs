//! The words behind `wget`.

use super::Failure;
use crate::getopt::{Getopt, Long, Value};
use vethlab_shared::time::Duration;

/// The long names of the options that are understood.
pub(in super::super) const LONGS: &[Long] = &[
    ("quiet", 'q', Value::No),
    ("verbose", 'v', Value::No),
    ("no-verbose", NO_VERBOSE, Value::No),
    ("output-document", 'O', Value::Required),
    ("server-response", 'S', Value::No),
    ("spider", SPIDER, Value::No),
    ("timeout", 'T', Value::Required),
    ("tries", 't', Value::Required),
    ("user-agent", 'U', Value::Required),
    ("inet4-only", '4', Value::No),
];

const NO_VERBOSE: char = '\u{1}';
const SPIDER: char = '\u{2}';

/// As `getopt_long(3)` is given them, those that are understood.
const LETTERS: &str = "qvn:O:ST:t:U:4";
/// What is understood, and means something that is not modelled.
const NOT_MODELLED: &str = "6aABbcdDeEFhHiIjKklLmNopPQrRVwWxX";

const USAGE: &str = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n";

/// How often it is tried, unless that is said.
const TRIES: u32 = 20;
/// How long nothing may come, unless that is said (`opt.read_timeout`).
const READ_TIMEOUT: Duration = Duration::from_secs(900);

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Nothing,
    /// A line each.
    Little,
    All,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// As it was typed.
    pub(super) typed: String,
    pub(super) says: Says,
    /// `-S`: the head of the answer is shown.
    pub(super) response: bool,
    /// Only whether it is there.
    pub(super) spider: bool,
    /// `-O /dev/null`.
    pub(super) discard: bool,
    /// How long a connection may take.
    pub(super) connect_timeout: Option<Duration>,
    /// How long nothing may come.
    pub(super) read_timeout: Option<Duration>,
    /// `None` for without end.
    pub(super) tries: Option<u32>,
    pub(super) agent: String,
}

/// Reads the words.
pub(super) fn parse(words: &[String]) -> Result<Request, Failure> {
    let mut options = Getopt::new(LETTERS, LONGS, words);
    let mut request = Request {
        typed: String::new(),
        says: Says::All,
        response: false,
        spider: false,
        discard: false,
        connect_timeout: None,
        read_timeout: Some(READ_TIMEOUT),
        tries: Some(TRIES),
        agent: "Wget/1.21.3".to_owned(),
    };
    let mut output = None;
    loop {
        let given = match options.next() {
            Ok(Some(given)) => given,
            Ok(None) => break,
            Err(crate::getopt::OptionError::Invalid(letter)) if NOT_MODELLED.contains(letter) => {
                return Err(Failure::NotModelled(format!("wget -{letter}")));
            }
            Err(error) => {
                return Err(Failure::Exit { message: format!("wget: {error}\n{USAGE}"), status: 2 });
            }
        };
        match given.letter {
            'q' => request.says = Says::Nothing,
            'v' => request.says = Says::All,
            NO_VERBOSE => request.says = Says::Little,
            'n' if given.value() == "v" => request.says = Says::Little,
            'n' => return Err(Failure::NotModelled(format!("wget -n{}", given.value()))),
            'O' => output = given.value,
            'S' => request.response = true,
            SPIDER => request.spider = true,
            'T' => {
                let time = seconds(given.value())?;
                (request.connect_timeout, request.read_timeout) = (time, time);
            }
            't' => request.tries = tries(given.value())?,
            'U' => request.agent = given.value().to_owned(),
            _ => {}
        }
    }
    request.typed = match options.operands().as_slice() {
        [] => return Err(Failure::Exit { message: format!("wget: missing URL\n{USAGE}"), status: 1 }),
        [url] => url.clone(),
        [_, _, ..] => return Err(Failure::NotModelled("wget with several URLs".to_owned())),
    };
    match output.as_deref() {
        Some("-") => {}
        Some("/dev/null") => request.discard = true,
        _ if request.spider => {}
        _ => {
            let message = "vethlab: there are no files here that wget could write: add '-O -' to print the page, \
                 '-O /dev/null' to throw it away, or '--spider'";
            return Err(Failure::exit(2, message));
        }
    }
    Ok(request)
}

/// A period of time, 0 for none (`cmd_time`).
fn seconds(text: &str) -> Result<Option<Duration>, Failure> {
    let wrong = || Failure::exit(2, format_args!("wget: --timeout: Invalid time period '{text}'"));
    let number = text.trim_end_matches(|c: char| "smhdw".contains(c));
    let unit = match &text[number.len()..] {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => return Err(wrong()),
    };
    let is_number = number.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    let value: f64 = number.parse().ok().filter(|_| is_number).ok_or_else(wrong)?;
    let milliseconds = (value * unit * 1000.0).min(1e15) as u64;
    Ok(Some(Duration::from_millis(milliseconds)).filter(|time| !time.is_zero()))
}

/// How often, 0 or `inf` for without end (`cmd_number_inf`).
fn tries(text: &str) -> Result<Option<u32>, Failure> {
    if text == "inf" {
        return Ok(None);
    }
    let is_number = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(number) if is_number => Ok(Some(number).filter(|number| *number > 0)),
        _ => Err(Failure::NotModelled(format!("wget -t {text}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Request, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    #[test]
    fn words_say_what_is_to_be_done() {
        let request = read("-qO- -T 0.5 -t 2 10.0.0.2").expect("it is understood");
        assert_eq!((request.says, request.tries, request.discard), (Says::Nothing, Some(2), false));
        assert_eq!(request.connect_timeout, Some(Duration::from_millis(500)));
        assert_eq!(read("-nv --spider h").map(|request| request.says), Ok(Says::Little));
        assert_eq!(
            read("--tries=inf -T 1m -O /dev/null h").map(|request| (request.tries, request.read_timeout)),
            Ok((None, Some(Duration::from_secs(60))))
        );
        assert!(matches!(read("h"), Err(Failure::Exit { status: 2, .. })));
        assert!(matches!(read("-qO-"), Err(Failure::Exit { status: 1, .. })));
        for (line, begin) in [
            ("--foo h", "wget: unrecognized option '--foo'\nUsage: "),
            ("-T x h", "wget: --timeout: Invalid time period 'x'\n"),
            ("-O", "wget: option requires an argument -- 'O'\n"),
        ] {
            assert!(
                matches!(read(line), Err(Failure::Exit { message, .. }) if message.starts_with(begin)),
                "{line}"
            );
        }
        for line in ["-r h", "-nc h", "-t x h", "-qO- a b"] {
            assert!(matches!(read(line), Err(Failure::NotModelled(_))), "{line}");
        }
    }
}
