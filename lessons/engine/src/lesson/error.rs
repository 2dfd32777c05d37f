//! What is wrong with a lesson's file.

use super::plain::plain;
use crate::text::printable_line;
use std::fmt;

/// A lesson's file cannot be used: where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonError {
    /// The file, from the folder of packs.
    pub file: String,
    /// The line, from 1; 0 where it is about the file as a whole.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub problem: String,
}

impl LessonError {
    /// A problem in a line of a file that is still to be named.
    pub fn at(line: usize, problem: impl fmt::Display) -> LessonError {
        LessonError { file: String::new(), line, problem: problem.to_string() }
    }

    /// What the TOML parser found, in text that begins at a line of the file.
    pub(super) fn toml(first_line: usize, text: &str, error: &toml::de::Error) -> LessonError {
        let place = error.span().map_or(0, |span| span.start);
        LessonError::at(first_line + line_breaks(text, place), plain(key_at(text, place), error.message()))
    }

    /// The same, of a file that is known now.
    #[must_use]
    pub fn in_file(self, file: &str) -> LessonError {
        LessonError { file: file.to_owned(), ..self }
    }
}

/// The key at the beginning of the line that a place is in; empty where none is.
fn key_at(text: &str, place: usize) -> &str {
    let begin = text.get(..place).map_or(0, |before| before.rfind('\n').map_or(0, |end| end + 1));
    let line = text[begin..].lines().next().unwrap_or_default();
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') { key } else { "" }
}

/// How many lines end before a place in a text.
pub(super) fn line_breaks(text: &str, place: usize) -> usize {
    text.as_bytes()[..place.min(text.len())].iter().filter(|&&byte| byte == b'\n').count()
}

/// Where the lines of a text end: for many places in one text.
pub(super) struct LineEnds(Vec<usize>);

impl LineEnds {
    /// Those of this text.
    pub(super) fn of(text: &str) -> LineEnds {
        let bytes = text.bytes().enumerate();
        LineEnds(bytes.filter(|(_, byte)| *byte == b'\n').map(|(place, _)| place).collect())
    }

    /// How many lines end before a place.
    pub(super) fn before(&self, place: usize) -> usize {
        self.0.partition_point(|end| *end < place)
    }
}

impl fmt::Display for LessonError {
    /// On one line, on which nothing acts on a terminal: the name of a file may be a stranger's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, problem) = (printable_line(&self.file), printable_line(&self.problem));
        match self.line {
            0 => write!(f, "{file}: {problem}"),
            line => write!(f, "{file}:{line}: {problem}"),
        }
    }
}

impl std::error::Error for LessonError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_alike() {
        for text in ["", "a", "\n", "a\nb\n\nc", "ä\nö\n"] {
            let ends = LineEnds::of(text);
            for place in 0..text.len() + 3 {
                assert_eq!(ends.before(place), line_breaks(text, place), "{text:?} {place}");
            }
        }
    }
}
