//! `head`: how texts begin.

use super::amount;
use crate::call::{Call, Stop, quoted};
use crate::options::{self, Options, Value};

const OPTIONS: Options = Options {
    short: "c:n:qvz0123456789",
    long: &[
        ("bytes", Value::Yes, 'c'),
        ("lines", Value::Yes, 'n'),
        ("quiet", Value::No, 'q'),
        ("silent", Value::No, 'q'),
        ("verbose", Value::No, 'v'),
        ("zero-terminated", Value::No, 'z'),
    ],
    refused: "z",
    ..Options::GNU
};

#[derive(Clone, Copy)]
enum Unit {
    Lines,
    Bytes,
}

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let words = modern(call.arguments)?;
    let given = options::read_words(call.name, &words, &OPTIONS);
    let (mut unit, mut number, mut all_but) = (Unit::Lines, 10, false);
    let mut titled = given.operands.len() > 1;
    for (letter, value) in &given.options {
        match letter {
            'c' | 'n' => {
                let (is, what) = if *letter == 'c' { (Unit::Bytes, "bytes") } else { (Unit::Lines, "lines") };
                unit = is;
                all_but = value.starts_with('-');
                let digits = value.strip_prefix('-').unwrap_or(value);
                let digits = digits.strip_prefix('+').unwrap_or(digits);
                number = amount::of_option(value, digits, what)?;
            }
            'q' => titled = false,
            'v' => titled = true,
            digit => {
                return Err(options::wrong(
                    call.name,
                    &OPTIONS,
                    &format!("invalid trailing option -- {digit}"),
                ));
            }
        }
    }
    given.check()?;
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
            title(call, name, first)?;
        }
        first = false;
        call.put(match (unit, all_but) {
            (Unit::Lines, false) => amount::split_lines(&text, number).0,
            (Unit::Lines, true) => amount::split_last_lines(&text, number).0,
            (Unit::Bytes, false) => &text[..number.min(text.len())],
            (Unit::Bytes, true) => &text[..text.len().saturating_sub(number)],
        })?;
    }
    Ok(status)
}

/// Prints which file follows.
pub(super) fn title(call: &mut Call<'_>, name: &str, first: bool) -> Result<(), Stop> {
    let shown = if name == "-" { "standard input" } else { name };
    let before = if first { "" } else { "\n" };
    call.put(format!("{before}==> {shown} <==\n").as_bytes())
}

/// The words with `-5` as `-n 5`. It stands first, and letters may follow.
fn modern(words: &[String]) -> Result<Vec<String>, Stop> {
    let Some((first, rest)) = words.split_first() else { return Ok(Vec::new()) };
    let Some(old) = first.strip_prefix('-').filter(|old| old.starts_with(|c: char| c.is_ascii_digit()))
    else {
        return Ok(words.to_vec());
    };
    let letters = old.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = &old[..old.len() - letters.len()];
    let (mut unit, mut factor, mut more) = ("-n", "", Vec::new());
    for letter in letters.chars() {
        match letter {
            'c' => (unit, factor) = ("-c", ""),
            'b' => (unit, factor) = ("-c", "b"),
            'k' => (unit, factor) = ("-c", "K"),
            'm' => (unit, factor) = ("-c", "M"),
            'l' => unit = "-n",
            'q' | 'v' => more.push(format!("-{letter}")),
            _ => {
                return Err(options::wrong(
                    "head",
                    &OPTIONS,
                    &format!("invalid trailing option -- {letter}"),
                ));
            }
        }
    }
    let mut words = vec![unit.to_owned(), format!("{digits}{factor}")];
    words.append(&mut more);
    words.extend_from_slice(rest);
    Ok(words)
}
