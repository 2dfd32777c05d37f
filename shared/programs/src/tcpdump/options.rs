//! The command line of `tcpdump` 4.99.3.

use super::print::Style;
use super::usage::{USAGE, VERSION};
use crate::Failure;
use crate::getopt::{Getopt, Long, Value};
use crate::numbers::strtol;
use vethlab_shared::socket::Direction;

/// As `SHORTOPTS` in `tcpdump.c`.
const LETTERS: &str = "aAbB:c:C:dDeE:fF:G:hHi:Ij:JKlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:Yz:Z:#";

/// Letters for the long options that have none of their own.
const VERSION_LETTER: char = '\u{1}';
const IMMEDIATE_LETTER: char = '\u{2}';
const PRINT_LETTER: char = '\u{3}';
const MICRO_LETTER: char = '\u{4}';
const OTHER_LETTER: char = '\u{5}';

pub(in super::super) const LONGS: &[Long] = &[
    ("buffer-size", 'B', Value::Required),
    ("list-interfaces", 'D', Value::No),
    ("help", 'h', Value::No),
    ("interface", 'i', Value::Required),
    ("monitor-mode", 'I', Value::No),
    ("time-stamp-type", 'j', Value::Required),
    ("list-time-stamp-types", 'J', Value::No),
    ("micro", MICRO_LETTER, Value::No),
    ("nano", OTHER_LETTER, Value::No),
    ("time-stamp-precision", OTHER_LETTER, Value::Required),
    ("dont-verify-checksums", 'K', Value::No),
    ("list-data-link-types", 'L', Value::No),
    ("no-optimize", 'O', Value::No),
    ("no-promiscuous-mode", 'p', Value::No),
    ("direction", 'Q', Value::Required),
    ("snapshot-length", 's', Value::Required),
    ("absolute-tcp-sequence-numbers", 'S', Value::No),
    ("packet-buffered", 'U', Value::No),
    ("linktype", 'y', Value::Required),
    ("immediate-mode", IMMEDIATE_LETTER, Value::No),
    ("relinquish-privileges", 'Z', Value::Required),
    ("count", OTHER_LETTER, Value::No),
    ("fp-type", OTHER_LETTER, Value::No),
    ("number", '#', Value::No),
    ("print", PRINT_LETTER, Value::No),
    ("version", VERSION_LETTER, Value::No),
];

/// What is asked for.
pub(super) enum Command {
    /// Text about tcpdump itself.
    Print(String),
    /// The links that there are (`-D`).
    List,
    /// Frames.
    Capture(Request),
}

/// Which frames, and how they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) interface: Option<String>,
    pub(super) count: Option<u64>,
    pub(super) direction: Option<Direction>,
    pub(super) style: Style,
    pub(super) filter: String,
}

fn failed(message: impl std::fmt::Display) -> Failure {
    Failure::exit(1, format_args!("tcpdump: {message}"))
}

pub(super) fn parse(words: &[String]) -> Result<Command, Failure> {
    let mut options = Getopt::new(LETTERS, LONGS, words);
    let mut style = Style::default();
    let mut request = Request {
        interface: None,
        count: None,
        direction: None,
        style: Style::default(),
        filter: String::new(),
    };
    let mut list = false;
    let usage = |error| Failure::Exit { message: format!("tcpdump: {error}\n{VERSION}{USAGE}"), status: 1 };
    let more = |number: &mut u8| *number = number.saturating_add(1);
    while let Some(given) = options.next().map_err(usage)? {
        match given.letter {
            // Names of links' networks, the optimiser, promiscuity and buffering change nothing that is seen here.
            'a' | 'l' | 'O' | 'p' | 'U' | IMMEDIATE_LETTER | PRINT_LETTER | MICRO_LETTER => {}
            'c' => {
                let count = strtol(given.value(), 10).value as i32;
                request.count = match u64::try_from(count) {
                    Ok(count) if count > 0 => Some(count),
                    _ => return Err(failed(format_args!("invalid packet count {}", given.value()))),
                };
            }
            'D' => list = true,
            'e' => style.link_header = true,
            'h' => return Ok(Command::Print(format!("{VERSION}{USAGE}"))),
            'i' => request.interface = given.value,
            'K' => style.trusting = true,
            'n' => style.numeric = true,
            'q' => more(&mut style.quiet),
            'Q' => {
                request.direction = match given.value().to_ascii_lowercase().as_str() {
                    "in" => Some(Direction::In),
                    "out" => Some(Direction::Out),
                    "inout" => None,
                    _ => return Err(failed(format_args!("unknown capture direction `{}'", given.value()))),
                };
            }
            'S' => style.absolute = true,
            't' => more(&mut style.time),
            'v' => more(&mut style.verbose),
            'x' => more(&mut style.bytes.hexadecimal),
            'X' => more(&mut style.bytes.characters),
            '#' => style.numbered = true,
            VERSION_LETTER => return Ok(Command::Print(VERSION.to_owned())),
            OTHER_LETTER => return Err(Failure::NotModelled("this long option of tcpdump".to_owned())),
            letter => return Err(Failure::NotModelled(format!("tcpdump -{letter}"))),
        }
    }
    if list {
        return Ok(Command::List);
    }
    if style.time > 5 {
        return Err(failed("only -t, -tt, -ttt, -tttt and -ttttt are supported"));
    }
    request.style = style;
    request.filter = options.operands().join(" ");
    Ok(Command::Capture(request))
}
