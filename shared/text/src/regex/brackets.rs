//! What stands in brackets: bytes, ranges, classes, and what is none of these.

use super::parse::{Dialect, Syntax};

const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";

/// Ranges of bytes.
pub(crate) type Ranges = Vec<(u8, u8)>;

/// The bytes of a class, as `isalpha` and the others have them in the C locale.
pub(crate) fn class(name: &[u8]) -> Option<&'static [(u8, u8)]> {
    Some(match name {
        b"alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        b"digit" => &[(b'0', b'9')],
        b"alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"upper" => &[(b'A', b'Z')],
        b"lower" => &[(b'a', b'z')],
        b"space" => &[(9, 13), (b' ', b' ')],
        b"blank" => &[(9, 9), (b' ', b' ')],
        b"punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        b"print" => &[(b' ', b'~')],
        b"graph" => &[(b'!', b'~')],
        b"cntrl" => &[(0, 31), (127, 127)],
        b"xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    })
}

/// All bytes but those in the ranges.
pub(crate) fn others(ranges: &[(u8, u8)]) -> Ranges {
    let within = |byte: u8| ranges.iter().any(|(low, high)| (*low..=*high).contains(&byte));
    (0..=255).filter(|byte| !within(*byte)).map(|byte| (byte, byte)).collect()
}

/// Reads brackets, of which the first was read. The bytes that they stand for, and how long they are.
pub(super) fn read(text: &[u8], syntax: &Syntax) -> Result<(Ranges, usize), &'static str> {
    let mut at = 0;
    let negated = text.first() == Some(&b'^');
    at += usize::from(negated);
    let mut ranges = Ranges::new();
    let begin = at;
    if at == text.len() && syntax.dialect == Dialect::Expr {
        return Err("Invalid regular expression");
    }
    // Whether it looks as if the brackets of a class were forgotten.
    let colon = text.get(at) == Some(&b':');
    let mut known = false;
    let mut last_colon = false;
    loop {
        let next = *text.get(at).ok_or(UNMATCHED)?;
        if next == b']' && at > begin {
            at += 1;
            break;
        }
        last_colon = next == b':';
        if next == b'[' && text.get(at + 1) == Some(&b':') && syntax.dialect != Dialect::Awk {
            let (name, length) = enclosed(&text[at + 2..], b':')?;
            let mut found = class(name).ok_or("Invalid character class name")?;
            if syntax.fold && matches!(name, b"upper" | b"lower") {
                found = class(b"alpha").unwrap_or(found);
            }
            ranges.extend_from_slice(found);
            at += 2 + length;
            known = true;
            continue;
        }
        if next == b'[' && text.get(at + 1) == Some(&b':') {
            // mawk takes what is no class as bytes.
            if let Ok((name, length)) = enclosed(&text[at + 2..], b':')
                && let Some(found) = class(name)
            {
                ranges.extend_from_slice(found);
                at += 2 + length;
                continue;
            }
        }
        let (low, length) = one(&text[at..], syntax)?;
        at += length;
        let is_range = text.get(at) == Some(&b'-') && text.get(at + 1).is_some_and(|byte| *byte != b']');
        if !is_range {
            ranges.push((low, low));
            continue;
        }
        let (high, length) = one(&text[at + 1..], syntax)?;
        at += 1 + length;
        if low <= high {
            ranges.push((low, high));
        } else if syntax.dialect != Dialect::Awk {
            return Err("Invalid range end");
        }
    }
    if syntax.dialect == Dialect::Grep && colon && last_colon && !known && at > begin + 2 {
        return Err("character class syntax is [[:space:]], not [:space:]");
    }
    if syntax.fold {
        let letters: Vec<u8> = (0..=255u8)
            .filter(u8::is_ascii_alphabetic)
            .filter(|byte| ranges.iter().any(|(low, high)| (*low..=*high).contains(byte)))
            .collect();
        for byte in letters {
            let other = byte ^ 0x20;
            ranges.push((other, other));
        }
    }
    if negated {
        ranges = others(&ranges);
        if syntax.dialect == Dialect::Grep {
            // Lines have no newline in them.
            ranges.retain(|(low, _)| *low != b'\n');
        }
    }
    Ok((ranges, at))
}

/// One byte of a set, however it is written.
fn one(text: &[u8], syntax: &Syntax) -> Result<(u8, usize), &'static str> {
    let first = *text.first().ok_or(UNMATCHED)?;
    let second = text.get(1).copied();
    match (first, second) {
        (b'[', Some(sign @ (b'.' | b'='))) if syntax.dialect != Dialect::Awk => {
            let (name, length) = enclosed(&text[2..], sign)?;
            match name {
                [byte] => Ok((*byte, 2 + length)),
                _ => Err("Invalid collation character"),
            }
        }
        (b'\\', Some(b'n')) if syntax.dialect == Dialect::Sed => Ok((b'\n', 2)),
        (b'\\', Some(byte)) if syntax.dialect == Dialect::Awk => Ok((byte, 2)),
        _ => Ok((first, 1)),
    }
}

/// What stands before a sign and a bracket, and how long it is with them.
fn enclosed(text: &[u8], sign: u8) -> Result<(&[u8], usize), &'static str> {
    let end = text.windows(2).position(|pair| pair == [sign, b']']).ok_or(UNMATCHED)?;
    Ok((&text[..end], end + 2))
}
