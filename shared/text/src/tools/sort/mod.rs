//! `sort`: lines in order, in the C locale: byte by byte where nothing else is said.

mod compare;
mod key;

use crate::call::{Call, Stop, lines, quote, shown};
use crate::options::{self, Options, REFUSED, Value};
use key::Key;
use std::cmp::Ordering;

const OPTIONS: Options = Options {
    short: "bcCdfghik:mMno:rRsS:t:T:uVz",
    long: &[
        ("ignore-leading-blanks", Value::No, 'b'),
        ("check", Value::Maybe, REFUSED),
        ("compress-program", Value::Yes, REFUSED),
        ("debug", Value::No, REFUSED),
        ("dictionary-order", Value::No, 'd'),
        ("ignore-case", Value::No, 'f'),
        ("files0-from", Value::Yes, REFUSED),
        ("general-numeric-sort", Value::No, 'g'),
        ("ignore-nonprinting", Value::No, 'i'),
        ("key", Value::Yes, 'k'),
        ("merge", Value::No, 'm'),
        ("month-sort", Value::No, 'M'),
        ("numeric-sort", Value::No, 'n'),
        ("human-numeric-sort", Value::No, 'h'),
        ("version-sort", Value::No, 'V'),
        ("random-sort", Value::No, 'R'),
        ("random-source", Value::Yes, REFUSED),
        ("sort", Value::Yes, 'S'),
        ("output", Value::Yes, 'o'),
        ("reverse", Value::No, 'r'),
        ("stable", Value::No, 's'),
        ("batch-size", Value::Yes, REFUSED),
        ("buffer-size", Value::Yes, 'S'),
        ("field-separator", Value::Yes, 't'),
        ("temporary-directory", Value::Yes, 'T'),
        ("unique", Value::No, 'u'),
        ("parallel", Value::Yes, REFUSED),
        ("zero-terminated", Value::No, 'z'),
    ],
    refused: "cCdgimMoRSTz",
    status: 2,
    ..Options::GNU
};

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read_words(call.name, call.arguments, &OPTIONS);
    let failed = |text: String| Stop::Failed(2, text);
    let mut keys = Vec::new();
    let mut all = Key::whole();
    let mut tab: Option<u8> = None;
    for (letter, value) in &given.options {
        match letter {
            'k' => keys.push(key::read(value)?),
            't' => {
                let next = match value.as_bytes() {
                    [] => return Err(failed("empty tab".to_owned())),
                    [byte] => *byte,
                    b"\\0" => 0,
                    _ => return Err(failed(format!("multi-character tab {}", quote(value)))),
                };
                if tab.is_some_and(|tab| tab != next) {
                    return Err(failed("incompatible tabs".to_owned()));
                }
                tab = Some(next);
            }
            letter => all.set(*letter),
        }
    }
    given.check()?;
    // A key that says nothing of its own is as all are.
    for key in &mut keys {
        if key.is_plain() {
            key.inherit(&all);
        }
    }
    let last_resort_reversed = all.reverse;
    if keys.is_empty() {
        keys.push(all.clone());
    }
    for key in &keys {
        if let Some(both) = key.contradiction() {
            return Err(failed(format!("options '-{both}' are incompatible")));
        }
    }
    for name in given.operands.iter().filter(|name| *name != "-") {
        if call.read_file(name)?.is_none() {
            return Err(failed(format!("cannot read: {}: No such file or directory", shown(name))));
        }
    }
    let (texts, _) = call.read_all(&given.operands)?;
    let mut sorted: Vec<&[u8]> = texts.iter().flat_map(|text| lines(text)).collect();
    let bytes: usize = sorted.iter().map(|line| line.len() + 1).sum();
    call.work(bytes.saturating_mul(sorted.len().checked_ilog2().unwrap_or(0) as usize + 1))?;
    let (unique, stable) = (given.has('u'), given.has('s'));
    let plain = keys.len() == 1 && keys[0] == Key::whole();
    let by_keys = |left: &[u8], right: &[u8]| {
        keys.iter()
            .map(|key| key.compare(left, right, tab))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    sorted.sort_by(|left, right| {
        let order = if plain { Ordering::Equal } else { by_keys(left, right) };
        if order.is_ne() || ((unique || stable) && !plain) {
            return order;
        }
        let order = left.cmp(right);
        if last_resort_reversed { order.reverse() } else { order }
    });
    if unique {
        sorted.dedup_by(|right, left| if plain { left == right } else { by_keys(left, right).is_eq() });
    }
    for line in sorted {
        call.put(line)?;
        call.put(b"\n")?;
    }
    Ok(0)
}
