//! The functions that there are.

use super::array::Array;
use super::execute::Machine;
use super::number;
use super::program::{Builtin, Expression, FS, Place, RLENGTH, RSTART};
use super::value::Value;
use crate::call::{MOST, Stop};
use crate::regex::Span;

impl Machine<'_, '_, '_> {
    fn argument_text(&mut self, arguments: &[Expression], at: usize) -> Result<Vec<u8>, Stop> {
        let Some(argument) = arguments.get(at) else { return self.record_text() };
        let value = self.evaluate(argument)?;
        self.text(&value)
    }

    fn argument_number(&mut self, arguments: &[Expression], at: usize) -> Result<f64, Stop> {
        let Some(argument) = arguments.get(at) else { return Ok(0.0) };
        Ok(self.evaluate(argument)?.number())
    }

    pub(super) fn function(&mut self, function: Builtin, arguments: &[Expression]) -> Result<Value, Stop> {
        Ok(match function {
            Builtin::Length => {
                if let Some(Expression::Array(number)) = arguments.first()
                    && self.is_array(*number)
                {
                    return Ok(Value::Number(self.array(*number)?.len() as f64));
                }
                Value::Number(self.argument_text(arguments, 0)?.len() as f64)
            }
            Builtin::Substr => {
                let text = self.argument_text(arguments, 0)?;
                let from = self.argument_number(arguments, 1)?;
                let length = match arguments.len() {
                    2 => None,
                    _ => Some(self.argument_number(arguments, 2)?),
                };
                Value::Text(part(&text, from, length))
            }
            Builtin::Index => {
                let (text, wanted) = (self.argument_text(arguments, 0)?, self.argument_text(arguments, 1)?);
                self.call.work(text.len())?;
                let place = if wanted.is_empty() { Some(0) } else { memory_find(&text, &wanted) };
                Value::Number(place.map_or(0, |place| place + 1) as f64)
            }
            Builtin::Split => self.split_into(arguments)?,
            Builtin::Sub | Builtin::Gsub => self.substitute(function == Builtin::Gsub, arguments)?,
            Builtin::Match => {
                let text = self.argument_text(arguments, 0)?;
                let pattern = self.pattern(&arguments[1])?;
                let found = self.find(&pattern, &text, 0)?;
                let (start, length) = match found {
                    Some((begin, end)) => ((begin + 1) as f64, (end - begin) as f64),
                    None => (0.0, -1.0),
                };
                self.put_special(RSTART, Value::Number(start));
                self.put_special(RLENGTH, Value::Number(length));
                Value::Number(start)
            }
            Builtin::Sprintf => {
                let mut values = Vec::new();
                for argument in arguments {
                    values.push(self.evaluate(argument)?);
                }
                let mut out = Vec::new();
                self.format("sprintf", &values, &mut out)?;
                Value::Text(out)
            }
            Builtin::ToUpper => Value::Text(self.argument_text(arguments, 0)?.to_ascii_uppercase()),
            Builtin::ToLower => Value::Text(self.argument_text(arguments, 0)?.to_ascii_lowercase()),
            Builtin::Int => Value::Number(self.argument_number(arguments, 0)?.trunc()),
            Builtin::Sqrt => {
                let value = self.argument_number(arguments, 0)?;
                let root = value.sqrt();
                Value::Number(if root.is_nan() && !value.is_nan() { root.copysign(-1.0) } else { root })
            }
            Builtin::Fflush => {
                for argument in arguments {
                    self.evaluate(argument)?;
                }
                Value::Number(0.0)
            }
        })
    }

    fn split_into(&mut self, arguments: &[Expression]) -> Result<Value, Stop> {
        let text = self.argument_text(arguments, 0)?;
        let separator = match arguments.get(2) {
            Some(expression @ Expression::Matches(_)) => {
                // One byte between slashes is an expression all the same.
                let pattern = self.pattern(expression)?;
                if let [byte] = pattern[..] { vec![b'[', byte, b']'] } else { pattern }
            }
            Some(_) => self.argument_text(arguments, 2)?,
            None => self.special_text(FS)?,
        };
        let parts = self.split(&text, &separator)?;
        let count = parts.len();
        let Some(Expression::Array(number)) = arguments.get(1) else { return Ok(Value::Nothing) };
        self.assign_array(*number, Array::of_parts(parts.into_iter().map(Value::maybe).collect()))?;
        Ok(Value::Number(count as f64))
    }

    fn substitute(&mut self, all: bool, arguments: &[Expression]) -> Result<Value, Stop> {
        let pattern = self.pattern(&arguments[0])?;
        let replacement = self.argument_text(arguments, 1)?;
        let whole = Place::Field(Box::new(Expression::Number(0.0)));
        let place = match arguments.get(2) {
            Some(Expression::Place(place)) => place,
            _ => &whole,
        };
        self.alter(place, |machine, text| {
            let (out, count) = if all {
                machine.replace_all(&pattern, &replacement, &text)?
            } else {
                match machine.find(&pattern, &text, 0)? {
                    None => (Vec::new(), 0),
                    Some((begin, end)) => {
                        let mut out = text[..begin].to_vec();
                        put_replacement(&replacement, &text, (begin, end), &mut out);
                        out.extend_from_slice(&text[end..]);
                        (out, 1)
                    }
                }
            };
            machine.call.work(out.len())?;
            if out.len() > MOST {
                return Err(Stop::TooMuch);
            }
            Ok((Value::Number(count as f64), (count > 0).then_some(out)))
        })
    }

    /// Replaces all matches, as mawk does (`gsub3`): nothing right behind a match is none.
    fn replace_all(
        &mut self,
        pattern: &[u8],
        replacement: &[u8],
        text: &[u8],
    ) -> Result<(Vec<u8>, usize), Stop> {
        let mut out = Vec::new();
        let (mut at, mut count, mut skipped) = (0, 0, None);
        while at <= text.len() {
            let Some((begin, end)) = self.find(pattern, text, at)? else {
                out.extend_from_slice(&text[at..]);
                break;
            };
            if begin > at {
                skipped = None;
                out.extend_from_slice(&text[at..begin]);
            }
            if end > begin || skipped != Some(at) {
                count += 1;
                put_replacement(replacement, text, (begin, end), &mut out);
            }
            if out.len() > MOST {
                return Err(Stop::TooMuch);
            }
            if end > begin {
                at = end;
                skipped = Some(end);
            } else {
                out.extend(text.get(begin));
                at = begin + 1;
                skipped = None;
            }
        }
        Ok((out, count))
    }
}

/// Puts what stands for a match: `&` is the match, and `\&` a `&`.
fn put_replacement(replacement: &[u8], text: &[u8], (begin, end): Span, out: &mut Vec<u8>) {
    let mut bytes = replacement.iter().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'\\', Some(b'&')) => {
                bytes.next();
                out.push(b'&');
            }
            (b'\\', Some(b'\\')) => {
                bytes.next();
                out.push(b'\\');
            }
            (b'&', _) => out.extend_from_slice(&text[begin..end]),
            (byte, _) => out.push(*byte),
        }
    }
}

fn memory_find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

/// A part of a text, counted from 1, as mawk counts (`bi_substr`): one that begins before the text is longer, too.
fn part(text: &[u8], from: f64, length: Option<f64>) -> Vec<u8> {
    let size = i32::try_from(text.len()).unwrap_or(i32::MAX);
    let integer = |value: f64| i32::try_from(number::integer(value)).unwrap_or(i32::MAX);
    let mut length = length.map_or(size, integer);
    let mut begin = integer(from).wrapping_sub(1);
    if begin > size {
        length = 0;
    }
    if begin < 0 {
        length = length.wrapping_sub(begin.wrapping_add(1));
        begin = 0;
    }
    let length = length.min(size.saturating_sub(begin));
    let (Ok(begin), Ok(length)) = (usize::try_from(begin), usize::try_from(length)) else {
        return Vec::new();
    };
    text.get(begin..begin + length).unwrap_or_default().to_vec()
}
