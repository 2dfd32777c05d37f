//! Checks that were parsed once, to be read with the values of each edition.

use super::fact::{self, Fact};
use super::table::{Table, Wrong};
use super::{Check, GRADING, Grading, Use, read_grading};
use crate::lesson::data;
use crate::lesson::error::LineEnds;
use crate::lesson::template::{Names, Template, Texts};
use std::collections::BTreeMap;
use std::sync::Arc;
use vethlab_shared::name::NamespaceName;

/// A check as it is written, with the names of values in its texts.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lesson) struct WrittenCheck {
    line: usize,
    /// The lines of its keys.
    lines: Arc<BTreeMap<String, usize>>,
    say: Template,
    hint: Option<Template>,
    namespace: Option<Template>,
    grading: Part<Grading>,
    fact: Part<Fact>,
}

/// A part of a check.
#[derive(Clone, Debug, PartialEq)]
enum Part<T> {
    /// It is the same in every edition.
    Same(T),
    /// It is read from this in each.
    Drawn(data::Written),
}

impl<T: Clone> Part<T> {
    fn new(table: data::Written, read: impl Fn(Table<'_>) -> Result<T, Wrong>) -> Option<Part<T>> {
        match table.is_constant() {
            true => read(Table::filled(table.fill(&Texts::default()))).ok().map(Part::Same),
            false => Some(Part::Drawn(table)),
        }
    }

    fn fill(&self, texts: &Texts, read: impl Fn(Table<'_>) -> Result<T, Wrong>) -> Option<T> {
        match self {
            Part::Same(part) => Some(part.clone()),
            Part::Drawn(table) => read(Table::filled(table.fill(texts))).ok(),
        }
    }
}

impl WrittenCheck {
    /// The checks of a block whose opening fence stands in the given line; `None` where it takes an edition's values to
    /// parse them.
    pub(in crate::lesson) fn all(line: usize, body: &str, names: &mut Names) -> Option<Vec<WrittenCheck>> {
        // An escape may be one of the braces around a name.
        if body.contains('\\') {
            return None;
        }
        let ends = LineEnds::of(body);
        let line = |place: usize| line + 1 + ends.before(place);
        let one = |mut table: Table<'_>| {
            let lines = table.places().into_iter().map(|(key, place)| (key, line(place))).collect();
            let start = line(table.start());
            let mut text = |key| match table.text(key).ok()? {
                Some(text) => Template::parse(&text, names).map(Some),
                None => Some(None),
            };
            let (say, hint, namespace) = (text("say")??, text("hint")?, text("in")?);
            let grading = table.split(&GRADING).written(body, names)?;
            Some(WrittenCheck {
                line: start,
                lines: Arc::new(lines),
                say,
                hint,
                namespace,
                grading: Part::new(grading, read_grading)?,
                fact: Part::new(table.written(body, names)?, Fact::read)?,
            })
        };
        let root = data::parse(1, body).ok()?;
        Table::all(root.into_inner()).ok()?.into_iter().map(one).collect()
    }

    /// The check of an exercise with plain values in its texts; `None` where it cannot be read so.
    pub(in crate::lesson) fn fill(&self, texts: &Texts) -> Option<Check> {
        let namespace = match &self.namespace {
            Some(name) => fact::namespace(&name.fill(texts)).ok()?,
            None => NamespaceName::HOST,
        };
        let check = Check {
            say: self.say.fill(texts),
            hint: self.hint.as_ref().map(|hint| hint.fill(texts)),
            grading: self.grading.fill(texts, read_grading)?,
            line: self.line,
            lines: Arc::clone(&self.lines),
            namespace,
            fact: self.fact.fill(texts, Fact::read)?,
        };
        check.fitting(Use::Exercise).ok()
    }
}
