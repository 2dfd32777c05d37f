//! TOML within the files of a pack: data for types, with the line of what is wrong.

use super::LessonError;
use super::error::line_breaks;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// Reads TOML that begins in a line of its file, as a type.
pub(super) fn read<T: DeserializeOwned>(first_line: usize, text: &str) -> Result<T, LessonError> {
    typed(first_line, text, parse(first_line, text)?)
}

/// Parses TOML that begins in a line of its file. A pack may be a stranger's: no text in it holds characters that a
/// terminal would act on, written as they are or as an escape.
pub(super) fn parse(first_line: usize, text: &str) -> Result<Spanned<DeTable<'_>>, LessonError> {
    let table = DeTable::parse(text).map_err(|error| LessonError::toml(first_line, text, &error))?;
    if let Some((place, character)) = acting(table.get_ref()) {
        let problem = format!("there is a control character ({}): take it out", character.escape_unicode());
        return Err(LessonError::at(first_line + line_breaks(text, place), problem));
    }
    Ok(table)
}

/// Takes what was parsed as a type; the text is the one that it was parsed from.
pub(super) fn typed<T: DeserializeOwned>(
    first_line: usize,
    text: &str,
    table: Spanned<DeTable<'_>>,
) -> Result<T, LessonError> {
    T::deserialize(Deserializer::from(table)).map_err(|error| LessonError::toml(first_line, text, &error))
}

/// Whether a terminal would act on a character, or show the others in another order than they stand in.
pub(super) fn acts(character: char) -> bool {
    let turns =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (character.is_control() && !matches!(character, '\n' | '\t'))
}

/// The first such character in a key or a text of a table, and where that stands.
fn acting(table: &DeTable<'_>) -> Option<(usize, char)> {
    table.iter().find_map(|(key, value)| {
        let in_key = key.get_ref().chars().find(|c| acts(*c)).map(|c| (key.span().start, c));
        in_key.or_else(|| acting_in(value))
    })
}

fn acting_in(value: &Spanned<DeValue<'_>>) -> Option<(usize, char)> {
    match value.get_ref() {
        DeValue::String(text) => text.chars().find(|c| acts(*c)).map(|c| (value.span().start, c)),
        DeValue::Array(values) => values.iter().find_map(acting_in),
        DeValue::Table(table) => acting(table),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_on_a_terminal_is_refused_however_it_is_written() {
        let read = |text: &str| read::<toml::Table>(5, text).map_err(|error| (error.line, error.problem));
        for (text, line) in [
            ("a = \"\\u001b[2J\"", 5),
            ("a = 1\nb = [\"x\", \"\\e[31m\"]", 6),
            ("[t]\nx = { y = \"\\b\" }", 6),
            ("\"\\u0007\" = 1", 5),
            ("a = \"\\u202e\"", 5),
            ("a = \"\\r\"", 5),
        ] {
            let (found, problem) = read(text).expect_err(text);
            assert!(found == line && problem.contains("control character"), "{text}: {found} {problem}");
        }
        read("a = \"two\\nlines and a\\ttab, Zoë, →\"").expect("plain text");
    }
}
