//! Numbers of lines and bytes with a suffix, as `xstrtoumax` reads them.

use crate::call::{Stop, quote};

/// Reads a number: digits, and one of the suffixes of coreutils. One that is too large for the machine is its largest.
pub(super) fn read(text: &str) -> Option<usize> {
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (number, suffix) = text.split_at(digits);
    let number = if number.is_empty() {
        if suffix.is_empty() { None } else { Some(1) }
    } else {
        Some(number.bytes().fold(0usize, |number, digit| {
            number.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
        }))
    }?;
    let factor = match suffix {
        "" => 1,
        "b" => 512,
        _ => {
            let mut letters = suffix.chars();
            let power = match letters.next()? {
                'k' | 'K' => 1,
                'm' | 'M' => 2,
                'G' => 3,
                'T' => 4,
                'P' => 5,
                'E' => 6,
                _ => return None,
            };
            let base: u128 = match letters.as_str() {
                "" | "iB" => 1024,
                "B" => 1000,
                _ => return None,
            };
            usize::try_from(base.pow(power)).unwrap_or(usize::MAX)
        }
    };
    Some(number.saturating_mul(factor))
}

/// The first lines of a text, and the rest.
pub(super) fn split_lines(text: &[u8], lines: usize) -> (&[u8], &[u8]) {
    if lines == 0 {
        return (&[], text);
    }
    let mut ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    match ends.nth(lines - 1) {
        Some((at, _)) => text.split_at(at + 1),
        None => (text, &[]),
    }
}

/// What stands before the last lines of a text, and those lines.
pub(super) fn split_last_lines(text: &[u8], lines: usize) -> (&[u8], &[u8]) {
    if lines == 0 {
        return (text, &[]);
    }
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let mut ends = body.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    match ends.nth(lines - 1) {
        Some((at, _)) => text.split_at(at + 1),
        None => (&[], text),
    }
}

/// The number in the value of an option, of so many lines or bytes.
///
/// # Errors
/// The digits are no number.
pub(super) fn of_option(value: &str, digits: &str, what: &str) -> Result<usize, Stop> {
    let shown = quote(value.strip_prefix('-').unwrap_or(value));
    read(digits).ok_or_else(|| Stop::Failed(1, format!("invalid number of {what}: {shown}")))
}
