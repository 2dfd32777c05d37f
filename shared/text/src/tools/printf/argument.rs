//! The arguments of `printf`: numbers as `strtoimax` reads them, and words that a shell would need quotes for.

/// A value, and what is said of it.
type Told<T> = (T, Option<String>);

struct Digits {
    negative: bool,
    /// `None` where it is too large.
    value: Option<u128>,
    wrong: Option<String>,
}

/// Reads a number: decimal, octal after `0`, hexadecimal after `0x`; or the code of a byte after a quote.
fn integer(word: &str) -> Digits {
    let bytes = word.as_bytes();
    if let Some(b'\'' | b'"') = bytes.first() {
        let code = bytes.get(1).copied().unwrap_or(0);
        return Digits { negative: false, value: Some(u128::from(code)), wrong: None };
    }
    let text = word.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, body) = match text.strip_prefix(['-', '+']) {
        Some(body) => (text.starts_with('-'), body),
        None => (false, text),
    };
    let hexadecimal = |text: &str| text.as_bytes().get(2).is_some_and(u8::is_ascii_hexdigit);
    let (base, digits) = if (body.starts_with("0x") || body.starts_with("0X")) && hexadecimal(body) {
        (16, &body[2..])
    } else if body.starts_with('0') {
        (8, body)
    } else {
        (10, body)
    };
    let rest = digits.trim_start_matches(|letter: char| letter.is_digit(base));
    let digits = &digits[..digits.len() - rest.len()];
    let value = digits.chars().try_fold(0u128, |value, digit| {
        let value = value.checked_mul(u128::from(base))?;
        value.checked_add(u128::from(digit.to_digit(base).unwrap_or(0)))
    });
    let wrong = (!rest.is_empty() || (digits.is_empty() && !word.is_empty())).then(|| invalid(word));
    Digits { negative, value, wrong }
}

/// What bash says of a word that is no number (`sh_invalidnum`).
pub(super) fn invalid(word: &str) -> String {
    let mut letters = word.bytes();
    let what = match (letters.next(), letters.next()) {
        (Some(b'0'), Some(digit)) if digit.is_ascii_digit() => "invalid octal number",
        (Some(b'0'), Some(b'x')) => "invalid hex number",
        _ => "invalid number",
    };
    format!("{word}: {what}")
}

fn too_large(word: &str) -> Option<String> {
    Some(format!("warning: {word}: Numerical result out of range"))
}

/// Reads a number with a sign.
pub(super) fn signed(word: &str) -> Told<i64> {
    let read = integer(word);
    let bounded = read.value.and_then(|value| i128::try_from(value).ok()).map_or(i128::MAX, |value| value);
    let value = if read.negative { -bounded } else { bounded };
    match i64::try_from(value) {
        Ok(value) => (value, read.wrong),
        Err(_) => (if read.negative { i64::MIN } else { i64::MAX }, read.wrong.or_else(|| too_large(word))),
    }
}

/// Reads a number without a sign: a negative one counts from the largest down.
pub(super) fn unsigned(word: &str) -> Told<u64> {
    let read = integer(word);
    match read.value.and_then(|value| u64::try_from(value).ok()) {
        Some(value) => (if read.negative { value.wrapping_neg() } else { value }, read.wrong),
        None => (u64::MAX, read.wrong.or_else(|| too_large(word))),
    }
}

/// A word as it can be typed, as `%q` has it.
pub(super) fn quoted(word: &[u8]) -> Vec<u8> {
    if word.is_empty() {
        return b"''".to_vec();
    }
    if word.iter().any(|byte| !(b' '..=b'~').contains(byte)) {
        return in_c_quotes(word);
    }
    let mut text = Vec::new();
    for (at, byte) in word.iter().enumerate() {
        let plain = match byte {
            b'~' => at > 0 && !matches!(word[at - 1], b':' | b'='),
            b'#' => at > 0,
            byte => byte.is_ascii_alphanumeric() || b"%+-./:=@_".contains(byte),
        };
        if !plain {
            text.push(b'\\');
        }
        text.push(*byte);
    }
    text
}

fn in_c_quotes(word: &[u8]) -> Vec<u8> {
    let mut text = b"$'".to_vec();
    for byte in word {
        let letter = match byte {
            7 => b'a',
            8 => b'b',
            9 => b't',
            10 => b'n',
            11 => b'v',
            12 => b'f',
            13 => b'r',
            27 => b'E',
            b'\\' | b'\'' => *byte,
            b' '..=b'~' => {
                text.push(*byte);
                continue;
            }
            _ => {
                text.extend_from_slice(format!("\\{byte:03o}").as_bytes());
                continue;
            }
        };
        text.extend_from_slice(&[b'\\', letter]);
    }
    text.push(b'\'');
    text
}
