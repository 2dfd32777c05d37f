//! `tail`: how texts end.

use super::{amount, head};
use crate::call::{Call, Stop, quoted};
use crate::options::{self, Options, REFUSED, Value};

const OPTIONS: Options = Options {
    short: "c:n:fFqs:vz0123456789",
    long: &[
        ("bytes", Value::Yes, 'c'),
        ("lines", Value::Yes, 'n'),
        ("follow", Value::Maybe, REFUSED),
        ("max-unchanged-stats", Value::Yes, REFUSED),
        ("pid", Value::Yes, REFUSED),
        ("quiet", Value::No, 'q'),
        ("retry", Value::No, REFUSED),
        ("silent", Value::No, 'q'),
        ("sleep-interval", Value::Yes, 's'),
        ("verbose", Value::No, 'v'),
        ("zero-terminated", Value::No, 'z'),
    ],
    refused: "fFsz",
    ..Options::GNU
};

/// What is printed of a text.
#[derive(Clone, Copy)]
enum Part {
    Last(usize),
    From(usize),
}

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let words = modern(call.arguments)?;
    let given = options::read_words(call.name, &words, &OPTIONS);
    let (mut bytes, mut part) = (false, Part::Last(10));
    // Who counts from the beginning once does so with what follows.
    let mut from_start = false;
    let mut titled = given.operands.len() > 1;
    for (letter, value) in &given.options {
        match letter {
            'c' | 'n' => {
                bytes = *letter == 'c';
                let what = if bytes { "bytes" } else { "lines" };
                let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
                let number = amount::of_option(value, digits, what)?;
                from_start |= value.starts_with('+');
                part = if from_start { Part::From(number.saturating_sub(1)) } else { Part::Last(number) };
            }
            'q' => titled = false,
            'v' => titled = true,
            digit => return Err(Stop::Failed(1, format!("option used in invalid context -- {digit}"))),
        }
    }
    given.check()?;
    if matches!(part, Part::Last(0)) {
        // It does not even look for the files.
        return Ok(0);
    }
    let files = if given.operands.is_empty() { vec!["-".to_owned()] } else { given.operands };
    let mut status = 0;
    let mut first = true;
    for name in &files {
        let Some(text) = call.read(name)? else {
            call.say(&format!("cannot open {} for reading: No such file or directory", quoted(name)));
            status = 1;
            continue;
        };
        if titled {
            head::title(call, name, first)?;
        }
        first = false;
        call.put(match (bytes, part) {
            (false, Part::Last(number)) => amount::split_last_lines(&text, number).1,
            (false, Part::From(number)) => amount::split_lines(&text, number).1,
            (true, Part::Last(number)) => &text[text.len().saturating_sub(number)..],
            (true, Part::From(number)) => &text[number.min(text.len())..],
        })?;
    }
    Ok(status)
}

/// The words with `-5` as `-n 5`, and `+5` as `-n +5`: it stands alone, or before one file.
fn modern(words: &[String]) -> Result<Vec<String>, Stop> {
    let alone = match words {
        [_] => true,
        [_, file] => !(file.starts_with('-') && file.len() > 1) || file == "--",
        [_, dashes, _] => dashes == "--",
        _ => false,
    };
    let Some(first) = words.first().filter(|first| alone && *first != "-") else { return Ok(words.to_vec()) };
    let Some(old) = first.strip_prefix(['-', '+']) else { return Ok(words.to_vec()) };
    let plus = if first.starts_with('+') { "+" } else { "" };
    let rest = old.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = &old[..old.len() - rest.len()];
    let (unit, rest) = match rest.strip_prefix(['b', 'c', 'l']) {
        Some(after) => (&rest[..1], after),
        None => ("l", rest),
    };
    let is_option = plus.is_empty() && digits.is_empty() && old != "l" && old != "b";
    if is_option || !matches!(rest, "" | "f") {
        return Ok(words.to_vec());
    }
    if rest == "f" {
        return Err(Stop::Refused("tail -f".to_owned()));
    }
    let digits = if digits.is_empty() { "10" } else { digits };
    let (option, factor) = match unit {
        "b" => ("-c", "b"),
        "c" => ("-c", ""),
        _ => ("-n", ""),
    };
    let mut modern = vec![option.to_owned(), format!("{plus}{digits}{factor}")];
    modern.extend_from_slice(&words[1..]);
    Ok(modern)
}
