//! Reading the fields of one layer, as far as there are bytes.

use super::{Field, Layer};
use std::fmt::Write;
use std::ops::Range;

/// A name for people, and one for Wireshark's filters (empty where it has none).
pub(super) type Names = (&'static str, &'static str);

/// A layer whose fields are being read.
pub(super) struct Reader<'a> {
    frame: &'a [u8],
    start: usize,
    /// Where what belongs to the layer and what it carries ends.
    end: usize,
    layer: Layer,
}

/// The number in these bytes, the first one counting most. Of more than eight bytes the last eight count.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A string takes all that is written.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl<'a> Reader<'a> {
    /// A layer whose bytes, and those that it carries, are these of the frame; they may reach beyond its end.
    pub(super) fn new(
        name: &'static str,
        about: &'static str,
        frame: &'a [u8],
        at: Range<usize>,
    ) -> Reader<'a> {
        let start = at.start.min(frame.len());
        let end = at.end.clamp(start, frame.len());
        let (fields, problem) = (Vec::new(), None);
        let layer = Layer { name, about, quoted: false, start, length: 0, fields, problem };
        Reader { frame, start, end, layer }
    }

    /// The layer's bytes and those that it carries, as far as they are there.
    pub(super) fn all(&self) -> &'a [u8] {
        &self.frame[self.start..self.end]
    }

    /// Kind and length in bytes of the option that begins at `at`, in a header that ends at `end`: IPv4 and TCP have the
    /// same form (RFC 791 section 3.1, RFC 9293 section 3.2).
    pub(super) fn option(&mut self, at: usize, end: usize) -> Option<(u8, usize)> {
        let kind = self.bytes(&(at..at + 1))?[0];
        let length = match kind {
            0 => end - at,
            1 => 1,
            _ => match self.bytes(&(at..at + 2))?[1] {
                length if length >= 2 && at + usize::from(length) <= end => length.into(),
                _ => {
                    self.problem(|| "an option's length cannot be right".to_owned());
                    end - at
                }
            },
        };
        Some((kind, length))
    }

    /// The bytes at this place of the layer. Where they are not all there, the layer is cut short.
    pub(super) fn bytes(&mut self, at: &Range<usize>) -> Option<&'a [u8]> {
        let bytes = self.all().get(at.clone());
        if bytes.is_none() {
            let there = self.all().len();
            self.problem(|| format!("cut short: it needs {} bytes, and {there} are there", at.end));
        }
        bytes
    }

    /// Says what is wrong with the layer, if nothing was said so far.
    pub(super) fn problem(&mut self, problem: impl FnOnce() -> String) {
        self.layer.problem.get_or_insert_with(problem);
    }

    /// Adds a field whose value is text made of its bytes.
    pub(super) fn text(
        &mut self,
        names: Names,
        at: Range<usize>,
        note: &'static str,
        value: impl FnOnce(&[u8]) -> String,
    ) -> Option<&'a [u8]> {
        let bytes = self.bytes(&at)?;
        self.push(names, &at, None, note, value(bytes));
        Some(bytes)
    }

    /// Adds a field that holds a number.
    pub(super) fn number(
        &mut self,
        names: Names,
        at: Range<usize>,
        note: &'static str,
        value: impl FnOnce(u64) -> String,
    ) -> Option<u64> {
        let read = number(self.bytes(&at)?);
        self.push(names, &at, None, note, value(read));
        Some(read)
    }

    /// Adds a field that is some bits of its bytes; its number is counted from its own lowest bit.
    pub(super) fn bits(
        &mut self,
        names: Names,
        at: Range<usize>,
        mask: u32,
        note: &'static str,
        value: impl FnOnce(u64) -> String,
    ) -> Option<u64> {
        let read = (number(self.bytes(&at)?) & u64::from(mask)) >> mask.trailing_zeros();
        self.push(names, &at, Some(mask), note, value(read));
        Some(read)
    }

    fn push(
        &mut self,
        (name, filter): Names,
        at: &Range<usize>,
        mask: Option<u32>,
        note: &'static str,
        value: String,
    ) {
        self.layer.length = self.layer.length.max(at.end);
        self.layer.fields.push(Field {
            name,
            filter: (!filter.is_empty()).then_some(filter),
            value,
            start: self.start + at.start,
            length: at.len(),
            mask,
            bytes: hex(&self.all()[at.clone()]),
            note,
            wrong: false,
        });
    }

    /// Marks the field that was added last as one that cannot be right.
    pub(super) fn wrong(&mut self) {
        if let Some(field) = self.layer.fields.last_mut() {
            field.wrong = true;
        }
    }

    /// Adds a checksum field, with whether it is right: `expected` is what should stand there, or why that
    /// cannot be told.
    pub(super) fn checksum(
        &mut self,
        names: Names,
        at: Range<usize>,
        note: &'static str,
        expected: Result<u16, &str>,
    ) {
        let Some(there) = self.bytes(&at).map(number) else { return };
        let verdict = match expected {
            Ok(right) if u64::from(right) == there => "correct".to_owned(),
            Ok(right) => format!("wrong, should be {right:#06x}"),
            Err(why) => why.to_owned(),
        };
        self.push(names, &at, None, note, format!("{there:#06x} ({verdict})"));
        if matches!(expected, Ok(right) if u64::from(right) != there) {
            self.wrong();
        }
    }

    /// The finished layer, and which bytes of the frame it carries.
    pub(super) fn finish(self) -> (Layer, Range<usize>) {
        let carried = self.start + self.layer.length..self.end;
        (self.layer, carried)
    }
}
