//! `s`: what it is, and what it does.

use super::escape::{self, Place};
use super::parse::Parser;
use super::script::{Action, Case, Part, Substitute};
use crate::call::{Call, MOST, Stop};
use crate::regex::{Regex, Span};

const UNTERMINATED: &str = "unterminated `s' command";

impl Parser {
    /// Reads what follows the letter.
    pub(super) fn substitute(&mut self, call: &mut Call<'_>) -> Result<Action, Stop> {
        let sign = self.next();
        let Some(sign) = sign.filter(|sign| !matches!(sign, b'\n' | b'\\')) else {
            return Err(self.wrong(UNTERMINATED));
        };
        let Some(expression) = self.delimited(sign, true) else { return Err(self.wrong(UNTERMINATED)) };
        let Some(replacement) = self.delimited(sign, false) else { return Err(self.wrong(UNTERMINATED)) };
        let (parts, most) = parts(&escape::bytes(&replacement, Place::Replacement));
        let mut substitute = Substitute { expression: None, parts, global: false, print: false, number: 0 };
        let mut fold = false;
        loop {
            match self.next() {
                Some(b'i' | b'I') => fold = true,
                Some(b'p') if substitute.print => {
                    return Err(self.wrong("multiple `p' options to `s' command"));
                }
                Some(b'p') => substitute.print = true,
                Some(b'g') if substitute.global => {
                    return Err(self.wrong("multiple `g' options to `s' command"));
                }
                Some(b'g') => substitute.global = true,
                byte @ Some(b'0'..=b'9') => {
                    if substitute.number > 0 {
                        return Err(self.wrong("multiple number options to `s' command"));
                    }
                    substitute.number = self.number(byte);
                    if substitute.number == 0 {
                        return Err(self.wrong("number option to `s' command may not be zero"));
                    }
                }
                Some(letter @ (b'm' | b'M' | b'e' | b'w')) => {
                    return Err(Stop::Refused(format!("sed s///{}", char::from(letter))));
                }
                Some(b' ' | b'\t') => {}
                byte @ Some(b'}' | b'#') => {
                    self.back(byte);
                    break;
                }
                None | Some(b'\n' | b';') => break,
                Some(_) => return Err(self.wrong("unknown option to `s'")),
            }
        }
        substitute.expression = self.compile(call, &expression, fold, most)?;
        Ok(Action::Substitute(Box::new(substitute)))
    }
}

/// The parts of a replacement, and the highest group in it.
fn parts(text: &[u8]) -> (Vec<Part>, usize) {
    let mut parts = Vec::new();
    let mut plain = Vec::new();
    let mut most = 0;
    let mut at = 0;
    let mut push = |plain: &mut Vec<u8>, part: Part| {
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(plain)));
        }
        parts.push(part);
    };
    while let Some(byte) = text.get(at) {
        at += 1;
        match (byte, text.get(at)) {
            (b'&', _) => push(&mut plain, Part::Group(0)),
            (b'\\', Some(next)) => {
                at += 1;
                match next {
                    b'0'..=b'9' => {
                        let group = usize::from(next - b'0');
                        most = most.max(group);
                        push(&mut plain, Part::Group(group));
                    }
                    b'U' => push(&mut plain, Part::Case(Case::Upper)),
                    b'L' => push(&mut plain, Part::Case(Case::Lower)),
                    b'E' => push(&mut plain, Part::Case(Case::AsIs)),
                    b'u' => push(&mut plain, Part::Case(Case::NextUpper)),
                    b'l' => push(&mut plain, Part::Case(Case::NextLower)),
                    b'n' => plain.push(b'\n'),
                    other => plain.push(*other),
                }
            }
            (byte, _) => plain.push(*byte),
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    (parts, most)
}

/// How letters are written: from here on, and the next one.
struct Writer {
    out: Vec<u8>,
    case: Case,
    next: Option<Case>,
}

impl Writer {
    fn put(&mut self, text: &[u8]) {
        for byte in text {
            let case = self.next.take().unwrap_or(self.case);
            self.out.push(match case {
                Case::Upper | Case::NextUpper => byte.to_ascii_uppercase(),
                Case::Lower | Case::NextLower => byte.to_ascii_lowercase(),
                Case::AsIs => *byte,
            });
        }
    }
}

/// Replaces matches in a text. `None` where nothing was replaced.
pub(super) fn replace(
    call: &mut Call<'_>,
    regex: &mut Regex,
    substitute: &Substitute,
    text: &[u8],
) -> Result<Option<Vec<u8>>, Stop> {
    let mut out = Vec::new();
    let (mut start, mut count, mut replaced) = (0, 0, false);
    let mut last_end = None;
    while let Some(span) = regex.find(call, text, start)? {
        let (begin, end) = span;
        out.extend_from_slice(&text[start..begin]);
        if end == begin && last_end == Some(begin) {
            // Nothing, right behind a match, is none.
            out.extend(text.get(begin));
            start = begin + 1;
            last_end = None;
            if begin >= text.len() {
                break;
            }
            continue;
        }
        count += 1;
        let mut done = false;
        if count < substitute.number {
            out.extend_from_slice(&text[begin..end]);
        } else {
            replaced = true;
            put_replacement(call, regex, substitute, text, span, &mut out)?;
            done = !substitute.global;
        }
        if out.len() > MOST {
            return Err(Stop::TooMuch);
        }
        start = end;
        last_end = Some(end);
        if done {
            break;
        }
        if begin == end {
            out.extend(text.get(begin));
            start = begin + 1;
            last_end = None;
        }
        if start > text.len() {
            break;
        }
    }
    out.extend_from_slice(text.get(start..).unwrap_or_default());
    Ok(replaced.then_some(out))
}

fn put_replacement(
    call: &mut Call<'_>,
    regex: &mut Regex,
    substitute: &Substitute,
    text: &[u8],
    span: Span,
    out: &mut Vec<u8>,
) -> Result<(), Stop> {
    let asks = substitute.parts.iter().any(|part| matches!(part, Part::Group(group) if *group > 0));
    let groups = if asks { regex.captures(call, text, span)? } else { vec![Some(span)] };
    let mut writer = Writer { out: std::mem::take(out), case: Case::AsIs, next: None };
    for part in &substitute.parts {
        match part {
            Part::Text(text) => writer.put(text),
            Part::Group(group) => {
                if let Some((begin, end)) = groups.get(*group).copied().flatten() {
                    call.work(end - begin)?;
                    writer.put(&text[begin..end]);
                }
            }
            Part::Case(case @ (Case::NextUpper | Case::NextLower)) => writer.next = Some(*case),
            Part::Case(case) => {
                writer.case = *case;
                writer.next = None;
            }
        }
        if writer.out.len() > MOST {
            return Err(Stop::TooMuch);
        }
    }
    *out = writer.out;
    Ok(())
}
