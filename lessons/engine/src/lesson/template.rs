//! Texts in which values are to be put: `{name}` and `{name.part}` stand for one, `{{` and `}}` for braces.

use super::variables::Values;
use std::collections::BTreeMap;

/// A piece of such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// It stays as it is.
    Text(&'a str),
    /// A value stands in its place.
    Value(&'a str, Option<&'a str>),
}

/// The pieces of a text, in order; an error says what is wrong with a brace, and is the last.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Result<Part<'_>, String>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let place = rest.find(['{', '}']).unwrap_or(rest.len());
        if place > 0 {
            let (text, behind) = rest.split_at(place);
            rest = behind;
            return Some(Ok(Part::Text(text)));
        }
        let (brace, after) = rest.split_at(1);
        if after.starts_with(brace) {
            rest = &after[1..];
            return Some(Ok(Part::Text(brace)));
        }
        let inner = if brace == "{" { after.split_once('}') } else { None };
        let Some((inner, behind)) = inner else {
            rest = "";
            return Some(Err(format!(
                "a lone '{brace}': write it twice for a brace, or '{{name}}' for a variable"
            )));
        };
        rest = behind;
        Some(Ok(match inner.split_once('.') {
            Some((name, part)) => Part::Value(name, Some(part)),
            None => Part::Value(inner, None),
        }))
    })
}

/// The values that the texts of a file name, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// In the order in which they were taken in.
    names: Vec<(String, Option<String>)>,
    /// The place of each, by what stands between the braces.
    places: BTreeMap<String, usize>,
}

impl Names {
    /// The place of a name, which is taken in where it is new.
    fn place(&mut self, name: &str, part: Option<&str>) -> usize {
        let written = part.map_or_else(|| name.to_owned(), |part| format!("{name}.{part}"));
        *self.places.entry(written).or_insert_with(|| {
            self.names.push((name.to_owned(), part.map(str::to_owned)));
            self.names.len() - 1
        })
    }

    /// What stands for each in one edition; `None` where there is no such value.
    pub(super) fn texts(&self, values: &Values) -> Option<Texts> {
        self.names
            .iter()
            .map(|(name, part)| values.get(name, part.as_deref()).ok())
            .collect::<Option<_>>()
            .map(Texts)
    }
}

/// What stands for each name of a file in one edition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts(Vec<String>);

/// A text that was taken apart once, to be filled for each edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The place of a name.
    Value(usize),
}

impl Template {
    /// Takes a text apart; `None` where a brace is wrong.
    pub(super) fn parse(text: &str, names: &mut Names) -> Option<Template> {
        let mut pieces: Vec<Piece> = Vec::new();
        for part in parts(text) {
            match (part.ok()?, pieces.last_mut()) {
                (Part::Text(text), Some(Piece::Text(before))) => before.push_str(text),
                (Part::Text(text), _) => pieces.push(Piece::Text(text.to_owned())),
                (Part::Value(name, part), _) => pieces.push(Piece::Value(names.place(name, part))),
            }
        }
        Some(Template(pieces))
    }

    /// Whether it is the same text in every edition.
    pub(super) fn is_constant(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// The text with values in their places.
    pub(super) fn fill(&self, Texts(texts): &Texts) -> String {
        let piece = |piece| match piece {
            &Piece::Value(place) => texts.get(place).map_or("", String::as_str),
            Piece::Text(text) => text,
        };
        let mut filled = String::with_capacity(self.0.iter().map(|of| piece(of).len()).sum());
        self.0.iter().for_each(|of| filled.push_str(piece(of)));
        filled
    }
}
