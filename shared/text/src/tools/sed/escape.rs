//! Escapes that stand for a byte, anywhere in a script: `normalize_text` of GNU sed.

/// Where a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Expression,
    Replacement,
    Plain,
}

/// Puts bytes in the place of escapes. Where a byte would be a sign there, it keeps a backslash.
pub(super) fn bytes(text: &[u8], place: Place) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (Some(b'\\'), Some(next)) = (text.get(at), text.get(at + 1)) else {
            bytes.push(text[at]);
            at += 1;
            continue;
        };
        let number = |base: u32, most: usize| {
            let digits =
                text[at + 2..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(base)).count();
            let digits = &text[at + 2..at + 2 + digits];
            let value = digits
                .iter()
                .fold(0u32, |value, digit| value * base + char::from(*digit).to_digit(base).unwrap_or(0));
            (!digits.is_empty()).then_some((value as u8, 2 + digits.len()))
        };
        let found = match next {
            b'a' => Some((7, 2)),
            b'f' => Some((12, 2)),
            b'r' => Some((13, 2)),
            b't' => Some((9, 2)),
            b'v' => Some((11, 2)),
            b'c' => match text.get(at + 2) {
                Some(letter) if *letter != b'\\' => Some((letter.to_ascii_uppercase() ^ 0x40, 3)),
                _ => None,
            },
            b'd' => number(10, 3),
            b'o' => number(8, 3),
            b'x' => number(16, 2),
            _ => None,
        };
        match found {
            Some((byte, length)) => {
                let sign = match place {
                    Place::Expression => b"$*.[\\]^".contains(&byte),
                    Place::Replacement => b"&\\".contains(&byte),
                    Place::Plain => false,
                };
                // A newline in an expression has a way to be written.
                if sign {
                    bytes.push(b'\\');
                }
                bytes.push(byte);
                at += length;
            }
            None => {
                bytes.extend_from_slice(&text[at..at + 2]);
                at += 2;
            }
        }
    }
    bytes
}
