//! How `sort` compares numbers, sizes and versions.

use std::cmp::Ordering;

/// A number as `sort -n` reads it: any length, no exponent.
struct Number<'t> {
    negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    /// What follows it.
    rest: &'t [u8],
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn number(text: &[u8]) -> Number<'_> {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n')).count();
    let text = &text[blanks..];
    let negative = text.first() == Some(&b'-');
    let text = &text[usize::from(negative)..];
    let (whole, mut rest) = text.split_at(digits(text));
    let mut fraction: &[u8] = &[];
    if rest.first() == Some(&b'.') {
        (fraction, rest) = rest[1..].split_at(digits(&rest[1..]));
    }
    let zeros = whole.iter().take_while(|byte| **byte == b'0').count();
    let end = fraction.iter().rposition(|byte| *byte != b'0').map_or(0, |at| at + 1);
    Number { negative, whole: &whole[zeros..], fraction: &fraction[..end], rest }
}

impl Number<'_> {
    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn sign(&self) -> i8 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn compare(&self, other: &Number<'_>) -> Ordering {
        let size = |number: &Number<'_>, against: &Number<'_>| {
            let whole = number.whole.len().cmp(&against.whole.len()).then(number.whole.cmp(against.whole));
            whole.then(number.fraction.cmp(against.fraction))
        };
        let order = self.sign().cmp(&other.sign());
        order.then_with(|| if self.sign() < 0 { size(other, self) } else { size(self, other) })
    }
}

/// By the numbers that two texts begin with.
pub(super) fn numeric(left: &[u8], right: &[u8]) -> Ordering {
    number(left).compare(&number(right))
}

/// By numbers with the letter of a size: the letter first.
pub(super) fn human(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (number(left), number(right));
    let order = |number: &Number<'_>| {
        let letter = number.rest.first().copied().unwrap_or(0);
        let place = b"KMGTPEZY".iter().position(|unit| *unit == letter || (letter == b'k' && *unit == b'K'));
        let unit = place.map_or(0, |place| place as i32 + 1);
        match number.sign() {
            0 => 0,
            sign => i32::from(sign) * unit,
        }
    };
    order(&left).cmp(&order(&right)).then_with(|| left.compare(&right))
}

/// By versions, as `filenvercmp` of gnulib has it.
pub(super) fn version(left: &[u8], right: &[u8]) -> Ordering {
    let empty = |text: &[u8]| !text.is_empty();
    match (empty(left), empty(right)) {
        (true, true) => {}
        (left, right) => return left.cmp(&right),
    }
    // Names that begin with a dot come first, `.` and `..` before them.
    if left[0] == b'.' {
        if right[0] != b'.' {
            return Ordering::Less;
        }
        for special in [&b"."[..], b".."] {
            match (left == special, right == special) {
                (true, true) => return Ordering::Equal,
                (true, false) => return Ordering::Less,
                (false, true) => return Ordering::Greater,
                (false, false) => {}
            }
        }
    } else if right[0] == b'.' {
        return Ordering::Greater;
    }
    let (short_left, short_right) = (&left[..prefix(left)], &right[..prefix(right)]);
    let order = revision(short_left, short_right);
    if order.is_ne() || (short_left.len() == left.len() && short_right.len() == right.len()) {
        return order;
    }
    revision(left, right)
}

/// How long a name is without its suffixes: `(\.[A-Za-z~][A-Za-z0-9~]*)*$`.
fn prefix(name: &[u8]) -> usize {
    let mut length = 0;
    let mut at = 0;
    while at < name.len() {
        at += 1;
        length = at;
        while at + 1 < name.len()
            && name[at] == b'.'
            && (name[at + 1].is_ascii_alphabetic() || name[at + 1] == b'~')
        {
            at += 2;
            at += name[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'~').count();
        }
    }
    length
}

/// `verrevcmp`: parts without digits, and numbers, in turn.
fn revision(left: &[u8], right: &[u8]) -> Ordering {
    let rank = |byte: Option<&u8>| match byte {
        None => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(b'~') => -2,
        Some(byte) => i32::from(*byte) + 256,
    };
    let (mut at, mut other) = (0, 0);
    let no_digit = |text: &[u8], at: usize| text.get(at).is_some_and(|byte| !byte.is_ascii_digit());
    while at < left.len() || other < right.len() {
        while no_digit(left, at) || no_digit(right, other) {
            let order = rank(left.get(at)).cmp(&rank(right.get(other)));
            if order.is_ne() {
                return order;
            }
            at += 1;
            other += 1;
        }
        let zeros = |text: &[u8]| text.iter().take_while(|byte| **byte == b'0').count();
        at += zeros(left.get(at..).unwrap_or_default());
        other += zeros(right.get(other..).unwrap_or_default());
        let (mine, yours) = (left.get(at..).unwrap_or_default(), right.get(other..).unwrap_or_default());
        let (mine, yours) = (&mine[..digits(mine)], &yours[..digits(yours)]);
        let order = mine.len().cmp(&yours.len()).then(mine.cmp(yours));
        if order.is_ne() {
            return order;
        }
        at += mine.len();
        other += yours.len();
    }
    Ordering::Equal
}
