//! `seq`: numbers in order. They are decimals, and counted exactly: GNU's counts in `long double`, and takes care that its
//! rounding does not show.

use crate::call::{Call, Stop, quote};
use crate::options::{self, Options, Value};

const OPTIONS: Options = Options {
    short: "f:s:w",
    long: &[("equal-width", Value::No, 'w'), ("format", Value::Yes, 'f'), ("separator", Value::Yes, 's')],
    refused: "f",
    first: true,
    numbers: true,
    ..Options::GNU
};

/// How many digits a number may have.
const DIGITS: usize = 30;

/// A decimal, and how `seq` would print it.
#[derive(Clone, Copy, Default)]
struct Number {
    digits: i128,
    /// How many of the digits stand after the point.
    scale: usize,
    width: usize,
    precision: usize,
    /// It is written as `-0`: a negative number, which is not less than 0.
    negative_zero: bool,
}

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &OPTIONS)?;
    let wrong = |text: &str| options::wrong("seq", &OPTIONS, text);
    let words = &given.operands;
    if words.is_empty() {
        return Err(wrong("missing operand"));
    }
    if let Some(extra) = words.get(3) {
        return Err(wrong(&format!("extra operand {}", quote(extra))));
    }
    let one = Number { digits: 1, width: 1, ..Number::default() };
    let mut numbers = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let read = number(word)?;
        if index == 1 && words.len() == 3 && read.digits == 0 {
            return Err(wrong(&format!("invalid Zero increment value: {}", quote(word))));
        }
        numbers.push(read);
    }
    let (first, step, last) = match numbers[..] {
        [last] => (one, one, last),
        [first, last] => (first, one, last),
        [first, step, last, ..] => (first, step, last),
        [] => return Err(wrong("missing operand")),
    };
    let precision = first.precision.max(step.precision);
    let width = if given.has('w') { width(&first, &last, precision) } else { 0 };
    let scale = first.scale.max(step.scale).max(last.scale).max(precision);
    let at = |number: &Number| number.digits * 10i128.pow((scale - number.scale) as u32);
    let (mut value, step, last) = (at(&first), at(&step), at(&last));
    let separator = given.last('s').unwrap_or("\n").as_bytes().to_vec();
    let mut any = false;
    while if step < 0 { value >= last } else { value <= last } {
        call.work(8)?;
        if any {
            call.put(&separator)?;
        }
        let minus = value < 0 || (!any && first.negative_zero);
        call.put(written(value, minus, scale, precision, width).as_bytes())?;
        any = true;
        value += step;
    }
    if any {
        call.put(b"\n")?;
    }
    Ok(0)
}

/// The width that all have: that of the longer of the ends.
fn width(first: &Number, last: &Number, precision: usize) -> usize {
    let mut of_first = first.width + (precision - first.precision);
    let mut of_last = (last.width + precision).saturating_sub(last.precision);
    if last.precision > 0 && precision == 0 {
        of_last = of_last.saturating_sub(1);
    }
    if last.precision == 0 && precision > 0 {
        of_last += 1;
    }
    if first.precision == 0 && precision > 0 {
        of_first += 1;
    }
    of_first.max(of_last)
}

fn written(value: i128, minus: bool, scale: usize, precision: usize, width: usize) -> String {
    // What is cut off is none but zeros: each number has as many digits as the first and the step.
    let digits = value.unsigned_abs() / 10u128.pow((scale - precision) as u32);
    let mut text = format!("{digits:0least$}", least = precision + 1);
    if precision > 0 {
        text.insert(text.len() - precision, '.');
    }
    let sign = if minus { "-" } else { "" };
    let zeros = width.saturating_sub(text.len() + sign.len());
    format!("{sign}{}{text}", "0".repeat(zeros))
}

/// Reads a number, as `scan_arg` of coreutils does.
fn number(word: &str) -> Result<Number, Stop> {
    let wrong =
        || options::wrong("seq", &OPTIONS, &format!("invalid floating point argument: {}", quote(word)));
    let refused = || Stop::Refused(format!("seq {word}"));
    let text = word.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == '\x0b');
    let (negative, body) = match text.strip_prefix(['-', '+']) {
        Some(body) => (text.starts_with('-'), body),
        None => (false, text),
    };
    let lower = body.to_ascii_lowercase();
    if ["inf", "infinity", "nan"].contains(&lower.as_str()) || lower.starts_with("0x") {
        return Err(refused());
    }
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (lower.as_str(), None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    let power: i64 = match exponent {
        None => 0,
        Some(text) => {
            let plain = text.strip_prefix(['-', '+']).unwrap_or(text);
            if plain.is_empty() || !digits(plain) {
                return Err(wrong());
            }
            text.parse().map_err(|_| refused())?
        }
    };
    if whole.len() + fraction.len() > DIGITS || power.unsigned_abs() > 8 {
        return Err(refused());
    }
    let all: i128 = format!("0{whole}{fraction}").parse().map_err(|_| refused())?;
    let mut scale = fraction.len() as i64 - power;
    let mut value = if negative { -all } else { all };
    while scale < 0 {
        value *= 10;
        scale += 1;
    }
    let sign = usize::from(negative);
    let (mut width, mut precision) = (sign + mantissa.len(), fraction.len());
    if mantissa.contains('.') {
        if fraction.is_empty() {
            width -= 1;
        } else if whole.is_empty() {
            width += 1;
        }
    }
    if exponent.is_some() {
        let mut power_width = power.unsigned_abs() as usize;
        if power < 0 {
            precision += power_width;
            if !mantissa.contains('.') || fraction.is_empty() {
                width += 1;
            }
        } else {
            precision -= precision.min(power_width);
            if precision == 0 && !fraction.is_empty() {
                width -= 1;
            }
            power_width -= power_width.min(fraction.len());
        }
        width += power_width;
    }
    Ok(Number { digits: value, scale: scale as usize, width, precision, negative_zero: negative && all == 0 })
}
