//! The line that is looked at, and its fields.

use super::execute::Machine;
use super::program::{FS, OFS};
use super::value::Value;
use crate::call::{MOST, Stop};

/// How many fields a line may have that is made by a program.
const MOST_FIELDS: usize = 100_000;

/// A line, and its fields as soon as they are asked for.
#[derive(Debug, Default)]
pub(super) struct Record {
    text: Vec<u8>,
    fields: Vec<Value>,
    /// Whether the fields are those of the text.
    split: bool,
    /// Whether the text is no longer that of the fields.
    stale: bool,
}

impl Machine<'_, '_, '_> {
    /// Puts another line in the place of the one that is looked at.
    pub(super) fn set_record(&mut self, text: Vec<u8>) {
        self.record = Record { text, ..Record::default() };
    }

    fn split_record(&mut self) -> Result<(), Stop> {
        if !self.record.split {
            let text = self.record.text.clone();
            let separator = self.special_text(FS)?;
            let parts = self.split(&text, &separator)?;
            self.record.fields = parts.into_iter().map(Value::maybe).collect();
            self.record.split = true;
        }
        Ok(())
    }

    /// A new separator counts from the next line on.
    pub(super) fn split_before_change(&mut self) -> Result<(), Stop> {
        self.split_record()
    }

    /// The line.
    pub(super) fn record_text(&mut self) -> Result<Vec<u8>, Stop> {
        if self.record.stale {
            let between = self.special_text(OFS)?;
            let mut text = Vec::new();
            for at in 0..self.record.fields.len() {
                if at > 0 {
                    text.extend_from_slice(&between);
                }
                let field = self.record.fields[at].clone();
                text.extend(self.text(&field)?);
                if text.len() > MOST {
                    return Err(Stop::TooMuch);
                }
            }
            self.call.work(text.len())?;
            self.record.text = text;
            self.record.stale = false;
        }
        self.call.work(self.record.text.len())?;
        Ok(self.record.text.clone())
    }

    /// How many fields there are.
    pub(super) fn field_count(&mut self) -> Result<usize, Stop> {
        self.split_record()?;
        Ok(self.record.fields.len())
    }

    /// Cuts the line to so many fields, or makes empty ones.
    pub(super) fn set_field_count(&mut self, value: &Value) -> Result<(), Stop> {
        self.split_record()?;
        let count = self.field_number(value.number(), "NF")?;
        self.record.fields.resize(count, Value::Text(Vec::new()));
        self.record.stale = true;
        Ok(())
    }

    /// The number of a field, as a number.
    pub(super) fn field_number(&self, number: f64, what: &str) -> Result<usize, Stop> {
        let number = super::number::integer(number);
        if number < 0 {
            let text = if what == "NF" {
                "negative value assigned to NF".to_owned()
            } else {
                format!("negative field index ${number}")
            };
            return Err(self.run_time_error(&text));
        }
        usize::try_from(number)
            .ok()
            .filter(|number| *number <= MOST_FIELDS)
            .ok_or_else(|| Stop::Refused(format!("awk with more than {MOST_FIELDS} fields")))
    }

    pub(super) fn field(&mut self, number: usize) -> Result<Value, Stop> {
        if number == 0 {
            return Ok(Value::maybe(self.record_text()?));
        }
        self.split_record()?;
        let field = self.record.fields.get(number - 1).cloned().unwrap_or(Value::Text(Vec::new()));
        self.call.work(field.size())?;
        Ok(field)
    }

    pub(super) fn set_field(&mut self, number: usize, value: Value) -> Result<(), Stop> {
        if number == 0 {
            let text = self.text(&value)?;
            self.set_record(text);
            return Ok(());
        }
        self.split_record()?;
        if self.record.fields.len() < number {
            self.record.fields.resize(number, Value::Text(Vec::new()));
        }
        self.record.fields[number - 1] = value;
        self.record.stale = true;
        Ok(())
    }

    /// Splits a text: at blanks, at a byte, or where an expression matches.
    pub(super) fn split(&mut self, text: &[u8], separator: &[u8]) -> Result<Vec<Vec<u8>>, Stop> {
        self.call.work(text.len() * 2 + 8)?;
        let owned = <[u8]>::to_vec;
        Ok(match separator {
            b" " => {
                let words = text.split(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
                words.filter(|word| !word.is_empty()).map(owned).collect()
            }
            [] => text.iter().map(|byte| vec![*byte]).collect(),
            _ if text.is_empty() => Vec::new(),
            [byte] if *byte != b'\\' => text.split(|other| other == byte).map(owned).collect(),
            expression => {
                let mut parts = Vec::new();
                let mut start = 0;
                while start < text.len() {
                    let Some((begin, end)) = self.find(expression, text, start)? else {
                        parts.push(text[start..].to_vec());
                        return Ok(parts);
                    };
                    if begin == end {
                        // mawk does not come to an end here.
                        return Err(Stop::Refused("awk with a separator that is nothing".to_owned()));
                    }
                    parts.push(text[start..begin].to_vec());
                    start = end;
                }
                parts.push(Vec::new());
                parts
            }
        })
    }
}
