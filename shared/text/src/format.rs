//! Conversions of `printf(3)`: flags, width, precision, and how numbers are written.

use crate::call::{MOST, Stop};

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spec {
    pub(crate) left: bool,
    pub(crate) plus: bool,
    pub(crate) space: bool,
    pub(crate) zero: bool,
    pub(crate) alternate: bool,
    pub(crate) width: usize,
    pub(crate) precision: Option<usize>,
}

impl Spec {
    /// Takes a flag. `false` where it is none.
    pub(crate) fn flag(&mut self, byte: u8) -> bool {
        match byte {
            b'-' => self.left = true,
            b'+' => self.plus = true,
            b' ' => self.space = true,
            b'0' => self.zero = true,
            b'#' => self.alternate = true,
            // Thousands are not apart in the C locale.
            b'\'' => {}
            _ => return false,
        }
        true
    }

    /// Takes a width that was given as a number: a negative one is on the left.
    pub(crate) fn set_width(&mut self, width: i64) {
        self.left |= width < 0;
        self.width = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
    }

    /// Whether what it makes is not too much.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.width > MOST || self.precision.is_some_and(|precision| precision > MOST) {
            return Err(Stop::TooMuch);
        }
        Ok(())
    }

    /// `%s`.
    pub(crate) fn bytes(&self, text: &[u8]) -> Vec<u8> {
        let text = &text[..self.precision.unwrap_or(text.len()).min(text.len())];
        self.padded(text.to_vec())
    }

    /// `%c`.
    pub(crate) fn byte(&self, byte: u8) -> Vec<u8> {
        self.padded(vec![byte])
    }

    /// `%d` and `%i`.
    pub(crate) fn signed(&self, value: i64) -> Vec<u8> {
        let digits = value.unsigned_abs().to_string();
        self.integer(self.sign(value < 0), &digits, value == 0)
    }

    /// `%u`, `%o`, `%x` and `%X`.
    pub(crate) fn unsigned(&self, value: u64, letter: u8) -> Vec<u8> {
        let mut digits = match letter {
            b'o' => format!("{value:o}"),
            b'x' => format!("{value:x}"),
            b'X' => format!("{value:X}"),
            _ => value.to_string(),
        };
        let mut before = "";
        if self.alternate && value != 0 {
            match letter {
                b'o' if self.precision.unwrap_or(0) <= digits.len() => digits.insert(0, '0'),
                b'x' => before = "0x",
                b'X' => before = "0X",
                _ => {}
            }
        }
        if self.alternate && value == 0 && letter == b'o' && self.precision == Some(0) {
            return self.padded(b"0".to_vec());
        }
        self.integer(before, &digits, value == 0)
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }

    fn integer(&self, before: &str, digits: &str, zero: bool) -> Vec<u8> {
        let digits = if zero && self.precision == Some(0) { "" } else { digits };
        let least = match self.precision {
            Some(precision) => precision,
            None if self.zero && !self.left => self.width.saturating_sub(before.len()),
            None => 0,
        };
        let zeros = "0".repeat(least.saturating_sub(digits.len()));
        self.padded(format!("{before}{zeros}{digits}").into_bytes())
    }

    /// `%e`, `%f`, `%g` and those in capitals.
    pub(crate) fn float(&self, value: &impl Real, letter: u8) -> Vec<u8> {
        let sign = self.sign(value.is_negative());
        let Some(special) = value.special() else {
            let mut body = match letter.to_ascii_lowercase() {
                b'f' => self.pointed(value.fixed(self.precision.unwrap_or(6))),
                b'e' => self.exponential(value, self.precision.unwrap_or(6)),
                _ => self.general(value),
            };
            if letter.is_ascii_uppercase() {
                body.make_ascii_uppercase();
            }
            let zeros = if self.zero && !self.left {
                "0".repeat(self.width.saturating_sub(sign.len() + body.len()))
            } else {
                String::new()
            };
            return self.padded(format!("{sign}{zeros}{body}").into_bytes());
        };
        let special =
            if letter.is_ascii_uppercase() { special.to_ascii_uppercase() } else { special.to_owned() };
        self.padded(format!("{sign}{special}").into_bytes())
    }

    /// With a point, if one is wanted in any case.
    fn pointed(&self, mut text: String) -> String {
        if self.alternate && !text.contains('.') {
            text.push('.');
        }
        text
    }

    fn exponential(&self, value: &impl Real, precision: usize) -> String {
        let (mantissa, exponent) = value.scientific(precision);
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", self.pointed(mantissa), exponent.unsigned_abs())
    }

    fn general(&self, value: &impl Real) -> String {
        let precision = self.precision.unwrap_or(6).max(1);
        let (_, exponent) = value.scientific(precision - 1);
        let text = if exponent < -4 || exponent >= precision as i64 {
            self.exponential(value, precision - 1)
        } else {
            self.pointed(value.fixed((precision as i64 - 1 - exponent) as usize))
        };
        if self.alternate {
            return text;
        }
        let (mantissa, rest) = match text.split_once('e') {
            Some((mantissa, rest)) => (mantissa, Some(rest)),
            None => (text.as_str(), None),
        };
        let short = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        match rest {
            Some(rest) => format!("{short}e{rest}"),
            None => short.to_owned(),
        }
    }

    fn padded(&self, mut text: Vec<u8>) -> Vec<u8> {
        let blanks = self.width.saturating_sub(text.len());
        if self.left {
            text.resize(text.len() + blanks, b' ');
            return text;
        }
        let mut padded = vec![b' '; blanks];
        padded.append(&mut text);
        padded
    }
}

/// A number that has digits after the point.
pub(crate) trait Real {
    fn is_negative(&self) -> bool;
    /// `inf` or `nan`, without a sign.
    fn special(&self) -> Option<&'static str>;
    /// Its size, with so many digits after the point.
    fn fixed(&self, precision: usize) -> String;
    /// Its size as one digit before the point and so many after it, and the power of ten.
    fn scientific(&self, precision: usize) -> (String, i64);
}

impl Real for f64 {
    fn is_negative(&self) -> bool {
        self.is_sign_negative()
    }

    fn special(&self) -> Option<&'static str> {
        if self.is_nan() {
            Some("nan")
        } else if self.is_infinite() {
            Some("inf")
        } else {
            None
        }
    }

    fn fixed(&self, precision: usize) -> String {
        with_zeros(precision, |some| format!("{:.some$}", self.abs()))
    }

    fn scientific(&self, precision: usize) -> (String, i64) {
        let mut exponent = 0;
        let mantissa = with_zeros(precision, |some| {
            let text = format!("{:.some$e}", self.abs());
            let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
            exponent = power.parse().unwrap_or(0);
            mantissa.to_owned()
        });
        (mantissa, exponent)
    }
}

/// Formats with a precision. No number has more digits than these: the rest are zeros.
fn with_zeros(precision: usize, format: impl FnOnce(usize) -> String) -> String {
    const DIGITS: usize = 1100;
    let some = precision.min(DIGITS);
    let mut text = format(some);
    text.extend(std::iter::repeat_n('0', precision - some));
    text
}
