//! The words of a command line, taken as iproute2 takes them (`lib/utils.c`): a moving cursor, keywords that
//! match by prefix or exactly, numbers as C reads them, and the words iproute2 says when it cannot go on.

use crate::{Failure, Status};
use vethlab_shared::mac::MacAddress;

/// The status of `exit(-1)`: the command line made no sense.
pub(crate) const USAGE: Status = 255;
/// The status of a command that failed before it asked the kernel.
pub(crate) const FAILED: Status = 1;
/// The status of a command that the kernel refused.
pub(crate) const REFUSED: Status = 2;
/// The words still to be read.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    words: &'a [String],
    position: usize,
}

impl<'a> Words<'a> {
    /// All of the words.
    pub(crate) fn new(words: &'a [String]) -> Words<'a> {
        Words { words, position: 0 }
    }

    /// The next word, if there is one.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.position)?;
        self.position += 1;
        Some(word)
    }

    /// The next word, which must be there (`NEXT_ARG`).
    pub(crate) fn value(&mut self) -> Result<&'a str, Failure> {
        self.next().ok_or_else(incomplete)
    }

    /// The word read last.
    pub(crate) fn last(&self) -> &'a str {
        self.position.checked_sub(1).and_then(|last| self.words.get(last)).map_or("", String::as_str)
    }

    /// The words not read yet.
    pub(crate) fn rest(&self) -> &'a [String] {
        &self.words[self.position..]
    }
}

/// How a keyword is recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// `strcmp`: the whole word.
    Exact,
    /// `matches`: any beginning of the word.
    Prefix,
}

/// Keywords in the order in which iproute2 tries them, with what each means.
pub(crate) type Keywords<T> = [(How, &'static str, T)];

/// The keywords that are modelled, each by the first of its names.
pub(crate) fn modelled<T>(keywords: &Keywords<T>, is_modelled: fn(&T) -> bool) -> Vec<&'static str> {
    keywords.iter().filter(|(_, _, meaning)| is_modelled(meaning)).map(|(_, word, _)| *word).collect()
}

/// The first keyword that the word stands for, in full, with its meaning.
pub(crate) fn keyword<T: Copy>(keywords: &Keywords<T>, word: &str) -> Option<(&'static str, T)> {
    keywords
        .iter()
        .find(|(how, full, _)| match how {
            How::Exact => word == *full,
            How::Prefix => matches(word, full),
        })
        .map(|&(_, full, meaning)| (full, meaning))
}

/// Whether the word is a beginning of `full`, the empty word aside (`matches`).
pub(crate) fn matches(word: &str, full: &str) -> bool {
    // Most differ where the word ends: that is seen without a call.
    let Some(last) = word.len().checked_sub(1) else { return false };
    word.as_bytes().get(last) == full.as_bytes().get(last) && full.starts_with(word)
}

/// A word was expected behind the last one (`incomplete_command`).
pub(crate) fn incomplete() -> Failure {
    Failure::exit(USAGE, "Command line is not complete. Try option \"help\"")
}

/// A value is wrong (`invarg`). Many of iproute2's texts carry a newline of their own.
pub(crate) fn invalid(text: &str, word: &str) -> Failure {
    Failure::exit(USAGE, format_args!("Error: argument \"{word}\" is wrong: {text}"))
}

/// A keyword came twice (`duparg`).
pub(crate) fn duplicate(keyword: &str, word: &str) -> Failure {
    Failure::exit(USAGE, format_args!("Error: duplicate \"{keyword}\": \"{word}\" is the second value."))
}

/// A word stands where none is left to be (`duparg2`).
pub(crate) fn garbage(keyword: &str, word: &str) -> Failure {
    Failure::exit(
        USAGE,
        format_args!("Error: either \"{keyword}\" is duplicate, or \"{word}\" is a garbage."),
    )
}

/// There is no link of that name (`nodev`).
pub(crate) fn no_device(name: &str) -> Failure {
    Failure::exit(FAILED, format_args!("Cannot find device \"{name}\""))
}

/// A subcommand that the object does not have.
pub(crate) fn unknown_command(object: &str, word: &str, nearest: Option<&'static str>) -> Failure {
    let message = format!("Command \"{word}\" is unknown, try \"ip {object} help\".\n");
    Failure::Mistyped { message, status: USAGE, nearest }
}

/// A word that iproute2 knows and vethlab does not.
pub(crate) fn not_modelled(command: &str, word: &str) -> Failure {
    Failure::NotModelled(format!("{command} … {word}"))
}

/// What C's `strtoul` makes of the beginning of a text.
struct Leading<'a> {
    /// The number, wrapped where a minus sign stood before it.
    value: u64,
    /// Whether it was too large.
    overflow: bool,
    /// What stands behind it.
    rest: &'a str,
}

/// Reads a number as `strtoul` does: white space, a sign, `0x` or `0` where the base is 0.
fn leading(text: &str, base: u32) -> Option<Leading<'_>> {
    let text = text.trim_start_matches(|c: char| c == ' ' || ('\t'..='\r').contains(&c));
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .filter(|digits| digits.starts_with(|c: char| c.is_ascii_hexdigit()));
    let (base, text) = match (base, hexadecimal) {
        (0 | 16, Some(digits)) => (16, digits),
        (0, None) if text.starts_with('0') => (8, text),
        (0, None) => (10, text),
        (base, _) => (base, text),
    };
    let end = text.find(|c: char| !c.is_digit(base)).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return None;
    }
    match u64::from_str_radix(digits, base) {
        Ok(value) => Some(Leading {
            value: if negative { value.wrapping_neg() } else { value },
            overflow: false,
            rest,
        }),
        Err(_) => Some(Leading { value: u64::MAX, overflow: true, rest }),
    }
}

/// A whole word as an unsigned number up to `most`, in any base that C knows (`get_unsigned`, `get_u32`, …).
pub(crate) fn unsigned(word: &str, most: u64) -> Option<u64> {
    unsigned_in_base(word, 0, most)
}

/// A whole word as an unsigned number in the given base.
pub(crate) fn unsigned_in_base(word: &str, base: u32, most: u64) -> Option<u64> {
    leading(word, base)
        .filter(|number| !number.overflow && number.rest.is_empty() && number.value <= most)
        .map(|number| number.value)
}

/// A whole word as an unsigned number of 32 bits (`get_u32`).
pub(crate) fn number(word: &str) -> Option<u32> {
    unsigned(word, u64::from(u32::MAX)).and_then(|value| u32::try_from(value).ok())
}

/// A whole word as a signed number of 32 bits (`get_integer`).
pub(crate) fn integer(word: &str) -> Option<i32> {
    let number = leading(word, 0).filter(|number| !number.overflow && number.rest.is_empty())?;
    i32::try_from(number.value.cast_signed()).ok()
}

/// The lower 32 bits of the number at the beginning of a word, 0 where there is none (`atoi`).
pub(crate) fn leading_integer(word: &str) -> i32 {
    leading(word, 10).map_or(0, |number| number.value as i32)
}

/// The number before the first byte that is no digit, and what follows that byte: one part of an address.
pub(crate) fn address_part(text: &str) -> Option<(u8, &str)> {
    let number = leading(text, 0).filter(|number| !number.overflow)?;
    Some((u8::try_from(number.value).ok()?, number.rest))
}

/// Six hexadecimal numbers with colons between, as `sscanf` reads them with `%hhx`: of each the lower eight bits count, and
/// what follows the last is passed over.
pub(crate) fn station(word: &str) -> Option<MacAddress> {
    let (mut bytes, mut rest) = ([0; 6], word);
    for (place, byte) in bytes.iter_mut().enumerate() {
        if place > 0 {
            rest = rest.strip_prefix(':')?;
        }
        let number = leading(rest, 16)?;
        (*byte, rest) = (number.value as u8, number.rest);
    }
    Some(MacAddress(bytes))
}

/// A link-layer address as numbers with colons between (`ll_addr_a2n`). What follows the digits of a part is
/// passed over, as `sscanf` does.
pub(crate) fn link_layer_address(word: &str) -> Result<Vec<u8>, Failure> {
    let bad = |part: &str| Failure::exit(FAILED, format_args!("\"{part}\" is invalid lladdr."));
    if word.contains('.') {
        return super::inet::dotted(word).map(|address| address.octets().to_vec()).ok_or_else(|| bad(word));
    }
    word.split(':')
        .map(|part| {
            let number = leading(part, 16).filter(|number| !number.overflow).ok_or_else(|| bad(part))?;
            // `sscanf` keeps the lower 32 bits.
            u8::try_from(number.value as u32).map_err(|_| bad(part))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        assert_eq!(number("1500"), Some(1500));
        assert_eq!(number("0x10"), Some(16));
        assert_eq!(number("010"), Some(8));
        assert_eq!(number(" +7"), Some(7));
        for wrong in ["", "-1", "12a", "abc", "4294967296", "99999999999999999999", "0x", "09"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
        assert_eq!(integer("-5"), Some(-5));
        assert_eq!(integer("2147483648"), None);
        assert_eq!(leading_integer("12x"), 12);
        assert_eq!(leading_integer("x"), 0);
        assert_eq!(leading_integer("99999999999"), 1_215_752_191);
    }

    #[test]
    fn a_station_is_read_as_scanf_reads_it() {
        let station = |word| station(word).map(|address| address.0);
        assert_eq!(station("2:3:4:5:6:777"), Some([2, 3, 4, 5, 6, 0x77]));
        assert_eq!(station("02:00:00:00:00:01x"), Some([2, 0, 0, 0, 0, 1]));
        assert_eq!(station("02:00:00:00:00"), None);
        assert_eq!(station("02-00-00-00-00-01"), None);
        assert_eq!(station(""), None);
    }

    #[test]
    fn words_match_by_prefix_but_never_empty() {
        assert!(matches("a", "address"));
        assert!(matches("address", "address"));
        assert!(!matches("", "address"));
        assert!(!matches("addresses", "address"));
    }

    #[test]
    fn a_link_layer_address_is_read_part_by_part() {
        assert_eq!(link_layer_address("1:2:ff"), Ok(vec![1, 2, 255]));
        assert_eq!(link_layer_address("020000000001"), Ok(vec![1]));
        assert_eq!(link_layer_address("1.2.3.4"), Ok(vec![1, 2, 3, 4]));
        for (word, part) in [("type", "type"), ("00:zz:11", "zz"), ("1:100", "100"), ("1:", "")] {
            let text = format!("\"{part}\" is invalid lladdr.\n");
            assert_eq!(link_layer_address(word), Err(Failure::Exit { message: text, status: 1 }));
        }
    }
}
