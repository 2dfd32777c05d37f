//! `wc`: lines, words and bytes, counted.

use crate::call::{Call, Stop, shown};
use crate::options::{self, Options, REFUSED, Value};

const OPTIONS: Options = Options {
    short: "clLmw",
    long: &[
        ("bytes", Value::No, 'c'),
        ("chars", Value::No, 'm'),
        ("files0-from", Value::Yes, REFUSED),
        ("lines", Value::No, 'l'),
        ("max-line-length", Value::No, 'L'),
        ("words", Value::No, 'w'),
    ],
    ..Options::GNU
};

/// The columns, in the order in which they are printed.
const COLUMNS: [char; 5] = ['l', 'w', 'm', 'c', 'L'];

/// The width of a number where the size of what is read is not known: a pipe.
const UNKNOWN: usize = 7;

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &OPTIONS)?;
    let mut wanted: Vec<char> = COLUMNS.into_iter().filter(|letter| given.has(*letter)).collect();
    if wanted.is_empty() {
        wanted = vec!['l', 'w', 'c'];
    }
    let names = if given.operands.is_empty() { vec!["-".to_owned()] } else { given.operands.clone() };
    let mut counted = Vec::new();
    let mut said = Vec::new();
    let (mut size, mut least) = (0, 1);
    for name in &names {
        let text = call.read(name)?;
        match &text {
            _ if name == "-" => least = UNKNOWN,
            Some(text) => size += text.len(),
            None => {}
        }
        match text {
            Some(text) => counted.push((name, count(&text))),
            None => said.push(format!("{}: No such file or directory", shown(name))),
        }
    }
    let width = if names.len() == 1 && wanted.len() == 1 { 1 } else { size.to_string().len().max(least) };
    for text in &said {
        call.say(text);
    }
    let mut total = [0; 5];
    for (name, counts) in &counted {
        let name = if given.operands.is_empty() { "" } else { name };
        row(call, &wanted, counts, width, name)?;
        for (column, (sum, count)) in total.iter_mut().zip(counts).enumerate() {
            *sum = if COLUMNS[column] == 'L' { (*sum).max(*count) } else { *sum + *count };
        }
    }
    if names.len() > 1 {
        row(call, &wanted, &total, width, "total")?;
    }
    Ok(u8::from(!said.is_empty()))
}

fn row(
    call: &mut Call<'_>,
    wanted: &[char],
    counts: &[usize; 5],
    width: usize,
    name: &str,
) -> Result<(), Stop> {
    let numbers = COLUMNS.iter().zip(counts).filter(|(column, _)| wanted.contains(column));
    let numbers: Vec<String> = numbers.map(|(_, number)| format!("{number:width$}")).collect();
    let mut line = numbers.join(" ");
    if !name.is_empty() {
        line.push(' ');
        line.push_str(&shown_with_newline(name));
    }
    line.push('\n');
    call.put(line.as_bytes())
}

/// Only a name with a newline is printed within quotes.
fn shown_with_newline(name: &str) -> String {
    if name.contains('\n') { shown(name) } else { name.to_owned() }
}

/// Lines, words, characters, bytes, and the length of the longest line.
fn count(text: &[u8]) -> [usize; 5] {
    let (mut lines, mut words, mut longest, mut position) = (0, 0, 0, 0usize);
    let mut within = false;
    for byte in text {
        match byte {
            b'\n' | b'\r' | 12 => {
                lines += usize::from(*byte == b'\n');
                longest = longest.max(position);
                position = 0;
                within = false;
            }
            b'\t' => {
                position += 8 - position % 8;
                within = false;
            }
            b' ' => {
                position += 1;
                within = false;
            }
            11 => within = false,
            b'!'..=b'~' => {
                position += 1;
                words += usize::from(!within);
                within = true;
            }
            _ => {}
        }
    }
    [lines, words, text.len(), text.len(), longest.max(position)]
}
