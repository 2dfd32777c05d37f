//! A dissection as text: the bytes on the left, what they are on the right.

use super::{Dissection, Field, Layer};
use std::fmt::Write;

/// How wide a line may be.
const WIDTH: usize = 80;
/// Room for the bytes of a field.
const BYTES: usize = 19;
/// Room for the name of a field.
const NAME: usize = 17;
/// Where the name of a field stands.
const INDENT: usize = 2 + BYTES + 2;
/// Bytes in a line of a dump.
const DUMPED: usize = 16;

/// The layers one after another, for reading at 80 columns.
pub fn render(dissection: &Dissection) -> String {
    let mut out = String::new();
    for layer in &dissection.layers {
        // A string takes all that is written.
        let _ = layer_to(&mut out, layer);
    }
    out
}

fn layer_to(out: &mut String, layer: &Layer) -> std::fmt::Result {
    let quoted = if layer.quoted { ", quoted" } else { "" };
    let bytes = match layer.length {
        0 => "no bytes".to_owned(),
        1 => format!("byte {}", layer.start),
        length => format!("bytes {}-{}", layer.start, layer.start + length - 1),
    };
    out.push('\n');
    for line in wrap(&format!("{}{quoted} ({bytes}): {}", layer.name, layer.about), WIDTH) {
        writeln!(out, "{line}")?;
    }
    if let Some(problem) = &layer.problem {
        writeln!(out, "  ! {problem}")?;
    }
    layer.fields.iter().try_for_each(|field| field_to(out, field))
}

fn field_to(out: &mut String, field: &Field) -> std::fmt::Result {
    if field.note.is_empty() {
        return dump(out, field);
    }
    let bytes = match field.mask {
        Some(mask) => bits(field, mask),
        None => pairs(&field.bytes),
    };
    let mark = if field.wrong { "! " } else { "  " };
    let mut rows = wrap(&bytes, BYTES).into_iter();
    let bytes = rows.next().unwrap_or_default();
    let mut values = wrap(&field.value, WIDTH - INDENT - NAME - 1).into_iter();
    let value = values.next().unwrap_or_default();
    writeln!(out, "{}", format!("{mark}{bytes:BYTES$}  {:NAME$} {value}", field.name).trim_end())?;
    let values = values.map(|value| format!("{:NAME$} {value}", ""));
    let notes = wrap(field.note, WIDTH - INDENT - 2).into_iter().map(|note| format!("  {note}"));
    for text in values.chain(notes) {
        writeln!(out, "  {:BYTES$}  {text}", rows.next().unwrap_or_default())?;
    }
    rows.try_for_each(|bytes| writeln!(out, "  {bytes}"))
}

/// Digits in pairs: `0a 0b`.
fn pairs(digits: &str) -> String {
    let pairs = digits.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair));
    pairs.collect::<Vec<_>>().join(" ")
}

/// The bits that are the field's own, in groups of four; dots for the others: `0100 ....`.
fn bits(field: &Field, mask: u32) -> String {
    let number = u32::from_str_radix(&field.bytes, 16).unwrap_or_default();
    let mut text = String::new();
    for bit in (0..8 * field.length).rev() {
        let own = mask >> bit & 1 == 1;
        text.push(if own { char::from(b'0' + (number >> bit & 1) as u8) } else { '.' });
        if bit % 4 == 0 && bit > 0 {
            text.push(' ');
        }
    }
    text
}

/// Bytes as `hexdump -C` shows them: where, sixteen of them, and the characters that they would be.
fn dump(out: &mut String, field: &Field) -> std::fmt::Result {
    let bytes: Vec<u8> = field
        .bytes
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    for (number, row) in bytes.chunks(DUMPED).enumerate() {
        let digits: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown =
            |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' };
        let text: String = row.iter().map(shown).collect();
        let (place, width) = (field.start + number * DUMPED, 3 * DUMPED - 1);
        writeln!(out, "  {place:5}  {:width$}  |{text}|", digits.join(" "))?;
    }
    Ok(())
}

/// Breaks text between words so that no line is wider than this, where words allow it.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
