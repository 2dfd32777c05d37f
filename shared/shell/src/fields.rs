//! From what words stand for to fields: split at the letters of `IFS`, patterns replaced by names of files.

use crate::pattern::{Pattern, escaped};

/// A piece of what a word stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text that is not split. Where it was quoted, it is no pattern either, and makes a field even if it is empty.
    Text { text: String, quoted: bool },
    /// Text that is split.
    Split(String),
    /// A field ends here (`"$@"`).
    Break,
}

impl Piece {
    pub(crate) fn quoted(text: impl Into<String>) -> Piece {
        Piece::Text { text: text.into(), quoted: true }
    }
    pub(crate) fn plain(text: impl Into<String>) -> Piece {
        Piece::Text { text: text.into(), quoted: false }
    }
}

/// A field: pieces of text, each with whether it was quoted.
pub(crate) type Field = Vec<(String, bool)>;

/// The pieces as one text, without any splitting.
pub(crate) fn joined(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text, .. } | Piece::Split(text) => text.as_str(),
            Piece::Break => " ",
        })
        .collect()
}

/// The pieces as a pattern: what was quoted stands for itself.
pub(crate) fn as_pattern(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text, quoted: true } => escaped(text),
            Piece::Text { text, quoted: false } | Piece::Split(text) => text.clone(),
            Piece::Break => " ".to_owned(),
        })
        .collect()
}

/// Splits pieces into fields (POSIX.1-2017, 2.6.5).
pub(crate) fn split(pieces: &[Piece], separators: &str) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut field: Option<Field> = None;
    for piece in pieces {
        match piece {
            Piece::Text { text, quoted } => {
                if *quoted || !text.is_empty() {
                    field.get_or_insert_default().push((text.clone(), *quoted));
                }
            }
            Piece::Break => fields.push(field.take().unwrap_or_default()),
            Piece::Split(text) => split_text(text, separators, &mut field, &mut fields),
        }
    }
    fields.extend(field);
    fields
}

fn split_text(text: &str, separators: &str, field: &mut Option<Field>, fields: &mut Vec<Field>) {
    let is_white = |letter: char| matches!(letter, ' ' | '\t' | '\n') && separators.contains(letter);
    let is_mark = |letter: char| separators.contains(letter) && !is_white(letter);
    let mut letters = text.chars().peekable();
    let mut current = String::new();
    // Whether white space before anything else closes what stands before the expansion.
    while let Some(letter) = letters.next() {
        if is_white(letter) {
            while letters.peek().is_some_and(|&next| is_white(next)) {
                letters.next();
            }
            // White space around a separator belongs to it.
            let mark = letters
                .peek()
                .copied()
                .filter(|&next| is_mark(next) && (field.is_some() || !current.is_empty()));
            if mark.is_some() {
                letters.next();
                while letters.peek().is_some_and(|&next| is_white(next)) {
                    letters.next();
                }
            }
            close(&mut current, field, fields, mark.is_some());
        } else if is_mark(letter) {
            while letters.peek().is_some_and(|&next| is_white(next)) {
                letters.next();
            }
            close(&mut current, field, fields, true);
        } else {
            current.push(letter);
        }
    }
    if !current.is_empty() {
        field.get_or_insert_default().push((current, false));
    }
}

/// Ends a field: an empty one counts only where a separator that is no white space ends it.
fn close(current: &mut String, field: &mut Option<Field>, fields: &mut Vec<Field>, always: bool) {
    if !current.is_empty() {
        field.get_or_insert_default().push((std::mem::take(current), false));
    }
    match field.take() {
        Some(field) => fields.push(field),
        None if always => fields.push(Field::new()),
        None => {}
    }
}

/// A field without its quotes: the names that it fits where it is a pattern, else itself.
pub(crate) fn names(field: &Field, paths: &mut dyn FnMut() -> Vec<String>) -> Option<Vec<String>> {
    let pattern: String =
        field.iter().map(|(text, quoted)| if *quoted { escaped(text) } else { text.clone() }).collect();
    let pattern = Pattern::new(&pattern);
    if !pattern.is_magic() {
        return None;
    }
    let hidden = pattern.begins_with('.');
    let mut names: Vec<String> = paths()
        .into_iter()
        .filter(|path| (hidden || !path.starts_with('.')) && pattern.fits_text(path))
        .filter(|path| path.matches('/').count() == slashes(field))
        .collect();
    names.sort();
    Some(names)
}

fn slashes(field: &Field) -> usize {
    field.iter().map(|(text, _)| text.matches('/').count()).sum()
}

/// The text of a field.
pub(crate) fn text(field: &Field) -> String {
    field.iter().map(|(text, _)| text.as_str()).collect()
}
