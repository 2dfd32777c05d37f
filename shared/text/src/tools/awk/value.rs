//! Values: numbers, texts, and texts that look like numbers.

use super::number;
use std::cmp::Ordering;

#[derive(Clone, Debug, Default)]
pub(super) enum Value {
    /// Of a variable that nothing was assigned to.
    #[default]
    Nothing,
    Number(f64),
    Text(Vec<u8>),
    /// Of a field: a text, and the number that it looks like.
    Both(Vec<u8>, f64),
}

impl Value {
    /// A text that comes from outside.
    pub(super) fn maybe(text: Vec<u8>) -> Value {
        match number::looks_like(&text) {
            Some(number) => Value::Both(text, number),
            None => Value::Text(text),
        }
    }

    pub(super) fn number(&self) -> f64 {
        match self {
            Value::Nothing => 0.0,
            Value::Number(number) | Value::Both(_, number) => *number,
            Value::Text(text) => number::read(text).0,
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Value::Nothing => false,
            Value::Number(number) | Value::Both(_, number) => *number != 0.0,
            Value::Text(text) => !text.is_empty(),
        }
    }

    /// Whether it is compared as a text.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Value::Text(_))
    }

    /// How many bytes it holds.
    pub(super) fn size(&self) -> usize {
        match self {
            Value::Nothing | Value::Number(_) => 0,
            Value::Text(text) | Value::Both(text, _) => text.len(),
        }
    }
}

/// Which of two numbers is larger. To mawk, what is no number is equal to all.
pub(super) fn compare_numbers(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or(Ordering::Equal)
}
