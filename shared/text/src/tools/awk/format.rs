//! `printf` and `sprintf` of mawk (`do_printf`).

use super::number;
use super::value::Value;
use crate::call::{Call, Stop};
use crate::format::Spec;

/// Why a format cannot be used.
pub(super) enum Fault {
    Missing,
    Improper(usize),
    Stop(Stop),
}

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Fault {
        Fault::Stop(stop)
    }
}

/// A number by a format, as `CONVFMT` and `OFMT` have it: it is handed to `sprintf` as it is.
pub(super) fn number(call: &mut Call<'_>, by: &[u8], value: f64) -> Result<Vec<u8>, Stop> {
    let refused = || Stop::Refused("awk with this CONVFMT or OFMT".to_owned());
    let mut out = Vec::new();
    let mut used = false;
    let mut at = 0;
    while let Some(byte) = by.get(at) {
        if *byte != b'%' {
            out.push(*byte);
            at += 1;
        } else if by.get(at + 1) == Some(&b'%') {
            out.push(b'%');
            at += 2;
        } else {
            let (spec, length, stars) = spec(by, at + 1)?;
            let letter = by.get(length).copied().unwrap_or(0);
            if used || stars > 0 || !matches!(letter, b'e' | b'E' | b'f' | b'F' | b'g' | b'G') {
                return Err(refused());
            }
            used = true;
            call.work(spec.width + spec.precision.unwrap_or(0))?;
            out.extend(spec.float(&value, letter));
            at = length + 1;
        }
    }
    Ok(out)
}

/// Reads flags, width and precision. Where they end, and how many stars are among them.
fn spec(format: &[u8], begin: usize) -> Result<(Spec, usize, usize), Stop> {
    let mut spec = Spec::default();
    let mut at = begin;
    let mut stars = 0;
    while format.get(at).is_some_and(|byte| spec.flag(*byte)) {
        at += 1;
    }
    let number = |at: &mut usize| {
        let mut number = 0usize;
        while let Some(digit) = format.get(*at).filter(|byte| byte.is_ascii_digit()) {
            number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
            *at += 1;
        }
        number
    };
    if format.get(at) == Some(&b'*') {
        stars += 1;
        at += 1;
    } else {
        spec.width = number(&mut at);
    }
    if format.get(at) == Some(&b'.') {
        at += 1;
        if format.get(at) == Some(&b'*') {
            stars += 1;
            at += 1;
        } else {
            spec.precision = Some(number(&mut at));
        }
    }
    spec.check()?;
    Ok((spec, at, stars))
}

/// Puts values into a format. What was written before a fault stays.
pub(super) fn put(
    call: &mut Call<'_>,
    format: &[u8],
    values: &[Value],
    convert: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let mut values = values.iter();
    let mut conversions = 0;
    let mut at = 0;
    while let Some(byte) = format.get(at) {
        call.work(1)?;
        if out.len() > crate::call::MOST {
            return Err(Stop::TooMuch.into());
        }
        if *byte != b'%' {
            // To C a format ends at a byte 0.
            if *byte == 0 {
                break;
            }
            out.push(*byte);
            at += 1;
            continue;
        }
        conversions += 1;
        if format.get(at + 1) == Some(&b'%') {
            out.push(b'%');
            at += 2;
            continue;
        }
        let (spec, end, stars) = spec(format, at + 1)?;
        if stars > 0 {
            return Err(Stop::Refused("awk printf %*".to_owned()).into());
        }
        let value = values.next().ok_or(Fault::Missing)?;
        let letter = format.get(end).copied().unwrap_or(0);
        call.work(spec.width.saturating_add(spec.precision.unwrap_or(0)))?;
        let bytes = match letter {
            b'l' | b'h' => return Err(Stop::Refused(format!("awk printf %{}", char::from(letter))).into()),
            b's' => {
                let text = match value {
                    Value::Nothing => Vec::new(),
                    Value::Number(value) => number::written(call, *value, convert)?,
                    Value::Text(text) | Value::Both(text, _) => text.clone(),
                };
                spec.bytes(&text)
            }
            b'c' => spec.byte(match value {
                Value::Nothing => 0,
                Value::Number(value) | Value::Both(_, value) => number::integer(*value) as u8,
                Value::Text(text) => text.first().copied().unwrap_or(0),
            }),
            b'd' | b'i' => spec.signed(number::integer(value.number())),
            b'o' | b'x' | b'X' | b'u' => {
                let value = value.number();
                let value = if value > 0.0 { value.min(f64::from(u32::MAX)) as u64 } else { 0 };
                spec.unsigned(value, letter)
            }
            b'e' | b'g' | b'f' | b'E' | b'G' => spec.float(&value.number(), letter),
            _ => return Err(Fault::Improper(conversions)),
        };
        out.extend_from_slice(&bytes);
        at = end + 1;
    }
    Ok(())
}
