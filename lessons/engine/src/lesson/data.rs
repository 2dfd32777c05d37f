//! Reads TOML within the files of a pack into types, and names the line of a mistake.

use super::LessonError;
use super::error::line_breaks;
use super::template::{Names, Template, Texts};
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

/// A table that was parsed once as it is written, with the names of values in its texts, to be filled for each edition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written(Vec<(String, Node)>);

/// A value in such a table.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// It is the same in every edition.
    Same(toml::Value),
    Text(Template),
    Array(Vec<Node>),
    Table(Written),
}

impl Written {
    /// Parses a table; `None` where it cannot be parsed as it is written, or would not mean the same with values in it:
    /// a name stands in a key, or an escape may be one of the braces.
    pub(super) fn parse(text: &str, names: &mut Names) -> Option<Written> {
        if text.contains('\\') {
            return None;
        }
        Written::new(text, parse(1, text).ok()?, names)
    }

    /// Takes in a table that was parsed from a text without escapes, or from a part of it.
    pub(super) fn new(text: &str, table: Spanned<DeTable<'_>>, names: &mut Names) -> Option<Written> {
        Written::of(typed(1, text, table).ok()?, names)
    }

    fn of(table: toml::Table, names: &mut Names) -> Option<Written> {
        let entry = |(key, value): (String, _)| match key.contains(['{', '}']) {
            true => None,
            false => Some((key, Node::new(value, names)?)),
        };
        table.into_iter().map(entry).collect::<Option<_>>().map(Written)
    }

    /// Whether it is the same in every edition.
    pub(super) fn is_constant(&self) -> bool {
        self.0.iter().all(|(_, node)| matches!(node, Node::Same(_)))
    }

    /// The same with plain values in the texts.
    pub(super) fn fill(&self, texts: &Texts) -> toml::Table {
        self.0.iter().map(|(key, node)| (key.clone(), node.fill(texts))).collect()
    }
}

impl Node {
    fn new(value: toml::Value, names: &mut Names) -> Option<Node> {
        let node = match value {
            toml::Value::String(text) => Node::Text(Template::parse(&text, names)?),
            toml::Value::Array(values) => {
                Node::Array(values.into_iter().map(|value| Node::new(value, names)).collect::<Option<_>>()?)
            }
            toml::Value::Table(table) => Node::Table(Written::of(table, names)?),
            value => return Some(Node::Same(value)),
        };
        let is_constant = match &node {
            Node::Same(_) => true,
            Node::Text(text) => text.is_constant(),
            Node::Array(nodes) => nodes.iter().all(|node| matches!(node, Node::Same(_))),
            Node::Table(table) => table.is_constant(),
        };
        Some(if is_constant { Node::Same(node.fill(&Texts::default())) } else { node })
    }

    fn fill(&self, texts: &Texts) -> toml::Value {
        match self {
            Node::Same(value) => value.clone(),
            Node::Text(text) => toml::Value::String(text.fill(texts)),
            Node::Array(nodes) => toml::Value::Array(nodes.iter().map(|node| node.fill(texts)).collect()),
            Node::Table(table) => toml::Value::Table(table.fill(texts)),
        }
    }
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
