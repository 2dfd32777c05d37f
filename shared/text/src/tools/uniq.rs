//! `uniq`: lines that follow each other and are the same.

use crate::call::{Call, Stop, lines, quote, shown};
use crate::options::{self, Options, REFUSED, Value};

const OPTIONS: Options = Options {
    short: "cdDf:is:uw:z0123456789",
    long: &[
        ("count", Value::No, 'c'),
        ("repeated", Value::No, 'd'),
        ("all-repeated", Value::Maybe, REFUSED),
        ("group", Value::Maybe, REFUSED),
        ("ignore-case", Value::No, 'i'),
        ("unique", Value::No, 'u'),
        ("skip-fields", Value::Yes, 'f'),
        ("skip-chars", Value::Yes, 's'),
        ("check-chars", Value::Yes, 'w'),
        ("zero-terminated", Value::No, 'z'),
    ],
    refused: "Dz0123456789",
    ..Options::GNU
};

/// What of a line is compared.
struct Key {
    fields: usize,
    skipped: usize,
    most: usize,
    fold: bool,
}

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read_words(call.name, call.arguments, &OPTIONS);
    let mut key = Key { fields: 0, skipped: 0, most: usize::MAX, fold: given.has('i') };
    for (letter, text) in &given.options {
        let (number, what) = match letter {
            'f' => (&mut key.fields, "fields to skip"),
            's' => (&mut key.skipped, "bytes to skip"),
            'w' => (&mut key.most, "bytes to compare"),
            _ => continue,
        };
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Stop::Failed(1, format!("{text}: invalid number of {what}")));
        }
        *number = text.parse().unwrap_or(usize::MAX);
    }
    given.check()?;
    if let Some(extra) = given.operands.get(2) {
        return Err(options::wrong(call.name, &OPTIONS, &format!("extra operand {}", quote(extra))));
    }
    if given.operands.len() == 2 {
        return Err(Stop::Refused("uniq INPUT OUTPUT".to_owned()));
    }
    let name = given.operands.first().map_or("-", String::as_str);
    let Some(text) = call.read(name)? else {
        return Err(Stop::Failed(1, format!("{}: No such file or directory", shown(name))));
    };
    let (repeated, unique) = (given.has('d'), given.has('u'));
    let mut lines = lines(&text).peekable();
    while let Some(line) = lines.next() {
        let part = key.of(line);
        call.work(line.len() + 1)?;
        let mut times = 1usize;
        while lines.next_if(|next| key.of(next) == part).is_some() {
            call.work(line.len() + 1)?;
            times += 1;
        }
        if if times > 1 { unique } else { repeated } {
            continue;
        }
        if given.has('c') {
            call.put(format!("{times:7} ").as_bytes())?;
        }
        call.put(line)?;
        call.put(b"\n")?;
    }
    Ok(0)
}

impl Key {
    fn of(&self, line: &[u8]) -> Vec<u8> {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let mut at = 0;
        for _ in 0..self.fields {
            if at >= line.len() {
                break;
            }
            at += line[at..].iter().take_while(|byte| blank(byte)).count();
            at += line[at..].iter().take_while(|byte| !blank(byte)).count();
        }
        at = at.saturating_add(self.skipped).min(line.len());
        let part = &line[at..];
        let mut part = part[..self.most.min(part.len())].to_vec();
        if self.fold {
            part.make_ascii_uppercase();
        }
        part
    }
}
