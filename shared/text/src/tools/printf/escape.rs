//! What stands after a backslash, in a format and in an argument of `%b` (`bexpand`, `tescape` of bash).

use crate::call::{Call, Stop};

/// Reads an escape of a format. Its bytes, and how long it is.
pub(super) fn format(call: &mut Call<'_>, text: &[u8]) -> Result<(Vec<u8>, usize), Stop> {
    let Some(next) = text.get(1) else { return Ok((b"\\".to_vec(), 1)) };
    if let b'0'..=b'7' = next {
        let (byte, digits) = octal(&text[1..], 3);
        return Ok((vec![byte], 1 + digits));
    }
    other(call, text, *next)
}

/// Reads an argument of `%b`. Its bytes, and whether `\c` ends all.
pub(super) fn argument(call: &mut Call<'_>, text: &[u8]) -> Result<(Vec<u8>, bool), Stop> {
    let mut bytes = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        call.work(1)?;
        match (byte, text.get(at + 1)) {
            (b'\\', None) | (_, Some(_) | None) if *byte != b'\\' || text.get(at + 1).is_none() => {
                bytes.push(*byte);
                at += 1;
            }
            (_, Some(b'c')) => return Ok((bytes, true)),
            (_, Some(b'0')) => {
                let (byte, digits) = octal(&text[at + 2..], 3);
                bytes.push(byte);
                at += 2 + digits;
            }
            (_, Some(b'1'..=b'7')) => {
                let (byte, digits) = octal(&text[at + 1..], 3);
                bytes.push(byte);
                at += 1 + digits;
            }
            (_, Some(b'\'' | b'"' | b'?')) => {
                bytes.extend_from_slice(&text[at..at + 2]);
                at += 2;
            }
            (_, next) => {
                let next = next.copied().unwrap_or(b'\\');
                let (more, length) = other(call, &text[at..], next)?;
                bytes.extend_from_slice(&more);
                at += length;
            }
        }
    }
    Ok((bytes, false))
}

/// The escapes that both have.
fn other(call: &mut Call<'_>, text: &[u8], next: u8) -> Result<(Vec<u8>, usize), Stop> {
    let byte = match next {
        b'a' => 7,
        b'b' => 8,
        b'e' | b'E' => 27,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' | b'\'' | b'"' | b'?' => next,
        b'x' => {
            let digits = text[2..].iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
            if digits == 0 {
                call.say("missing hex digit for \\x");
                return Ok((b"\\x".to_vec(), 2));
            }
            return Ok((vec![hexadecimal(&text[2..2 + digits]) as u8], 2 + digits));
        }
        b'u' | b'U' => {
            let most = if next == b'u' { 4 } else { 8 };
            let digits = text[2..].iter().take(most).take_while(|byte| byte.is_ascii_hexdigit()).count();
            if digits == 0 {
                call.say(&format!("missing unicode digit for \\{}", char::from(next)));
                return Ok((vec![b'\\', next], 2));
            }
            let code = hexadecimal(&text[2..2 + digits]);
            // Which bytes another character has depends on the locale.
            let byte = u8::try_from(code).ok().filter(u8::is_ascii);
            let refused = || Stop::Refused(format!("printf \\{}{code:04x}", char::from(next)));
            return Ok((vec![byte.ok_or_else(refused)?], 2 + digits));
        }
        _ => return Ok((b"\\".to_vec(), 1)),
    };
    Ok((vec![byte], 2))
}

fn octal(text: &[u8], most: usize) -> (u8, usize) {
    let digits = text.iter().take(most).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let value = text[..digits].iter().fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
    (value as u8, digits)
}

fn hexadecimal(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value: u32, digit| (value << 4) | char::from(*digit).to_digit(16).unwrap_or(0))
}
