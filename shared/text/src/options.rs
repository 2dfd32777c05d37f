//! The options of a tool, as `getopt_long` of the C library reads them: mixed with operands, short ones in one word, long
//! ones by any beginning that only one of them has.

use crate::call::{Call, Stop};

/// Whether a long option has a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    No,
    Yes,
    Maybe,
}

/// The options that a tool has.
pub(crate) struct Options {
    /// The short ones: a colon after those that have a value.
    pub(crate) short: &'static str,
    /// The long ones, with the letter that stands for each.
    pub(crate) long: &'static [(&'static str, Value, char)],
    /// The letters of those that are not modelled.
    pub(crate) refused: &'static str,
    /// What stands before the hint at `--help`.
    pub(crate) usage: &'static str,
    /// How the tool ends where an option is wrong.
    pub(crate) status: u8,
    /// Whether options stand before the operands alone.
    pub(crate) first: bool,
    /// Whether a negative number is an operand.
    pub(crate) numbers: bool,
}

impl Options {
    /// How GNU's tools take them, where nothing else is said.
    pub(crate) const GNU: Options =
        Options { short: "", long: &[], refused: "", usage: "", status: 1, first: false, numbers: false };
}

/// A long option that has no letter, and is not modelled.
pub(crate) const REFUSED: char = '\0';

/// Options and operands as they were given.
pub(crate) struct Given {
    /// The letter of each option, with its value.
    pub(crate) options: Vec<(char, String)>,
    /// The words that are no options.
    pub(crate) operands: Vec<String>,
    /// Where the options of each word begin.
    pub(crate) begins: Vec<usize>,
    /// What is wrong with the option after those.
    wrong: Option<Stop>,
}

impl Given {
    /// Ends the tool if an option was wrong. Values of the options before it are looked at first.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        self.wrong.clone().map_or(Ok(()), Err)
    }

    /// Whether an option was given.
    pub(crate) fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(given, _)| *given == letter)
    }

    /// The value of the last option with this letter.
    pub(crate) fn last(&self, letter: char) -> Option<&str> {
        let found = self.options.iter().rev().find(|(given, _)| *given == letter);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the words of a call.
pub(crate) fn read(call: &Call<'_>, known: &Options) -> Result<Given, Stop> {
    let given = read_words(call.name, call.arguments, known);
    given.check()?;
    Ok(given)
}

/// Reads words up to the first that is wrong: [`Given::check`] says so.
pub(crate) fn read_words(name: &str, words: &[String], known: &Options) -> Given {
    let mut given = Given { options: Vec::new(), operands: Vec::new(), begins: Vec::new(), wrong: None };
    given.wrong = read_into(name, words, known, &mut given).err();
    given
}

fn read_into(name: &str, words: &[String], known: &Options, given: &mut Given) -> Result<(), Stop> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            given.operands.extend(words.cloned());
            break;
        }
        if known.numbers && is_negative(word) {
            given.operands.push(word.clone());
            given.operands.extend(words.cloned());
            break;
        }
        if let Some(long) = word.strip_prefix("--") {
            let (letter, value) = read_long(name, long, &mut words, known)?;
            given.options.push((letter, value));
        } else if word.len() > 1 && word.starts_with('-') {
            given.begins.push(given.options.len());
            read_short(name, &word[1..], &mut words, known, given)?;
        } else {
            given.operands.push(word.clone());
            if known.first {
                given.operands.extend(words.cloned());
                break;
            }
        }
    }
    Ok(())
}

/// What a tool says where it is called wrongly.
pub(crate) fn wrong(name: &str, known: &Options, text: &str) -> Stop {
    Stop::Failed(known.status, format!("{text}\n{}Try '{name} --help' for more information.", known.usage))
}

fn is_negative(word: &str) -> bool {
    let rest = word.strip_prefix('-');
    rest.is_some_and(|rest| rest.starts_with(|letter: char| letter == '.' || letter.is_ascii_digit()))
}

fn read_short<'w>(
    name: &str,
    letters: &str,
    words: &mut impl Iterator<Item = &'w String>,
    known: &Options,
    given: &mut Given,
) -> Result<(), Stop> {
    for (at, letter) in letters.char_indices() {
        let found = known.short.find(letter).filter(|_| letter != ':');
        let Some(found) = found else {
            return Err(wrong(name, known, &format!("invalid option -- '{letter}'")));
        };
        if known.refused.contains(letter) {
            return Err(Stop::Refused(format!("{name} -{letter}")));
        }
        let after = &known.short[found + letter.len_utf8()..];
        if !after.starts_with(':') {
            given.options.push((letter, String::new()));
            continue;
        }
        let rest = &letters[at + letter.len_utf8()..];
        let value = if rest.is_empty() { words.next().map(String::as_str) } else { Some(rest) };
        let Some(value) = value else {
            return Err(wrong(name, known, &format!("option requires an argument -- '{letter}'")));
        };
        given.options.push((letter, value.to_owned()));
        break;
    }
    Ok(())
}

fn read_long<'w>(
    name: &str,
    word: &str,
    words: &mut impl Iterator<Item = &'w String>,
    known: &Options,
) -> Result<(char, String), Stop> {
    let (key, value) = match word.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (word, None),
    };
    let always = [("help", Value::No, REFUSED), ("version", Value::No, REFUSED)];
    let all = || known.long.iter().chain(&always);
    let exact = all().find(|(long, _, _)| *long == key);
    let mut near = all().filter(|(long, _, _)| long.starts_with(key));
    let (long, takes, letter) = match (exact, near.next(), near.next()) {
        (Some(found), _, _) | (None, Some(found), None) => found,
        (None, None, _) => {
            return Err(wrong(name, known, &format!("unrecognized option '--{key}'")));
        }
        (None, Some(first), Some(_)) => {
            let same = all().filter(|(long, _, _)| long.starts_with(key));
            if same.clone().all(|(_, takes, letter)| (*takes, *letter) == (first.1, first.2))
                && first.2 != REFUSED
            {
                first
            } else {
                let names: String = same.map(|(long, _, _)| format!(" '--{long}'")).collect();
                let text = format!("option '--{word}' is ambiguous; possibilities:{names}");
                return Err(wrong(name, known, &text));
            }
        }
    };
    if *letter == REFUSED || known.refused.contains(*letter) {
        return Err(Stop::Refused(format!("{name} --{long}")));
    }
    match (takes, value) {
        (Value::No, Some(_)) => {
            Err(wrong(name, known, &format!("option '--{long}' doesn't allow an argument")))
        }
        (Value::Yes, None) => match words.next() {
            Some(value) => Ok((*letter, value.clone())),
            None => Err(wrong(name, known, &format!("option '--{long}' requires an argument"))),
        },
        (_, value) => Ok((*letter, value.unwrap_or_default().to_owned())),
    }
}
