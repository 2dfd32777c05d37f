//! `column -t`: a table.

use crate::call::{self, Call, Stop, lines};
use crate::options::{self, Options, REFUSED, Value};

const OPTIONS: Options = Options {
    short: "c:dE:eH:hi:JLl:N:n:O:o:p:R:r:s:T:tVW:x",
    long: &[
        ("columns", Value::Yes, 'c'),
        ("input-separator", Value::Yes, 's'),
        ("json", Value::No, 'J'),
        ("keep-empty-lines", Value::No, 'L'),
        ("output-separator", Value::Yes, 'o'),
        ("output-width", Value::Yes, 'c'),
        ("separator", Value::Yes, 's'),
        ("table", Value::No, 't'),
        ("table-columns", Value::Yes, 'N'),
        ("table-columns-limit", Value::Yes, 'l'),
        ("table-empty-lines", Value::No, 'L'),
        ("table-header-repeat", Value::No, 'e'),
        ("table-hide", Value::Yes, 'H'),
        ("table-name", Value::Yes, 'n'),
        ("table-noextreme", Value::Yes, 'E'),
        ("table-noheadings", Value::No, 'd'),
        ("table-order", Value::Yes, 'O'),
        ("table-right", Value::Yes, 'R'),
        ("table-truncate", Value::Yes, 'T'),
        ("table-wrap", Value::Yes, 'W'),
        ("tree", Value::Yes, 'r'),
        ("tree-id", Value::Yes, 'i'),
        ("tree-parent", Value::Yes, 'p'),
        ("fillrows", Value::No, 'x'),
        ("table-colorscheme", Value::No, REFUSED),
    ],
    refused: "cdEeHhiJLlNnOpRrTVWx",
    ..Options::GNU
};

pub(super) fn run(call: &mut Call<'_>) -> Result<u8, Stop> {
    let given = options::read(call, &OPTIONS)?;
    if !given.has('t') {
        return Err(Stop::Refused("column without -t".to_owned()));
    }
    let separators = given.last('s').map(|text| text.as_bytes().to_vec());
    let between = given.last('o').unwrap_or("  ").as_bytes().to_vec();
    let mut status = 0;
    let mut rows: Vec<Vec<Vec<u8>>> = Vec::new();
    for name in call::sources(&given.operands) {
        let Some(text) = call.source(name, "")? else {
            status = 1;
            continue;
        };
        if text.iter().any(|byte| {
            !matches!(byte, b' '..=b'~' | b'\t' | b'\n') || (*byte == b'\t' && separators.is_some())
        }) {
            return Err(Stop::Refused("column with bytes that are no plain text".to_owned()));
        }
        for line in lines(&text) {
            call.work(line.len() + 8)?;
            // A line of blanks is left out.
            if line.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
                continue;
            }
            rows.push(cells(line, separators.as_deref()));
        }
    }
    if rows.is_empty() {
        return Ok(status);
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(Vec::len).max().unwrap_or(0))
        .collect();
    call.work(rows.len().saturating_mul(columns))?;
    for row in &rows {
        for (at, width) in widths.iter().enumerate() {
            let empty = Vec::new();
            let cell = row.get(at).unwrap_or(&empty);
            call.put(cell)?;
            if at + 1 < columns {
                call.put(&vec![b' '; width - cell.len()])?;
                call.put(&between)?;
            }
        }
        call.put(b"\n")?;
    }
    // A file that was not there counts only where there was nothing to print.
    Ok(0)
}

fn cells(line: &[u8], separators: Option<&[u8]>) -> Vec<Vec<u8>> {
    match separators {
        Some(separators) => line.split(|byte| separators.contains(byte)).map(<[u8]>::to_vec).collect(),
        None => {
            let words = line.split(|byte| matches!(byte, b' ' | b'\t'));
            words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect()
        }
    }
}
