//! The sets of `tr`: bytes, ranges, classes and repeats, in their order.

use crate::call::{Call, Stop, quote};
use crate::regex::class;

/// How many bytes a set may name.
const MOST: usize = 1 << 16;

/// A part of a set.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    Byte(u8),
    Range(u8, u8),
    Class(&'static str, &'static [(u8, u8)]),
    Equivalent(u8),
    Repeat(u8, usize),
    /// As often as the other set needs.
    Fill(u8),
}

const CLASSES: [&str; 12] = [
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
    "xdigit",
];

pub(super) struct Set {
    pub(super) items: Vec<Item>,
}

impl Item {
    /// How many bytes it names, where a fill names so many.
    pub(super) fn length(&self, fill: usize) -> usize {
        match *self {
            Item::Byte(_) | Item::Equivalent(_) => 1,
            Item::Range(low, high) => usize::from(high - low) + 1,
            Item::Class(_, ranges) => ranges.iter().map(|(low, high)| usize::from(high - low) + 1).sum(),
            Item::Repeat(_, times) => times,
            Item::Fill(_) => fill,
        }
    }
}

impl Set {
    /// Its bytes, where it is to have so many.
    pub(super) fn bytes(&self, wanted: usize) -> Vec<u8> {
        let length: usize = self.items.iter().map(|item| item.length(0)).sum();
        let fill = wanted.saturating_sub(length);
        let mut bytes = Vec::new();
        for item in &self.items {
            match *item {
                Item::Byte(byte) | Item::Equivalent(byte) => bytes.push(byte),
                Item::Range(low, high) => bytes.extend(low..=high),
                Item::Class(_, ranges) => ranges.iter().for_each(|(low, high)| bytes.extend(*low..=*high)),
                Item::Repeat(byte, times) => bytes.resize(bytes.len() + times, byte),
                Item::Fill(byte) => bytes.resize(bytes.len() + fill, byte),
            }
        }
        bytes
    }
}

/// The bytes that are not among these.
pub(super) fn complement(bytes: &[u8]) -> Vec<u8> {
    (0..=255).filter(|byte| !bytes.contains(byte)).collect()
}

/// A byte, and whether it was written with a backslash: then it is no sign.
type Written = (u8, bool);

/// Reads a set.
pub(super) fn read(call: &mut Call<'_>, text: &str) -> Result<Set, Stop> {
    let bytes = unescaped(call, text.as_bytes())?;
    let mut items = Vec::new();
    let mut at = 0;
    let failed = |text: String| Err(Stop::Failed(1, text));
    let is = |at: usize, sign: u8| bytes.get(at) == Some(&(sign, false));
    let mut total = 0usize;
    while at < bytes.len() {
        if is(at, b'[')
            && let Some(&(sign @ (b':' | b'='), false)) = bytes.get(at + 1)
            && let Some(end) =
                (at + 2..bytes.len().saturating_sub(1)).find(|end| is(*end, sign) && is(*end + 1, b']'))
        {
            let name: Vec<u8> = bytes[at + 2..end].iter().map(|(byte, _)| *byte).collect();
            let shown = String::from_utf8_lossy(&name).into_owned();
            if name.is_empty() {
                return failed(if sign == b':' {
                    "missing character class name '[::]'".to_owned()
                } else {
                    "missing equivalence class character '[==]'".to_owned()
                });
            }
            let known = CLASSES.iter().find(|known| known.as_bytes() == name);
            // `[=*...` and `[:*...` may be repeats.
            let repeat = is(at + 2, b'*');
            match (sign, known, &name[..]) {
                (b':', Some(known), _) => items.push(Item::Class(known, class(&name).unwrap_or_default())),
                (b'=', _, [byte]) => items.push(Item::Equivalent(*byte)),
                _ if repeat => {
                    at += take_repeat_or_byte(&bytes, at, &mut items)?;
                    continue;
                }
                (b':', _, _) => return failed(format!("invalid character class {}", quote(&shown))),
                _ => return failed(format!("{shown}: equivalence class operand must be a single character")),
            }
            at = end + 2;
            continue;
        }
        if is(at, b'[') && is(at + 2, b'*') {
            at += take_repeat_or_byte(&bytes, at, &mut items)?;
            total = items.iter().map(|item| item.length(0)).fold(total, usize::saturating_add);
            if total > MOST {
                return Err(Stop::Refused("tr [c*n] with n this large".to_owned()));
            }
            continue;
        }
        let low = bytes[at].0;
        if is(at + 1, b'-')
            && let Some(&(high, _)) = bytes.get(at + 2)
        {
            if high < low {
                let text = format!(
                    "range-endpoints of '{}-{}' are in reverse collating sequence order",
                    printable(low),
                    printable(high)
                );
                return failed(text);
            }
            items.push(Item::Range(low, high));
            at += 3;
        } else {
            items.push(Item::Byte(low));
            at += 1;
        }
    }
    Ok(Set { items })
}

/// Reads `[c*n]` where it is one, or else the bracket. How many bytes it has.
fn take_repeat_or_byte(bytes: &[Written], at: usize, items: &mut Vec<Item>) -> Result<usize, Stop> {
    let rest = &bytes[at + 3..];
    let Some(end) = rest.iter().position(|byte| *byte == (b']', false)) else {
        items.push(Item::Byte(b'['));
        return Ok(1);
    };
    let count: Vec<u8> = rest[..end].iter().map(|(byte, _)| *byte).collect();
    let byte = bytes[at + 1].0;
    if count.is_empty() {
        items.push(Item::Fill(byte));
        return Ok(4);
    }
    let text = String::from_utf8_lossy(&count).into_owned();
    let base = if count[0] == b'0' { 8 } else { 10 };
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = usize::from_str_radix(&text, base).ok().filter(|number| plain && *number <= MOST);
    match number {
        Some(0) => items.push(Item::Fill(byte)),
        Some(times) => items.push(Item::Repeat(byte, times)),
        None if plain && base == 10 => return Err(Stop::Refused("tr [c*n] with n this large".to_owned())),
        None => {
            return Err(Stop::Failed(1, format!("invalid repeat count {} in [c*n] construct", quote(&text))));
        }
    }
    Ok(4 + count.len())
}

fn printable(byte: u8) -> String {
    match byte {
        b'\\' => "\\\\".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        13 => "\\r".to_owned(),
        _ => format!("\\{byte:03o}"),
    }
}

fn unescaped(call: &mut Call<'_>, text: &[u8]) -> Result<Vec<Written>, Stop> {
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'\\' {
            bytes.push((text[at], false));
            at += 1;
            continue;
        }
        let Some(next) = text.get(at + 1) else {
            call.say("warning: an unescaped backslash at end of string is not portable");
            bytes.push((b'\\', false));
            break;
        };
        at += 2;
        let byte = match next {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'0'..=b'7' => {
                let mut number = u16::from(next - b'0');
                let mut digits = 1;
                while digits < 3
                    && let Some(digit @ b'0'..=b'7') = text.get(at)
                {
                    let more = number * 8 + u16::from(digit - b'0');
                    if more > 255 {
                        let octal = String::from_utf8_lossy(&text[at - 2..=at]).into_owned();
                        call.say(&format!(
                            "warning: the ambiguous octal escape \\{octal} is being\n\tinterpreted as the 2-byte sequence \\0{}, {}",
                            &octal[..2],
                            &octal[2..]
                        ));
                        break;
                    }
                    number = more;
                    digits += 1;
                    at += 1;
                }
                number as u8
            }
            other => *other,
        };
        bytes.push((byte, true));
    }
    Ok(bytes)
}
