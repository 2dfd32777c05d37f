//! What a file of a pack holds and in which line, for what looks at the file and not at what it means.

use super::LessonError;
use super::error::LineEnds;
use super::markdown::{self, FRONT_MATTER_LINE, Piece};
use super::variables::{Values, Variables};
use super::written::Written;
use super::{Edition, data};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The outline of a lesson or an exercise in one edition.
#[derive(Clone, Debug)]
pub struct Outline {
    /// What stands below the front matter, as it is written.
    pub written: Vec<Piece>,
    /// The same with the edition's values.
    pub drawn: Vec<Piece>,
    /// The variables that it declares.
    pub variables: Variables,
    /// The lines that they are declared in.
    pub lines: BTreeMap<String, usize>,
    values: Values,
}

/// What of the front matter matters here; what else stands there is the parser's business.
#[derive(Deserialize)]
struct FrontMatter {
    id: String,
    #[serde(default)]
    variables: BTreeMap<String, Spanned<toml::Table>>,
}

impl Outline {
    /// Takes a file apart; errors do not name it yet.
    pub fn read(text: &str, edition: Edition) -> Result<Outline, LessonError> {
        let document = markdown::parse(text)?;
        let FrontMatter { id, variables } = data::read(FRONT_MATTER_LINE, &document.front_matter)?;
        let ends = LineEnds::of(&document.front_matter);
        let line = |place| FRONT_MATTER_LINE + ends.before(place);
        let lines = variables.iter().map(|(name, table)| (name.clone(), line(table.span().start))).collect();
        let pieces = document.pieces.clone();
        let written = Written::new(&id, variables, document)?;
        let drawn = written.draw(text, edition)?;
        let (drawn, values) = (drawn.pieces, drawn.values);
        let variables = written.variables;
        Ok(Outline { written: pieces, drawn, variables, lines, values })
    }

    /// The word that was drawn for a variable with a list of words.
    pub fn word(&self, variable: &str) -> Option<&str> {
        self.values.word(variable)
    }
}
