//! A dissection as text: the bytes on the left, what they are on the right.

use super::{Dissection, Field, Layer};
use std::fmt::Write;

/// In lines narrower than this, what a field holds stands below its name.
const NARROW: usize = 72;
/// Room for the bytes of a field.
const BYTES: usize = 19;
/// Room for the name of a field.
const NAME: usize = 17;
/// Where the name of a field stands.
const INDENT: usize = 2 + BYTES + 2;
/// Where it stands what a field holds and is for, in narrow lines.
const NARROW_INDENT: usize = 4;
/// Bytes in a line of a dump.
const DUMPED: usize = 16;

/// The layers one after another, for reading in lines of this width.
pub fn render(dissection: &Dissection, width: usize) -> String {
    let mut out = String::new();
    for layer in &dissection.layers {
        // A string takes all that is written.
        let _ = layer_to(&mut out, layer, width);
    }
    out
}

fn layer_to(out: &mut String, layer: &Layer, width: usize) -> std::fmt::Result {
    let quoted = if layer.quoted { ", quoted" } else { "" };
    let bytes = match layer.length {
        0 => "no bytes".to_owned(),
        1 => format!("byte {}", layer.start),
        length => format!("bytes {}-{}", layer.start, layer.start + length - 1),
    };
    out.push('\n');
    for line in wrap(&format!("{}{quoted} ({bytes}): {}", layer.name, layer.about), width) {
        writeln!(out, "{line}")?;
    }
    if let Some(problem) = &layer.problem {
        for (number, line) in wrap(problem, width.saturating_sub(4)).iter().enumerate() {
            writeln!(out, "  {} {line}", if number == 0 { '!' } else { ' ' })?;
        }
    }
    layer.fields.iter().try_for_each(|field| field_to(out, field, width))
}

fn field_to(out: &mut String, field: &Field, width: usize) -> std::fmt::Result {
    if field.note.is_empty() {
        return dump(out, field, if width < NARROW { DUMPED / 2 } else { DUMPED });
    }
    let bytes = match field.mask {
        Some(mask) => bits(field, mask),
        None => pairs(&field.bytes),
    };
    let mark = if field.wrong { "! " } else { "  " };
    let mut rows = wrap(&bytes, BYTES).into_iter();
    let bytes = rows.next().unwrap_or_default();
    if width < NARROW {
        writeln!(out, "{mark}{bytes:BYTES$}  {}", field.name)?;
        rows.try_for_each(|bytes| writeln!(out, "  {bytes}"))?;
        let room = width.saturating_sub(NARROW_INDENT);
        let mut below = wrap(&field.value, room).into_iter().chain(wrap(field.note, room));
        return below.try_for_each(|text| writeln!(out, "{:NARROW_INDENT$}{text}", ""));
    }
    let mut values = wrap(&field.value, width - INDENT - NAME - 1).into_iter();
    let value = values.next().unwrap_or_default();
    writeln!(out, "{}", format!("{mark}{bytes:BYTES$}  {:NAME$} {value}", field.name).trim_end())?;
    let values = values.map(|value| format!("{:NAME$} {value}", ""));
    let notes = wrap(field.note, width - INDENT - 2).into_iter().map(|note| format!("  {note}"));
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

/// Bytes as `hexdump -C` shows them: where, so many of them, and the characters that they would be.
fn dump(out: &mut String, field: &Field, in_row: usize) -> std::fmt::Result {
    let bytes: Vec<u8> = field
        .bytes
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    for (number, row) in bytes.chunks(in_row).enumerate() {
        let digits: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown =
            |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' };
        let text: String = row.iter().map(shown).collect();
        let (place, width) = (field.start + number * in_row, 3 * in_row - 1);
        writeln!(out, "  {place:5}  {:width$}  |{text}|", digits.join(" "))?;
    }
    Ok(())
}

/// Breaks text between words so that no line is wider than this, where words allow it.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
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
