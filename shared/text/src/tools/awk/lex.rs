//! The words of a program.

use crate::call::Stop;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(Vec<u8>),
    Matches(Vec<u8>),
    /// A name, and whether a parenthesis follows it at once.
    Name(String, bool),
    Sign(&'static str),
    Newline,
    End,
}

/// A word, and the line that it stands on.
pub(super) type Placed = (Token, usize);

/// The longest come first.
const SIGNS: [&str; 44] = [
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "!=", "<=", ">=", "!~", ">>",
    "**", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", "<", ">", "=", "~", "?",
    ":", "$", "|", "&", "@", "`",
];

/// How many words a program may have.
const MOST: usize = 4000;

/// What mawk says of a program that it cannot read.
pub(super) fn syntax(line: usize, text: &str) -> Stop {
    Stop::Failed(2, format!("line {line}: {text}"))
}

pub(super) fn tokens(text: &[u8]) -> Result<Vec<Placed>, Stop> {
    let mut tokens: Vec<Placed> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(byte) = text.get(at) {
        if tokens.len() > MOST {
            return Err(Stop::Refused("awk with a program this long".to_owned()));
        }
        let rest = &text[at..];
        match byte {
            b' ' | b'\t' | b'\r' | 11 | 12 => at += 1,
            b'\\' if rest.get(1) == Some(&b'\n') => {
                at += 2;
                line += 1;
            }
            b'#' => at += rest.iter().take_while(|byte| **byte != b'\n').count(),
            b'\n' => {
                tokens.push((Token::Newline, line));
                at += 1;
                line += 1;
            }
            b'"' => {
                let length = delimited(&rest[1..], b'"')
                    .ok_or_else(|| syntax(line, &format!("runaway string constant {} ...", shown(rest))))?;
                tokens.push((Token::Text(unescaped(&rest[1..=length])), line));
                at += length + 2;
            }
            b'/' if !is_operand(tokens.last().map(|(token, _)| token)) => {
                let length = slashed(&rest[1..]).ok_or_else(|| {
                    syntax(line, &format!("runaway regular expression {} ...", shown(rest)))
                })?;
                tokens.push((Token::Matches(slashes(&rest[1..=length])), line));
                at += length + 2;
            }
            b'0'..=b'9' | b'.' if byte.is_ascii_digit() || rest.get(1).is_some_and(u8::is_ascii_digit) => {
                let length = decimal(rest);
                let number = String::from_utf8_lossy(&rest[..length]).parse().unwrap_or(0.0);
                tokens.push((Token::Number(number), line));
                at += length;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length =
                    rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                let name = String::from_utf8_lossy(&rest[..length]).into_owned();
                tokens.push((Token::Name(name, rest.get(length) == Some(&b'(')), line));
                at += length;
            }
            _ => {
                let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(sign.as_bytes())) else {
                    return Err(syntax(line, &format!("unexpected character {:?}", char::from(*byte))));
                };
                // mawk knows `^` alone for powers.
                if sign.starts_with("**") {
                    return Err(syntax(line, "syntax error at or near *"));
                }
                tokens.push((Token::Sign(sign), line));
                at += sign.len();
            }
        }
    }
    tokens.push((Token::End, line));
    Ok(tokens)
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[..text.len().min(10)]).into_owned()
}

/// Whether a value ends here: then a slash divides.
fn is_operand(token: Option<&Token>) -> bool {
    match token {
        Some(Token::Number(_) | Token::Text(_) | Token::Matches(_)) => true,
        Some(Token::Name(name, _)) => !super::parse::is_own_word(name),
        Some(Token::Sign(sign)) => matches!(*sign, ")" | "]" | "$" | "++" | "--"),
        _ => false,
    }
}

/// How long a text is up to a sign that has no backslash before it.
fn delimited(text: &[u8], sign: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'\n' => return None,
            byte if *byte == sign => return Some(at),
            _ => at += 1,
        }
    }
}

/// How long an expression is up to the slash that ends it: one in brackets does not.
fn slashed(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut brackets = false;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'\n' => return None,
            b'[' if !brackets => {
                brackets = true;
                at += 1;
                at += usize::from(text.get(at) == Some(&b'^'));
                at += usize::from(text.get(at) == Some(&b']'));
            }
            b'[' if text.get(at + 1) == Some(&b':') => {
                let class = text[at + 2..].windows(2).position(|pair| pair == b":]");
                at += class.map_or(1, |length| length + 4);
            }
            b']' if brackets => {
                brackets = false;
                at += 1;
            }
            b'/' if !brackets => return Some(at),
            _ => at += 1,
        }
    }
}

/// An expression without the backslashes before slashes.
fn slashes(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'\\' && at + 1 < text.len() {
            if text[at + 1] != b'/' {
                bytes.push(b'\\');
            }
            bytes.push(text[at + 1]);
            at += 2;
        } else {
            bytes.push(text[at]);
            at += 1;
        }
    }
    bytes
}

fn decimal(text: &[u8]) -> usize {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    if text.get(length) == Some(&b'.') {
        length += 1;
        length += digits(length);
    }
    if let Some(b'e' | b'E') = text.get(length) {
        let sign = usize::from(matches!(text.get(length + 1), Some(b'+' | b'-')));
        let more = text.get(length + 1 + sign..).map_or(0, |_| digits(length + 1 + sign));
        if more > 0 {
            length += 1 + sign + more;
        }
    }
    length
}

/// A text between quotes, with the bytes that its escapes stand for. Escapes that are none stay as they are.
pub(super) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        let Some(next) = text.get(at).filter(|_| *byte == b'\\') else {
            bytes.push(*byte);
            continue;
        };
        at += 1;
        let byte = match next {
            b'"' | b'\\' | b'/' => *next,
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\n' => continue,
            b'0'..=b'7' => {
                let digits =
                    text[at - 1..].iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                let value = text[at - 1..at - 1 + digits]
                    .iter()
                    .fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
                at += digits - 1;
                value as u8
            }
            other => {
                bytes.push(b'\\');
                *other
            }
        };
        bytes.push(byte);
    }
    bytes
}
