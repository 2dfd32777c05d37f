//! Options taken apart as GNU `getopt_long(3)` does: combined letters, values attached or apart, long names
//! that may be shortened, operands anywhere, `--`.

use std::fmt;

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// None.
    No,
    /// The rest of the word, or the next word.
    Required,
    /// Only the rest of the word.
    Optional,
}

/// A long option: its name, the letter that it stands for, and whether it takes a value.
pub(crate) type Long = (&'static str, char, Value);

/// An option that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// Its letter; a long option gives the letter that it stands for.
    pub(crate) letter: char,
    /// Its value, where it has one.
    pub(crate) value: Option<String>,
}

impl Given {
    /// The value of an option that always has one.
    pub(crate) fn value(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }
}

/// What is wrong with an option. Shown as glibc does, without the program's name before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OptionError {
    /// No such letter.
    Invalid(char),
    /// No such long option.
    Unrecognised(String),
    /// A shortened long option that several could be.
    Ambiguous(String, Vec<&'static str>),
    /// A letter without its value.
    LetterNeedsValue(char),
    /// A long option without its value.
    LongNeedsValue(&'static str),
    /// A long option with a value that it does not take.
    LongTakesNone(&'static str),
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionError::Invalid(letter) => write!(f, "invalid option -- '{letter}'"),
            OptionError::Unrecognised(word) => write!(f, "unrecognized option '{word}'"),
            OptionError::Ambiguous(word, names) => {
                write!(f, "option '{word}' is ambiguous; possibilities:")?;
                names.iter().try_for_each(|name| write!(f, " '--{name}'"))
            }
            OptionError::LetterNeedsValue(letter) => {
                write!(f, "option requires an argument -- '{letter}'")
            }
            OptionError::LongNeedsValue(name) => write!(f, "option '--{name}' requires an argument"),
            OptionError::LongTakesNone(name) => write!(f, "option '--{name}' doesn't allow an argument"),
        }
    }
}

/// Goes through the words of a command line.
pub(crate) struct Getopt<'a> {
    letters: &'static str,
    longs: &'static [Long],
    words: std::slice::Iter<'a, String>,
    /// The letters of a combined word that are still to be looked at.
    rest: &'a str,
    /// The word that was looked at last, and the one before it.
    last: [Option<&'a str>; 2],
    /// Long options that came to be known on the way.
    more: &'static [&'static [Long]],
    only_operands: bool,
    operands: Vec<String>,
}

impl<'a> Getopt<'a> {
    /// `letters` as for `getopt(3)`: `c:` takes a value, `c::` may have one attached, `c` takes none.
    pub(crate) fn new(letters: &'static str, longs: &'static [Long], words: &'a [String]) -> Getopt<'a> {
        Getopt {
            letters,
            longs,
            words: words.iter(),
            rest: "",
            last: [None; 2],
            more: &[],
            only_operands: false,
            operands: Vec::new(),
        }
    }

    /// From now on there are these long options too.
    pub(crate) fn know(&mut self, more: &'static [&'static [Long]]) {
        self.more = more;
    }

    /// The next word of the command line.
    fn word(&mut self) -> Option<&'a String> {
        let word = self.words.next()?;
        self.last = [Some(word), self.last[0]];
        Some(word)
    }

    /// The next word, unless it is an option or begins with `!`: for an option whose value may stand apart.
    pub(crate) fn value_apart(&mut self) -> Option<&'a str> {
        self.words.as_slice().first().filter(|word| !word.starts_with(['-', '!']))?;
        self.word().map(String::as_str)
    }

    /// The word before the one to be looked at next (`argv[optind - 1]`).
    pub(crate) fn last_word(&self) -> Option<&'a str> {
        self.last[usize::from(!self.rest.is_empty())]
    }

    /// The next option, or `None` when only operands are left.
    pub(crate) fn next(&mut self) -> Result<Option<Given>, OptionError> {
        loop {
            if let Some(letter) = self.rest.chars().next() {
                self.rest = &self.rest[letter.len_utf8()..];
                return self.short(letter).map(Some);
            }
            let Some(word) = self.word() else { return Ok(None) };
            if self.only_operands || word == "-" || !word.starts_with('-') {
                self.operands.push(word.clone());
            } else if word == "--" {
                self.only_operands = true;
            } else if let Some(long) = word.strip_prefix("--").filter(|_| !self.longs.is_empty()) {
                return self.long(long).map(Some);
            } else {
                self.rest = &word[1..];
            }
        }
    }

    /// The words that are no options. Complete once [`Getopt::next`] has given `None`.
    pub(crate) fn operands(self) -> Vec<String> {
        self.operands
    }

    fn short(&mut self, letter: char) -> Result<Given, OptionError> {
        let found = self.letters.find(letter).filter(|_| letter != ':' && letter != '-');
        let place = found.ok_or(OptionError::Invalid(letter))?;
        let behind = &self.letters[place + letter.len_utf8()..];
        let attached =
            |rest: &mut &str| Some(std::mem::take(rest).to_owned()).filter(|text| !text.is_empty());
        let value = if behind.starts_with("::") {
            attached(&mut self.rest)
        } else if behind.starts_with(':') {
            let value = attached(&mut self.rest).or_else(|| self.word().cloned());
            Some(value.ok_or(OptionError::LetterNeedsValue(letter))?)
        } else {
            None
        };
        Ok(Given { letter, value })
    }

    fn long(&mut self, word: &str) -> Result<Given, OptionError> {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let &(name, letter, takes) = self.find_long(name, word)?;
        let value = match (takes, attached) {
            (Value::No, Some(_)) => return Err(OptionError::LongTakesNone(name)),
            (Value::Required, None) => Some(self.word().cloned().ok_or(OptionError::LongNeedsValue(name))?),
            (_, attached) => attached,
        };
        Ok(Given { letter, value })
    }

    fn find_long(&self, name: &str, word: &str) -> Result<&'static Long, OptionError> {
        let longs = || self.longs.iter().chain(self.more.iter().copied().flatten());
        if let Some(exact) = longs().find(|long| long.0 == name) {
            return Ok(exact);
        }
        let candidates: Vec<&Long> = longs().filter(|long| long.0.starts_with(name)).collect();
        match candidates.as_slice() {
            [] => Err(OptionError::Unrecognised(format!("--{word}"))),
            [first, others @ ..] if others.iter().all(|other| (other.1, other.2) == (first.1, first.2)) => {
                Ok(first)
            }
            _ => {
                let names = candidates.iter().map(|long| long.0).collect();
                Err(OptionError::Ambiguous(format!("--{word}"), names))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGS: &[Long] =
        &[("all", 'a', Value::No), ("version", 'V', Value::No), ("verbose", 'v', Value::No)];

    fn take(line: &str) -> Result<(String, Vec<String>), OptionError> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let mut options = Getopt::new("qc:o::aV", LONGS, &words);
        let mut text = String::new();
        while let Some(given) = options.next()? {
            text.push(given.letter);
            text.push_str(&given.value.map(|value| format!("={value}")).unwrap_or_default());
        }
        Ok((text, options.operands()))
    }

    #[test]
    fn letters_combine_and_operands_may_stand_anywhere() {
        let expected = Ok(("qc=3q".to_owned(), vec!["host".to_owned(), "-c".to_owned()]));
        assert_eq!(take("-qc3 host -q -- -c"), expected);
        assert_eq!(take("-c 3 -qo1 -o").map(|taken| taken.0), Ok("c=3qo=1o".to_owned()));
    }

    #[test]
    fn long_options_may_be_shortened() {
        assert_eq!(take("--al").map(|taken| taken.0), Ok("a".to_owned()));
        let names = vec!["version", "verbose"];
        assert_eq!(take("--ver"), Err(OptionError::Ambiguous("--ver".to_owned(), names)));
    }

    #[test]
    fn errors_read_as_glibc_writes_them() {
        let message = |line| take(line).map_err(|error| error.to_string()).expect_err("an error");
        assert_eq!(message("-z"), "invalid option -- 'z'");
        assert_eq!(message("-c"), "option requires an argument -- 'c'");
        assert_eq!(message("--foo=1"), "unrecognized option '--foo=1'");
        assert_eq!(message("--all=1"), "option '--all' doesn't allow an argument");
    }
}
