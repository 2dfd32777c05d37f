//! Numbers with digits after the point as bash's `printf` has them: `long double`, of 64 binary digits on x86. A decimal is
//! rounded to it, and what is printed is rounded from that.

use super::argument::invalid;
use crate::call::Stop;
use crate::format::Real;

/// How many digits a word may have, and how large its power of ten may be.
const DIGITS: usize = 60;
const POWER: i64 = 300;

/// A number: its binary digits times a power of two.
pub(super) struct LongDouble {
    negative: bool,
    special: Option<&'static str>,
    digits: u64,
    power: i64,
}

/// A natural number of any size, its lowest part first.
#[derive(Clone)]
struct Natural(Vec<u32>);

impl Natural {
    fn multiply(&mut self, factor: u32, add: u32) {
        let mut carry = u64::from(add);
        for part in &mut self.0 {
            carry += u64::from(*part) * u64::from(factor);
            *part = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides it, and gives the rest.
    fn divide(&mut self, by: u32) -> u32 {
        let mut rest = 0u64;
        for part in self.0.iter_mut().rev() {
            rest = (rest << 32) | u64::from(*part);
            *part = (rest / u64::from(by)) as u32;
            rest %= u64::from(by);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        rest as u32
    }

    fn shift_left(&mut self, bits: usize) {
        for _ in 0..bits % 32 {
            self.multiply(2, 0);
        }
        if !self.0.is_empty() {
            self.0.splice(0..0, std::iter::repeat_n(0, bits / 32));
        }
    }

    fn bits(&self) -> usize {
        self.0.last().map_or(0, |top| self.0.len() * 32 - top.leading_zeros() as usize)
    }

    fn bit(&self, at: usize) -> bool {
        self.0.get(at / 32).is_some_and(|part| part >> (at % 32) & 1 == 1)
    }

    fn any_below(&self, at: usize) -> bool {
        (0..at).any(|bit| self.bit(bit))
    }

    /// Its decimal digits.
    fn decimal(mut self) -> String {
        let mut parts = Vec::new();
        while !self.0.is_empty() {
            parts.push(self.divide(1_000_000_000));
        }
        let Some(first) = parts.pop() else { return "0".to_owned() };
        let mut text = first.to_string();
        for part in parts.iter().rev() {
            text.push_str(&format!("{part:09}"));
        }
        text
    }
}

/// Reads a number, and what is said of it.
pub(super) fn real(word: &str) -> Result<(LongDouble, Option<String>), Stop> {
    let refused = || Stop::Refused(format!("printf with the number {word}"));
    let bytes = word.as_bytes();
    if let Some(b'\'' | b'"') = bytes.first() {
        let code = bytes.get(1).copied().unwrap_or(0);
        return Ok((rounded(false, Natural(vec![u32::from(code)]), 0), None));
    }
    let text = word.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, body) = match text.strip_prefix(['-', '+']) {
        Some(body) => (text.starts_with('-'), body),
        None => (false, text),
    };
    let lower = body.to_ascii_lowercase();
    if lower.starts_with("0x") {
        return Err(refused());
    }
    for (name, length) in [("infinity", 8), ("inf", 3), ("nan", 3)] {
        if lower.starts_with(name) {
            if name == "nan" && lower.as_bytes().get(3) == Some(&b'(') {
                return Err(refused());
            }
            let special = if name == "nan" { "nan" } else { "inf" };
            let wrong = (lower.len() > length).then(|| invalid(word));
            return Ok((LongDouble { negative, special: Some(special), digits: 0, power: 0 }, wrong));
        }
    }
    let after =
        |text: &str| text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (whole, mut rest) = lower.split_at(after(&lower));
    let mut fraction = "";
    if let Some(point) = rest.strip_prefix('.')
        && (!whole.is_empty() || after(point) > 0)
    {
        (fraction, rest) = point.split_at(after(point));
    }
    let mut power = 0i64;
    let any = !whole.is_empty() || !fraction.is_empty();
    if let Some(exponent) = rest.strip_prefix('e').filter(|_| any) {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let length = after(digits);
        if length > 0 {
            let sign = exponent.len() - digits.len();
            power = exponent[..sign + length].parse().map_err(|_| refused())?;
            rest = &digits[length..];
        }
    }
    if whole.len() + fraction.len() > DIGITS || power.abs() > POWER {
        return Err(refused());
    }
    let wrong = (!rest.is_empty() || (!any && !word.is_empty())).then(|| invalid(word));
    let mut digits = Natural(Vec::new());
    for digit in whole.bytes().chain(fraction.bytes()) {
        digits.multiply(10, u32::from(digit - b'0'));
    }
    Ok((rounded(negative, digits, power - fraction.len() as i64), wrong))
}

/// Digits times a power of ten, as a number of 64 binary digits: the nearest, and the even one of two.
fn rounded(negative: bool, mut digits: Natural, ten: i64) -> LongDouble {
    let mut power = 0i64;
    let mut inexact = false;
    if ten >= 0 {
        (0..ten).for_each(|_| digits.multiply(10, 0));
    } else {
        // Enough binary digits in front, so that what a division leaves is only whether it was exact.
        let more = 80 + (ten.unsigned_abs() as usize * 10).div_ceil(3);
        digits.shift_left(more);
        power -= more as i64;
        (0..-ten).for_each(|_| inexact |= digits.divide(10) != 0);
    }
    let extra = digits.bits().saturating_sub(64);
    let mut top = (0..64).rev().fold(0u64, |top, bit| top << 1 | u64::from(digits.bit(extra + bit)));
    power += extra as i64;
    if extra > 0 && digits.bit(extra - 1) && (inexact || digits.any_below(extra - 1) || top & 1 == 1) {
        match top.checked_add(1) {
            Some(next) => top = next,
            None => (top, power) = (1 << 63, power + 1),
        }
    }
    LongDouble { negative, special: None, digits: top, power }
}

impl LongDouble {
    /// All its decimal digits, and how many of them stand after the point.
    fn decimal(&self) -> (String, usize) {
        let mut natural = Natural(vec![self.digits as u32, (self.digits >> 32) as u32]);
        while natural.0.last() == Some(&0) {
            natural.0.pop();
        }
        if self.power >= 0 {
            natural.shift_left(self.power as usize);
            return (natural.decimal(), 0);
        }
        let places = self.power.unsigned_abs() as usize;
        (0..places).for_each(|_| natural.multiply(5, 0));
        (natural.decimal(), places)
    }
}

/// Cuts decimal digits to so many, and rounds: half to the even one. A carry makes one more.
fn cut(digits: &str, keep: usize) -> String {
    let (kept, rest) = digits.split_at(keep.min(digits.len()));
    let mut kept: Vec<u8> = kept.bytes().collect();
    let half = rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0');
    let odd = kept.last().is_some_and(|digit| digit % 2 == 1);
    let up = rest.as_bytes().first().is_some_and(|digit| *digit >= b'5') && (!half || odd);
    if up {
        let mut at = kept.len();
        loop {
            if at == 0 {
                kept.insert(0, b'1');
                break;
            }
            at -= 1;
            if kept[at] == b'9' {
                kept[at] = b'0';
            } else {
                kept[at] += 1;
                break;
            }
        }
    }
    kept.into_iter().map(char::from).collect()
}

impl Real for LongDouble {
    fn is_negative(&self) -> bool {
        self.negative
    }

    fn special(&self) -> Option<&'static str> {
        self.special
    }

    fn fixed(&self, precision: usize) -> String {
        let (digits, places) = self.decimal();
        // One digit before the point at least.
        let digits = format!("{digits:0>least$}", least = places + 1);
        let whole = digits.len() - places;
        let mut text = cut(&digits, whole + precision.min(places));
        let places = precision.min(places);
        if precision > 0 {
            text.insert(text.len() - places, '.');
            text.extend(std::iter::repeat_n('0', precision - places));
        }
        text
    }

    fn scientific(&self, precision: usize) -> (String, i64) {
        let (digits, places) = self.decimal();
        let mut exponent = digits.len() as i64 - 1 - places as i64;
        if self.digits == 0 {
            exponent = 0;
        }
        let mut text = cut(&digits, precision + 1);
        if text.len() > (precision + 1).min(digits.len()) {
            exponent += 1;
            text.pop();
        }
        text.extend(std::iter::repeat_n('0', (precision + 1).saturating_sub(text.len())));
        if precision > 0 {
            text.insert(1, '.');
        }
        (text, exponent)
    }
}
