//! Numbers from texts and back, as mawk has them.

use super::format;
use crate::call::{Call, Stop};

/// The largest integer that is printed as one: mawk counts with `int`.
const LARGEST: f64 = 2_147_483_647.0;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13)
}

/// The number that a text begins with, and how long it is: `strtod` of the C library.
pub(super) fn read(text: &[u8]) -> (f64, usize) {
    let blanks = text.iter().take_while(|byte| is_space(**byte)).count();
    let rest = &text[blanks..];
    let sign = usize::from(matches!(rest.first(), Some(b'-' | b'+')));
    let negative = rest.first() == Some(&b'-');
    let body = &rest[sign..];
    let (value, length) = unsigned(body);
    if length == 0 {
        return (0.0, 0);
    }
    (if negative { -value } else { value }, blanks + sign + length)
}

fn unsigned(text: &[u8]) -> (f64, usize) {
    let is = |word: &[u8]| text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word);
    if is(b"infinity") {
        return (f64::INFINITY, 8);
    }
    if is(b"inf") {
        return (f64::INFINITY, 3);
    }
    if is(b"nan") {
        return (f64::NAN.copysign(1.0), 3);
    }
    if is(b"0x") && text.get(2).is_some_and(u8::is_ascii_hexdigit) {
        return hexadecimal(text);
    }
    let digits = |from: usize| {
        text.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let whole = digits(0);
    let mut length = whole;
    if text.get(length) == Some(&b'.') {
        let fraction = digits(length + 1);
        if whole + fraction == 0 {
            return (0.0, 0);
        }
        length += 1 + fraction;
    }
    if length == 0 {
        return (0.0, 0);
    }
    if let Some(b'e' | b'E') = text.get(length) {
        let sign = usize::from(matches!(text.get(length + 1), Some(b'+' | b'-')));
        let more = digits(length + 1 + sign);
        if more > 0 {
            length += 1 + sign + more;
        }
    }
    let number = String::from_utf8_lossy(&text[..length]).parse().unwrap_or(0.0);
    (number, length)
}

/// Digits of base 16, a point among them, and a power of two.
fn hexadecimal(text: &[u8]) -> (f64, usize) {
    let (mut value, mut at, mut scale) = (0.0f64, 2, 1.0f64);
    let mut point = false;
    while let Some(byte) = text.get(at) {
        if let Some(digit) = char::from(*byte).to_digit(16) {
            value = value * 16.0 + f64::from(digit);
            if point {
                scale /= 16.0;
            }
        } else if *byte == b'.' && !point {
            point = true;
        } else {
            break;
        }
        at += 1;
    }
    if let Some(b'p' | b'P') = text.get(at) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let digits = text
            .get(at + 1 + sign..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits > 0 {
            let power =
                String::from_utf8_lossy(&text[at + 1..at + 1 + sign + digits]).parse().unwrap_or(i32::MAX);
            scale *= 2f64.powi(power.clamp(-2000, 2000));
            at += 1 + sign + digits;
        }
    }
    (value * scale, at)
}

/// The number that a text is, if it looks like one: `check_strnum`.
pub(super) fn looks_like(text: &[u8]) -> Option<f64> {
    let blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n');
    let first = text.iter().position(|byte| !blank(*byte))?;
    let last = text.iter().rposition(|byte| !blank(*byte))?;
    let begins = text[first].is_ascii_digit() || matches!(text[first], b'+' | b'-' | b'.');
    let ends = text[last].is_ascii_digit() || text[last] == b'.';
    if !begins || !ends {
        return None;
    }
    let (value, length) = read(text);
    (length > last && value.is_finite()).then_some(value)
}

/// An integer, cut to those that there are.
pub(super) fn integer(value: f64) -> i64 {
    if value >= LARGEST {
        LARGEST as i64
    } else if value > -LARGEST {
        value as i64
    } else {
        -(LARGEST as i64)
    }
}

/// A number as a text: digits where it is an integer, and by a format where it is none.
pub(super) fn written(call: &mut Call<'_>, value: f64, by: &[u8]) -> Result<Vec<u8>, Stop> {
    let whole = integer(value);
    if whole as f64 == value {
        return Ok(whole.to_string().into_bytes());
    }
    format::number(call, by, value)
}
