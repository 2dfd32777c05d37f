//! `grep`: lines in which something matches.

mod matcher;
mod print;

use crate::call::{Call, Stop};
use crate::options::{self, Given, Options, REFUSED, Value};
use matcher::{Kind, Matcher};
use print::{List, Printer};

const USAGE: &str = "Usage: grep [OPTION]... PATTERNS [FILE]...\n";

const OPTIONS: Options = Options {
    short: "0123456789A:B:C:D:EFGHILPTUVX:abcd:e:f:hilm:noqRrsuvwxyZz",
    long: &[
        ("after-context", Value::Yes, 'A'),
        ("basic-regexp", Value::No, 'G'),
        ("before-context", Value::Yes, 'B'),
        ("binary", Value::No, 'U'),
        ("binary-files", Value::Yes, REFUSED),
        ("byte-offset", Value::No, 'b'),
        ("color", Value::Maybe, '='),
        ("colour", Value::Maybe, '='),
        ("context", Value::Yes, 'C'),
        ("count", Value::No, 'c'),
        ("dereference-recursive", Value::No, 'R'),
        ("devices", Value::Yes, 'D'),
        ("directories", Value::Yes, 'd'),
        ("exclude", Value::Yes, REFUSED),
        ("exclude-dir", Value::Yes, REFUSED),
        ("exclude-from", Value::Yes, REFUSED),
        ("extended-regexp", Value::No, 'E'),
        ("file", Value::Yes, 'f'),
        ("files-with-matches", Value::No, 'l'),
        ("files-without-match", Value::No, 'L'),
        ("fixed-regexp", Value::No, 'F'),
        ("fixed-strings", Value::No, 'F'),
        ("group-separator", Value::Yes, REFUSED),
        ("ignore-case", Value::No, 'i'),
        ("include", Value::Yes, REFUSED),
        ("initial-tab", Value::No, 'T'),
        ("invert-match", Value::No, 'v'),
        ("label", Value::Yes, REFUSED),
        ("line-buffered", Value::No, '!'),
        ("line-number", Value::No, 'n'),
        ("line-regexp", Value::No, 'x'),
        ("max-count", Value::Yes, 'm'),
        ("no-filename", Value::No, 'h'),
        ("no-group-separator", Value::No, REFUSED),
        ("no-ignore-case", Value::No, '?'),
        ("no-messages", Value::No, 's'),
        ("null", Value::No, 'Z'),
        ("null-data", Value::No, 'z'),
        ("only-matching", Value::No, 'o'),
        ("perl-regexp", Value::No, 'P'),
        ("quiet", Value::No, 'q'),
        ("recursive", Value::No, 'r'),
        ("regexp", Value::Yes, 'e'),
        ("silent", Value::No, 'q'),
        ("text", Value::No, 'a'),
        ("with-filename", Value::No, 'H'),
        ("word-regexp", Value::No, 'w'),
    ],
    refused: "DPRTXVZbdruz",
    usage: USAGE,
    status: 2,
    first: false,
    numbers: false,
};

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    with(call, Kind::Basic)
}

/// `egrep`.
pub(super) fn extended(call: &mut Call<'_>) -> Result<u8, Stop> {
    with(call, Kind::Extended)
}

/// `fgrep`.
pub(super) fn fixed(call: &mut Call<'_>) -> Result<u8, Stop> {
    with(call, Kind::Fixed)
}

fn with(call: &mut Call<'_>, kind: Kind) -> Result<u8, Stop> {
    let mut given = options::read_words(call.name, call.arguments, &OPTIONS);
    let mut printer = Printer::default();
    let mut wanted = matcher::Wanted { kind, ..matcher::Wanted::default() };
    let mut patterns: Option<Vec<Vec<u8>>> = None;
    let (mut digits, mut named) = (String::new(), None);
    let (mut silent, mut around) = (false, None);
    for (index, (letter, value)) in given.options.iter().enumerate() {
        let context = || {
            let wrong = || Stop::Failed(2, format!("{value}: invalid context length argument"));
            count(value).ok_or_else(wrong)
        };
        match letter {
            '0'..='9' => {
                // Digits of one word are one number.
                let before = index.checked_sub(1).map(|before| given.options[before].0);
                if given.begins.contains(&index) || !before.is_some_and(|before| before.is_ascii_digit()) {
                    digits.clear();
                }
                digits.push(*letter);
                around = count(&digits);
            }
            'A' => printer.after = Some(context()?),
            'B' => printer.before = Some(context()?),
            'C' => around = Some(context()?),
            'E' => wanted.kind = Kind::Extended,
            'F' => wanted.kind = Kind::Fixed,
            'G' => wanted.kind = Kind::Basic,
            'H' => named = Some(true),
            'h' => named = Some(false),
            'a' => printer.text = true,
            'c' => printer.counted = true,
            'e' => add(&mut patterns, value.as_bytes()),
            'f' => {
                let Some(text) = call.read(value)? else {
                    return Err(Stop::Failed(
                        2,
                        format!("{}: No such file or directory", shown_plain(value)),
                    ));
                };
                let text = text.strip_suffix(b"\n").map_or_else(|| text.to_vec(), <[u8]>::to_vec);
                if text.is_empty() && patterns.is_none() {
                    patterns = Some(Vec::new());
                } else {
                    add(&mut patterns, &text);
                }
            }
            'i' | 'y' => wanted.fold = true,
            '?' => wanted.fold = false,
            'l' => printer.list = Some(List::With),
            'L' => printer.list = Some(List::Without),
            'm' => {
                let wrong = || Stop::Failed(2, "invalid max count".to_owned());
                printer.most = Some(count(value).ok_or_else(wrong)?);
            }
            'n' => printer.numbers = true,
            'o' => printer.only = true,
            'q' => printer.quiet = true,
            's' => silent = true,
            'v' => printer.inverted = true,
            'w' => wanted.words = true,
            'x' => wanted.whole = true,
            '=' if !matches!(value.as_str(), "" | "auto" | "never") => {
                return Err(Stop::Refused(format!("grep --color={value}")));
            }
            _ => {}
        }
    }
    given.check()?;
    printer.before = printer.before.or(around);
    printer.after = printer.after.or(around);
    let patterns = match patterns {
        Some(patterns) => patterns,
        None if given.operands.is_empty() => {
            let text = format!("{USAGE}Try 'grep --help' for more information.\n");
            return Err(Stop::Bare(2, text));
        }
        None => {
            let mut patterns = None;
            add(&mut patterns, given.operands.remove(0).as_bytes());
            patterns.unwrap_or_default()
        }
    };
    let nothing_matches = printer.inverted && !wanted.whole && !wanted.words && patterns == [Vec::new()];
    if (nothing_matches || printer.most == Some(0)) && printer.list != Some(List::Without) {
        // No line can be selected, and so no file is looked at.
        return Ok(1);
    }
    let mut matcher = Matcher::new(call, &patterns, wanted)?;
    printer.named = named.unwrap_or(given.operands.len() > 1);
    search(call, &given, &mut matcher, &mut printer, silent)
}

fn search(
    call: &mut Call<'_>,
    given: &Given,
    matcher: &mut Matcher,
    printer: &mut Printer,
    silent: bool,
) -> Result<u8, Stop> {
    let names = if given.operands.is_empty() { vec!["-".to_owned()] } else { given.operands.clone() };
    let (mut found, mut failed) = (false, false);
    for name in &names {
        let Some(text) = call.read(name)? else {
            failed = true;
            if !silent {
                call.say(&format!("{}: No such file or directory", shown_plain(name)));
            }
            continue;
        };
        let title = if name == "-" { "(standard input)" } else { name };
        found |= printer.file(call, matcher, title, &text)?;
        if found && printer.quiet {
            return Ok(0);
        }
    }
    Ok(match (found, failed) {
        (_, true) => 2,
        (true, false) => 0,
        (false, false) => 1,
    })
}

/// grep shows names as they are.
fn shown_plain(name: &str) -> String {
    if name.is_empty() { name.to_owned() } else { String::from(name) }
}

/// Adds what stands between newlines.
fn add(patterns: &mut Option<Vec<Vec<u8>>>, text: &[u8]) {
    let more = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
    patterns.get_or_insert_default().extend(more);
}

/// A number of lines.
fn count(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(usize::MAX))
}
