//! The part of a lesson that belongs to one value of a variable: the fault, its repair, and the text about it.

use super::template::Texts;
use super::variables::{Values, Variables};
use super::{LessonError, data};
use serde::Deserialize;

/// The body of a `case` block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// Commands behind those of the setup block.
    #[serde(default)]
    pub(super) setup: Vec<String>,
    /// Markdown, shown where the block stands.
    pub(super) text: Option<String>,
    /// Hints, among those of the step where the block stands.
    #[serde(default)]
    pub(super) hints: Vec<String>,
    /// Commands behind those of the step's solution.
    #[serde(default)]
    pub(super) solution: Vec<String>,
}

/// The variable and the value that a case block names.
pub(super) type Name<'a> = (&'a str, &'a str);

/// Reads what stands behind `vethlab case`: a variable and one of its words.
pub(super) fn name<'a>(
    line: usize,
    words: &[&'a str],
    variables: &Variables,
) -> Result<Name<'a>, LessonError> {
    let wrong = |problem: String| Err(LessonError::at(line, problem));
    let [variable, word] = words else {
        return wrong("write 'vethlab case VARIABLE WORD'".to_owned());
    };
    match variables.words_of(variable) {
        None => wrong(format!("'{variable}' is no variable with 'pick': declare it below [variables]")),
        Some(known) if !known.iter().any(|known| known == word) => {
            wrong(format!("'{variable}' is never '{word}': it is one of {}", known.join(", ")))
        }
        Some(_) => Ok((variable, word)),
    }
}

/// Reads a case's body.
pub(super) fn parse(line: usize, body: &str) -> Result<Case, LessonError> {
    let table = data::parse(line + 1, body)?;
    let is_empty = table.get_ref().is_empty();
    let case = data::typed(line + 1, body, table)?;
    if is_empty {
        return Err(LessonError::at(
            line,
            "a case without anything does nothing: add one of setup, text, hints and solution",
        ));
    }
    Ok(case)
}

impl Case {
    /// A body that was parsed for all editions, in one of them; `None` where it cannot be read so.
    pub(super) fn filled(written: &data::Written, texts: &Texts) -> Option<Case> {
        let table = written.fill(texts);
        if table.is_empty() { None } else { Case::deserialize(table).ok() }
    }
}

/// Whether a case is the one that was drawn.
pub(super) fn is_drawn((variable, word): Name<'_>, values: &Values) -> bool {
    values.word(variable) == Some(word)
}

/// Every variable that has a case in a section has one for each of its words, and none twice.
pub(super) fn complete(line: usize, cases: &[Name<'_>], variables: &Variables) -> Result<(), LessonError> {
    for (variable, word) in cases {
        if cases.iter().filter(|other| *other == &(*variable, *word)).count() > 1 {
            return Err(LessonError::at(
                line,
                format!("'case {variable} {word}' stands twice here: join them"),
            ));
        }
        let missing = |word: &&String| !cases.contains(&(variable, word.as_str()));
        if let Some(missing) = variables.words_of(variable).and_then(|words| words.iter().find(missing)) {
            let problem = format!(
                "'{variable}' can be '{missing}' too: add a block 'vethlab case {variable} {missing}'"
            );
            return Err(LessonError::at(line, problem));
        }
    }
    Ok(())
}
