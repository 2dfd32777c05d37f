//! The table of one check, with where each of its keys and values stands.

use crate::lesson::data;
use crate::lesson::plain::plain;
use crate::lesson::template::Names;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// What is wrong with a check, and where.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) at: At,
    pub(super) problem: String,
}

/// Where in a check something is wrong.
#[derive(Debug)]
pub(super) enum At {
    /// In all of it.
    Check,
    /// In the line of this key.
    Key(&'static str),
    /// At this place of the block's text.
    Place(usize),
}

impl Wrong {
    pub(super) fn key(key: &'static str, problem: impl Into<String>) -> Wrong {
        Wrong { at: At::Key(key), problem: problem.into() }
    }
}

impl From<String> for Wrong {
    fn from(problem: String) -> Wrong {
        Wrong { at: At::Check, problem }
    }
}

impl From<&str> for Wrong {
    fn from(problem: &str) -> Wrong {
        Wrong::from(problem.to_owned())
    }
}

/// The keys of a check that are still to be read.
pub(super) struct Table<'a> {
    keys: Keys<'a>,
    span: Range<usize>,
}

/// What was parsed, with places; or what was parsed for all editions and filled for one, which has none.
enum Keys<'a> {
    Parsed(DeTable<'a>),
    Filled(toml::Table),
}

impl<'a> Table<'a> {
    /// The checks of a block.
    pub(super) fn all(mut root: DeTable<'a>) -> Result<Vec<Table<'a>>, Wrong> {
        let checks = root.remove("check");
        if let Some((key, _)) = root.iter().next() {
            let problem = format!("'{}' belongs to no check: begin each check with [[check]]", key.get_ref());
            return Err(Wrong { at: At::Place(key.span().start), problem });
        }
        let Some(checks) = checks else {
            return Err("a check block holds one check or more: begin each with [[check]]".into());
        };
        let place = checks.span().start;
        let no_table = |place| Wrong {
            at: At::Place(place),
            problem: "a check is a table: begin each with [[check]]".to_owned(),
        };
        let DeValue::Array(checks) = checks.into_inner() else { return Err(no_table(place)) };
        let table = |check: Spanned<DeValue<'a>>| {
            let span = check.span();
            match check.into_inner() {
                DeValue::Table(keys) => Ok(Table { keys: Keys::Parsed(keys), span }),
                _ => Err(no_table(span.start)),
            }
        };
        checks.into_iter().map(table).collect()
    }

    /// Where it begins.
    pub(super) fn start(&self) -> usize {
        self.span.start
    }

    /// A check that was parsed for all editions, filled for one.
    pub(super) fn filled(keys: toml::Table) -> Table<'static> {
        Table { keys: Keys::Filled(keys), span: 0..0 }
    }

    /// The same, to be filled for each edition; `text` is what it was parsed from.
    pub(super) fn written(self, text: &str, names: &mut Names) -> Option<data::Written> {
        match self.keys {
            Keys::Parsed(keys) => data::Written::new(text, Spanned::new(self.span, keys), names),
            Keys::Filled(_) => None,
        }
    }

    /// Where each key stands.
    pub(super) fn places(&self) -> BTreeMap<String, usize> {
        match &self.keys {
            Keys::Parsed(keys) => {
                keys.keys().map(|key| (key.get_ref().to_string(), key.span().start)).collect()
            }
            Keys::Filled(_) => BTreeMap::new(),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        match &self.keys {
            Keys::Parsed(keys) => keys.contains_key(key),
            Keys::Filled(keys) => keys.contains_key(key),
        }
    }

    /// Takes a text out.
    pub(super) fn text(&mut self, key: &'static str) -> Result<Option<String>, Wrong> {
        let text = match &mut self.keys {
            Keys::Parsed(keys) => match keys.remove(key).map(Spanned::into_inner) {
                None => return Ok(None),
                Some(DeValue::String(text)) => Some(text.into_owned()),
                Some(_) => None,
            },
            Keys::Filled(keys) => match keys.remove(key) {
                None => return Ok(None),
                Some(toml::Value::String(text)) => Some(text),
                Some(_) => None,
            },
        };
        let no_text = || Wrong::key(key, format!("'{key}' is a text: put it between quotes"));
        text.ok_or_else(no_text).map(Some)
    }

    /// Takes some keys out, as a table of their own.
    pub(super) fn split(&mut self, names: &[&str]) -> Table<'a> {
        let keys = match &mut self.keys {
            Keys::Parsed(keys) => {
                Keys::Parsed(names.iter().filter_map(|name| keys.remove_entry(*name)).collect())
            }
            Keys::Filled(keys) => {
                Keys::Filled(names.iter().filter_map(|name| keys.remove_entry(*name)).collect())
            }
        };
        Table { keys, span: self.span.clone() }
    }

    /// Reads what is left.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, Wrong> {
        let keys = match self.keys {
            Keys::Parsed(keys) => keys,
            Keys::Filled(keys) => return T::deserialize(keys).map_err(|error| error.to_string().into()),
        };
        let values: Vec<(String, Range<usize>)> =
            keys.iter().map(|(key, value)| (key.get_ref().to_string(), value.span())).collect();
        T::deserialize(Deserializer::from(Spanned::new(self.span, keys))).map_err(|error| {
            let place = error.span().map(|span| span.start);
            let holds =
                |(_, span): &&(String, Range<usize>)| place.is_some_and(|place| span.contains(&place));
            let key = values.iter().find(holds).map_or("", |(key, _)| key);
            let mut problem = plain(key, error.message());
            if problem.ends_with("the number without quotes") {
                problem.push_str(&format!(", a variable's too, as '{key} = {{size}}'"));
            }
            Wrong { at: place.map_or(At::Check, At::Place), problem }
        })
    }
}
