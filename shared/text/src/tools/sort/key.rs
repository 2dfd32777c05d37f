//! The keys of `sort`: which part of a line, and how it is compared.

use super::compare;
use crate::call::{Stop, quote};
use std::cmp::Ordering;

/// A part of a line, and its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The field that it begins in, and the byte in it, from 0.
    start: (usize, usize),
    /// The field that it ends in, and how many bytes of it belong to it; 0 are all.
    end: Option<(usize, usize)>,
    blanks_before_start: bool,
    blanks_before_end: bool,
    fold: bool,
    numeric: bool,
    human: bool,
    version: bool,
    pub(super) reverse: bool,
}

impl Key {
    /// The whole line.
    pub(super) fn whole() -> Key {
        Key {
            start: (0, 0),
            end: None,
            blanks_before_start: false,
            blanks_before_end: false,
            fold: false,
            numeric: false,
            human: false,
            version: false,
            reverse: false,
        }
    }

    /// Sets what a letter says of all keys.
    pub(super) fn set(&mut self, letter: char) {
        match letter {
            'b' => (self.blanks_before_start, self.blanks_before_end) = (true, true),
            'f' => self.fold = true,
            'n' => self.numeric = true,
            'h' => self.human = true,
            'V' => self.version = true,
            'r' => self.reverse = true,
            _ => {}
        }
    }

    /// Whether it says nothing of its order.
    pub(super) fn is_plain(&self) -> bool {
        let same = Key { start: self.start, end: self.end, ..Key::whole() };
        *self == same
    }

    /// Takes the order of another.
    pub(super) fn inherit(&mut self, other: &Key) {
        *self = Key { start: self.start, end: self.end, ..other.clone() };
    }

    /// The letters of orders that exclude each other.
    pub(super) fn contradiction(&self) -> Option<String> {
        let orders = [self.human, self.numeric, self.version];
        if orders.iter().filter(|set| **set).count() < 2 {
            return None;
        }
        let letters = [(self.fold, 'f'), (self.human, 'h'), (self.numeric, 'n'), (self.version, 'V')];
        Some(letters.iter().filter(|(is, _)| *is).map(|(_, letter)| *letter).collect())
    }

    /// Which of two lines comes first by this key.
    pub(super) fn compare(&self, left: &[u8], right: &[u8], tab: Option<u8>) -> Ordering {
        let (left, right) = (self.part(left, tab), self.part(right, tab));
        let order = if self.numeric {
            compare::numeric(left, right)
        } else if self.human {
            compare::human(left, right)
        } else if self.version {
            compare::version(&self.folded(left), &self.folded(right))
        } else if self.fold {
            self.folded(left).cmp(&self.folded(right))
        } else {
            left.cmp(right)
        };
        if self.reverse { order.reverse() } else { order }
    }

    fn folded(&self, text: &[u8]) -> Vec<u8> {
        if self.fold { text.to_ascii_uppercase() } else { text.to_vec() }
    }

    /// The part of a line that it compares: `begfield` and `limfield`.
    fn part<'l>(&self, line: &'l [u8], tab: Option<u8>) -> &'l [u8] {
        let skip_blanks = |at: usize| at + line[at..].iter().take_while(|byte| blank(**byte)).count();
        let skip_field = |at: usize| {
            let at = skip_blanks(at);
            at + line[at..].iter().take_while(|byte| !blank(**byte)).count()
        };
        let mut begin = 0;
        for _ in 0..self.start.0 {
            if begin >= line.len() {
                break;
            }
            begin = match tab {
                Some(tab) => {
                    let field = line[begin..].iter().take_while(|byte| **byte != tab).count();
                    (begin + field + 1).min(line.len())
                }
                None => skip_field(begin),
            };
        }
        if self.blanks_before_start {
            begin = skip_blanks(begin);
        }
        begin = begin.saturating_add(self.start.1).min(line.len());
        let Some((field, bytes)) = self.end else { return &line[begin..] };
        let mut end = 0;
        // All of a field ends where the next begins, or at its tab.
        let fields = if bytes == 0 { field + 1 } else { field };
        for left in (0..fields).rev() {
            if end >= line.len() {
                break;
            }
            end = match tab {
                Some(tab) => {
                    let field = line[end..].iter().take_while(|byte| **byte != tab).count();
                    let at = end + field;
                    if at < line.len() && (left > 0 || bytes > 0) { at + 1 } else { at }
                }
                None => skip_field(end),
            };
        }
        if bytes > 0 {
            if self.blanks_before_end {
                end = skip_blanks(end.min(line.len()));
            }
            end = end.saturating_add(bytes).min(line.len());
        }
        &line[begin..end.max(begin)]
    }
}

/// What separates fields: a newline does, too.
fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

/// Reads a key.
pub(super) fn read(text: &str) -> Result<Key, Stop> {
    let failed = |text: String| Err(Stop::Failed(2, text));
    let zero = |what: &str| failed(format!("{what} is zero: invalid field specification {}", quote(text)));
    let mut key = Key::whole();
    let mut rest = text;
    let number = |rest: &mut &str, what: &str| -> Result<usize, Stop> {
        let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        if digits == 0 {
            return Err(Stop::Failed(2, format!("{what}: invalid count at start of {}", quote(rest))));
        }
        let (number, after) = rest.split_at(digits);
        *rest = after;
        Ok(number.parse().unwrap_or(usize::MAX / 2))
    };
    let field = number(&mut rest, "invalid number at field start")?;
    if field == 0 {
        return zero("field number");
    }
    key.start.0 = field - 1;
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        let byte = number(&mut rest, "invalid number after '.'")?;
        if byte == 0 {
            return zero("character offset");
        }
        key.start.1 = byte - 1;
    }
    rest = letters(rest, &mut key, false)?;
    if let Some(after) = rest.strip_prefix(',') {
        rest = after;
        let field = number(&mut rest, "invalid number after ','")?;
        if field == 0 {
            return zero("field number");
        }
        let mut bytes = 0;
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            bytes = number(&mut rest, "invalid number after '.'")?;
        }
        key.end = Some((field - 1, bytes));
        rest = letters(rest, &mut key, true)?;
    }
    if !rest.is_empty() {
        return failed(format!("stray character in field spec: invalid field specification {}", quote(text)));
    }
    Ok(key)
}

/// Reads the letters after a position.
fn letters<'t>(text: &'t str, key: &mut Key, end: bool) -> Result<&'t str, Stop> {
    for (at, letter) in text.char_indices() {
        match letter {
            'b' if end => key.blanks_before_end = true,
            'b' => key.blanks_before_start = true,
            'f' | 'n' | 'h' | 'V' | 'r' => key.set(letter),
            'd' | 'g' | 'i' | 'M' | 'R' => return Err(Stop::Refused(format!("sort -k ...{letter}"))),
            _ => return Ok(&text[at..]),
        }
    }
    Ok("")
}
