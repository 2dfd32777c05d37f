//! Numbers as `libxtables` reads and shows them.

use super::problem::{Outcome, wrong};

/// Reads a number at the beginning of a text, and what stands behind it (`xtables_strtoul`): decimal, or hexadecimal with `0x`, or
/// octal with `0`.
pub(super) fn leading(text: &str, range: std::ops::RangeInclusive<u64>) -> Option<(u64, &str)> {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    if trimmed.starts_with('-') {
        return None;
    }
    let unsigned = trimmed.strip_prefix('+').unwrap_or(trimmed);
    let hexadecimal = unsigned.strip_prefix("0x").or(unsigned.strip_prefix("0X"));
    let hexadecimal = hexadecimal.filter(|digits| digits.starts_with(|c: char| c.is_ascii_hexdigit()));
    let (digits, base) = match hexadecimal {
        Some(digits) => (digits, 16),
        None if unsigned.starts_with('0') => (unsigned, 8),
        None => (unsigned, 10),
    };
    let length = digits.find(|c: char| !c.is_digit(base)).unwrap_or(digits.len());
    let number = u64::from_str_radix(&digits[..length], base).ok()?;
    range.contains(&number).then(|| (number, &digits[length..]))
}

/// A text that is a number and nothing else.
pub(super) fn whole(text: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
    leading(text, range).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number)
}

/// The number of a rule (`parse_rulenumber`).
pub(super) fn of_rule(text: &str) -> Outcome<u32> {
    match whole(text, 1..=0x7fff_ffff).and_then(|number| u32::try_from(number).ok()) {
        Some(number) => Ok(number),
        None => wrong(format!("Invalid rule number `{text}'")),
    }
}

/// A count as `sscanf` reads it with `%llu`: digits, and what follows does not matter.
pub(super) fn count(text: &str) -> Option<u64> {
    let text = text.trim_start();
    let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..length].parse().ok()
}

/// A count in a listing (`xtables_print_num`), without padding: in thousands where it is large, unless it is wanted exactly.
pub(super) fn shortened(count: u64, exact: bool) -> String {
    if exact || count <= 99_999 {
        return count.to_string();
    }
    let mut count = count;
    for (place, letter) in ["K", "M", "G", "T"].iter().enumerate() {
        count = (count + 500) / 1000;
        if count <= 9999 || place == 3 {
            return format!("{count}{letter}");
        }
    }
    count.to_string()
}

/// A mark with its mask (`xtables_print_mark_mask`).
pub(super) fn mark_and_mask(mark: u32, mask: u32) -> String {
    if mask == u32::MAX { format!(" 0x{mark:x}") } else { format!(" 0x{mark:x}/0x{mask:x}") }
}

/// A text in a saved rule (`xtables_save_string`): in quotes where it holds anything special.
pub(super) fn quoted(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return format!(" {text}");
    }
    let mut quoted = " \"".to_owned();
    for character in text.chars() {
        if matches!(character, '"' | '\\' | '\'') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_c_does() {
        assert_eq!(leading("0x1F/3", 0..=255), Some((31, "/3")));
        assert_eq!((leading("010", 0..=255), leading("08", 0..=255)), (Some((8, "")), Some((0, "8"))));
        assert_eq!(
            (leading("256", 0..=255), leading("-1", 0..=255), leading("x", 0..=255)),
            (None, None, None)
        );
    }

    #[test]
    fn counts_are_shortened_in_steps() {
        let shown =
            [99_999, 100_000, 9_999_499, 9_999_500, 12_345_678_901].map(|count| shortened(count, false));
        assert_eq!(shown, ["99999", "100K", "9999K", "10M", "12G"]);
        assert_eq!(shortened(12_345_678, true), "12345678");
    }
}
