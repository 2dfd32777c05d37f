//! `expr`: numbers and texts, counted and compared.

mod natural;

use crate::call::{Call, Stop, quote};
use crate::regex::{Dialect, Pattern, Syntax, Wrong};
use natural::Integer;
use std::cmp::Ordering;

/// How deep parentheses may stand in each other.
const DEPTH: usize = 100;

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let mut words = call.arguments;
    if let [word] = words
        && (word == "--help" || word == "--version")
    {
        return Err(Stop::Refused(format!("expr {word}")));
    }
    if words.first().is_some_and(|word| word == "--") {
        words = &words[1..];
    }
    if words.is_empty() {
        return Err(Stop::Failed(2, "missing operand\nTry 'expr --help' for more information.".to_owned()));
    }
    let mut reader = Reader { call, words, at: 0, depth: 0 };
    let value = reader.or(true)?;
    if let Some(word) = words.get(reader.at) {
        return Err(wrong(&format!("unexpected argument {}", quote(word))));
    }
    call.put(&value)?;
    call.put(b"\n")?;
    Ok(u8::from(is_null(&value)))
}

type Value = Vec<u8>;

fn wrong(text: &str) -> Stop {
    Stop::Failed(2, format!("syntax error: {text}"))
}

/// Whether a value is empty or zero.
fn is_null(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    value.is_empty() || (!digits.is_empty() && digits.iter().all(|byte| *byte == b'0'))
}

fn number(value: &[u8]) -> Result<Integer, Stop> {
    Integer::read(value).ok_or_else(|| Stop::Failed(2, "non-integer argument".to_owned()))
}

struct Reader<'r, 'c> {
    call: &'r mut Call<'c>,
    words: &'r [String],
    at: usize,
    depth: usize,
}

impl<'r> Reader<'r, '_> {
    /// Takes the next word if it is one of these.
    fn next_of(&mut self, known: &[&'static str]) -> Option<&'static str> {
        let word = self.words.get(self.at)?;
        let found = known.iter().find(|known| *known == word)?;
        self.at += 1;
        Some(found)
    }

    fn or(&mut self, evaluate: bool) -> Result<Value, Stop> {
        let mut left = self.and(evaluate)?;
        while self.next_of(&["|"]).is_some() {
            let right = self.and(evaluate && is_null(&left))?;
            if is_null(&left) {
                left = if is_null(&right) { b"0".to_vec() } else { right };
            }
        }
        Ok(left)
    }

    fn and(&mut self, evaluate: bool) -> Result<Value, Stop> {
        let mut left = self.comparison(evaluate)?;
        while self.next_of(&["&"]).is_some() {
            let right = self.comparison(evaluate && !is_null(&left))?;
            if is_null(&left) || is_null(&right) {
                left = b"0".to_vec();
            }
        }
        Ok(left)
    }

    fn comparison(&mut self, evaluate: bool) -> Result<Value, Stop> {
        let mut left = self.sum(evaluate)?;
        while let Some(sign) = self.next_of(&["<", "<=", "=", "==", "!=", ">=", ">"]) {
            let right = self.sum(evaluate)?;
            if !evaluate {
                left = b"0".to_vec();
                continue;
            }
            let order = match (Integer::read(&left), Integer::read(&right)) {
                (Some(left), Some(right)) => left.compare(&right),
                _ => left.cmp(&right),
            };
            let holds = match sign {
                "<" => order == Ordering::Less,
                "<=" => order != Ordering::Greater,
                "!=" => order != Ordering::Equal,
                ">=" => order != Ordering::Less,
                ">" => order == Ordering::Greater,
                _ => order == Ordering::Equal,
            };
            left = if holds { b"1".to_vec() } else { b"0".to_vec() };
        }
        Ok(left)
    }

    fn sum(&mut self, evaluate: bool) -> Result<Value, Stop> {
        let mut left = self.product(evaluate)?;
        while let Some(sign) = self.next_of(&["+", "-"]) {
            let right = self.product(evaluate)?;
            if evaluate {
                let (one, other) = (number(&left)?, number(&right)?);
                let result = if sign == "+" { one.add(&other) } else { one.add(&other.negated()) };
                left = result.written();
            }
        }
        Ok(left)
    }

    fn product(&mut self, evaluate: bool) -> Result<Value, Stop> {
        let mut left = self.matched(evaluate)?;
        while let Some(sign) = self.next_of(&["*", "/", "%"]) {
            let right = self.matched(evaluate)?;
            if !evaluate {
                continue;
            }
            let (one, other) = (number(&left)?, number(&right)?);
            self.call.work((left.len() + 1).saturating_mul(right.len() + 1))?;
            if sign != "*" && other.is_zero() {
                return Err(Stop::Failed(2, "division by zero".to_owned()));
            }
            left = match sign {
                "*" => one.multiply(&other),
                "/" => one.divide(&other).0,
                _ => one.divide(&other).1,
            }
            .written();
        }
        Ok(left)
    }

    fn matched(&mut self, evaluate: bool) -> Result<Value, Stop> {
        let mut left = self.word_operator(evaluate)?;
        while self.next_of(&[":"]).is_some() {
            let right = self.word_operator(evaluate)?;
            if evaluate {
                left = self.match_at_start(&left, &right)?;
            }
        }
        Ok(left)
    }

    fn word_operator(&mut self, evaluate: bool) -> Result<Value, Stop> {
        if self.next_of(&["+"]).is_some() {
            let word = self.words.get(self.at).ok_or_else(|| self.missing())?;
            self.at += 1;
            return Ok(word.as_bytes().to_vec());
        }
        let Some(name) = self.next_of(&["length", "match", "index", "substr"]) else {
            return self.single(evaluate);
        };
        self.deeper()?;
        let text = self.word_operator(evaluate)?;
        let value = match name {
            "length" => text.len().to_string().into_bytes(),
            "match" => {
                let pattern = self.word_operator(evaluate)?;
                if evaluate { self.match_at_start(&text, &pattern)? } else { pattern }
            }
            "index" => {
                let set = self.word_operator(evaluate)?;
                let place = text.iter().position(|byte| set.contains(byte));
                place.map_or(0, |place| place + 1).to_string().into_bytes()
            }
            _ => {
                let (from, length) = (self.word_operator(evaluate)?, self.word_operator(evaluate)?);
                part(&text, &from, &length)
            }
        };
        self.depth -= 1;
        Ok(value)
    }

    fn single(&mut self, evaluate: bool) -> Result<Value, Stop> {
        let word = self.words.get(self.at).ok_or_else(|| self.missing())?;
        if word == ")" {
            return Err(wrong("unexpected ')'"));
        }
        self.at += 1;
        if word != "(" {
            return Ok(word.as_bytes().to_vec());
        }
        self.deeper()?;
        let value = self.or(evaluate)?;
        self.depth -= 1;
        match self.words.get(self.at) {
            Some(word) if word == ")" => {
                self.at += 1;
                Ok(value)
            }
            Some(word) => Err(wrong(&format!("expecting ')' instead of {}", quote(word)))),
            None => Err(wrong(&format!("expecting ')' after {}", quote(&self.words[self.at - 1])))),
        }
    }

    fn deeper(&mut self) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Stop::Refused(format!("expr with more than {DEPTH} levels")));
        }
        Ok(())
    }

    fn missing(&self) -> Stop {
        let last = self.words[..self.at].last().map_or("", String::as_str);
        wrong(&format!("missing argument after {}", quote(last)))
    }

    fn match_at_start(&mut self, text: &[u8], pattern: &[u8]) -> Result<Value, Stop> {
        let syntax = Syntax { dialect: Dialect::Expr, extended: false, fold: false, groups: true };
        let compiled = Pattern::read(pattern, &syntax).and_then(|pattern| pattern.anchored().compile());
        let mut regex = match compiled {
            Ok(regex) => regex,
            Err(Wrong::Message(text)) => return Err(Stop::Failed(2, text.to_owned())),
            Err(Wrong::Refused(what)) => return Err(Stop::Refused(format!("expr {what}"))),
        };
        let found = regex.find(self.call, text, 0)?;
        let Some(span) = found else {
            return Ok(if regex.groups() > 0 { Vec::new() } else { b"0".to_vec() });
        };
        if regex.groups() == 0 {
            return Ok((span.1 - span.0).to_string().into_bytes());
        }
        let groups = regex.captures(self.call, text, span)?;
        let first = groups.get(1).copied().flatten();
        Ok(first.map(|(begin, end)| text[begin..end].to_vec()).unwrap_or_default())
    }
}

/// Bytes of a text, counted from 1.
fn part(text: &[u8], from: &[u8], length: &[u8]) -> Value {
    let size = |value: &[u8]| {
        let number = Integer::read(value)?;
        if number.is_negative() || number.is_zero() { None } else { Some(number.size()) }
    };
    match (size(from), size(length)) {
        (Some(from), Some(length)) if from <= text.len() => {
            text[from - 1..].iter().take(length).copied().collect()
        }
        _ => Vec::new(),
    }
}
