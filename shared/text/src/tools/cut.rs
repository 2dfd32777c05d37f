//! `cut`: parts of lines.

use crate::call::{Call, Stop, lines, quote};
use crate::options::{self, Options, Value};

const OPTIONS: Options = Options {
    short: "b:c:d:f:nsz",
    long: &[
        ("bytes", Value::Yes, 'b'),
        ("characters", Value::Yes, 'c'),
        ("fields", Value::Yes, 'f'),
        ("delimiter", Value::Yes, 'd'),
        ("only-delimited", Value::No, 's'),
        ("output-delimiter", Value::Yes, 'O'),
        ("complement", Value::No, 'C'),
        ("zero-terminated", Value::No, 'z'),
    ],
    refused: "z",
    ..Options::GNU
};

/// The first and the last position that are meant.
type Range = (usize, usize);

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read_words(call.name, call.arguments, &OPTIONS);
    let wrong = |text: &str| options::wrong("cut", &OPTIONS, text);
    let mut list = None;
    for (letter, value) in &given.options {
        match letter {
            'b' | 'c' | 'f' if list.is_some() => return Err(wrong("only one list may be specified")),
            'b' | 'c' | 'f' => list = Some((*letter, value.clone())),
            'd' if value.len() > 1 => return Err(wrong("the delimiter must be a single character")),
            _ => {}
        }
    }
    given.check()?;
    let (mode, list) =
        list.ok_or_else(|| wrong("you must specify a list of bytes, characters, or fields"))?;
    let by_fields = mode == 'f';
    if given.has('d') && !by_fields {
        return Err(wrong("an input delimiter may be specified only when operating on fields"));
    }
    if given.has('s') && !by_fields {
        return Err(wrong("suppressing non-delimited lines makes sense\n\tonly when operating on fields"));
    }
    let mut ranges = ranges(&list, by_fields).map_err(|text| wrong(&text))?;
    if given.has('C') {
        ranges = complement(&ranges);
    }
    let delimiter = given.last('d').map_or(b'\t', |text| text.bytes().next().unwrap_or(0));
    if delimiter == b'\n' {
        return Err(Stop::Refused("cut -d NEWLINE".to_owned()));
    }
    let between =
        given.last('O').map(|text| if text.is_empty() { vec![0] } else { text.as_bytes().to_vec() });
    let (texts, all) = call.read_all(&given.operands)?;
    for text in texts {
        for line in lines(&text) {
            call.work(line.len() + 1)?;
            if by_fields {
                let between = between.as_deref().unwrap_or(std::slice::from_ref(&delimiter));
                if !fields(call, line, &ranges, delimiter, between, given.has('s'))? {
                    continue;
                }
            } else {
                for (index, (low, high)) in ranges.iter().filter(|(low, _)| *low <= line.len()).enumerate() {
                    if index > 0 {
                        call.put(between.as_deref().unwrap_or_default())?;
                    }
                    call.put(&line[low - 1..(*high).min(line.len())])?;
                }
            }
            call.put(b"\n")?;
        }
    }
    Ok(u8::from(!all))
}

/// Prints the fields of a line that are meant. Whether the line counts.
fn fields(
    call: &mut Call<'_>,
    line: &[u8],
    ranges: &[Range],
    delimiter: u8,
    between: &[u8],
    only_delimited: bool,
) -> Result<bool, Stop> {
    if !line.contains(&delimiter) {
        if !only_delimited {
            call.put(line)?;
        }
        return Ok(!only_delimited);
    }
    let mut ranges = ranges.iter().peekable();
    let mut any = false;
    for (index, field) in line.split(|byte| *byte == delimiter).enumerate() {
        let number = index + 1;
        while ranges.next_if(|(_, high)| *high < number).is_some() {}
        let Some((low, _)) = ranges.peek() else { break };
        if *low <= number {
            if any {
                call.put(between)?;
            }
            call.put(field)?;
            any = true;
        }
    }
    Ok(true)
}

/// Reads a list, as `set_fields` of coreutils does: sorted, and those that overlap as one.
fn ranges(list: &str, by_fields: bool) -> Result<Vec<Range>, String> {
    let zero =
        if by_fields { "fields are numbered from 1" } else { "byte/character positions are numbered from 1" };
    let value = |text: &str| {
        if by_fields {
            format!("invalid field value {}", quote(text))
        } else {
            format!("invalid byte/character position {}", quote(text))
        }
    };
    let mut found = Vec::new();
    for item in list.split([',', ' ', '\t']) {
        let (low, high) = match item.split_once('-') {
            None => (item, None),
            Some((low, high)) => (low, Some(high)),
        };
        let number = |text: &str| -> Result<Option<usize>, String> {
            if let Some(at) = text.find(|letter: char| !letter.is_ascii_digit()) {
                if text[at..].starts_with('-') {
                    return Err(if by_fields {
                        "invalid field range"
                    } else {
                        "invalid byte or character range"
                    }
                    .to_owned());
                }
                return Err(value(&text[at..]));
            }
            if text.is_empty() {
                return Ok(None);
            }
            let what = if by_fields { "field number" } else { "byte/character offset" };
            let large = || format!("{what} {} is too large", quote(text));
            let number: usize = text.parse().map_err(|_| large())?;
            if number == usize::MAX { Err(large()) } else { Ok(Some(number)) }
        };
        let low = number(low)?;
        if low == Some(0) && high.is_some() {
            return Err(zero.to_owned());
        }
        let range = match high {
            None => match low {
                None | Some(0) => return Err(zero.to_owned()),
                Some(number) => (number, number),
            },
            Some(high) => {
                let high = number(high)?;
                if low.is_none() && high.is_none() {
                    return Err("invalid range with no endpoint: -".to_owned());
                }
                (low.unwrap_or(1), high.unwrap_or(usize::MAX))
            }
        };
        if range.1 < range.0 {
            return Err("invalid decreasing range".to_owned());
        }
        found.push(range);
    }
    found.sort_unstable();
    let mut merged: Vec<Range> = Vec::new();
    for range in found {
        match merged.last_mut() {
            Some(last) if range.0 <= last.1 => last.1 = last.1.max(range.1),
            _ => merged.push(range),
        }
    }
    Ok(merged)
}

fn complement(ranges: &[Range]) -> Vec<Range> {
    let mut others = Vec::new();
    let mut next = 1;
    for (low, high) in ranges {
        if *low > next {
            others.push((next, low - 1));
        }
        next = high.saturating_add(1);
    }
    if next < usize::MAX {
        others.push((next, usize::MAX));
    }
    others
}
