//! A question to answer before looking.

use super::LessonError;
use serde::Deserialize;

/// A question with several answers to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    /// The question.
    pub question: String,
    /// The answers to choose from.
    pub choices: Vec<String>,
    /// The right one, from 1.
    pub answer: usize,
    /// Why it is the right one.
    pub why: String,
}

impl Predict {
    pub(super) fn parse(line: usize, body: &str) -> Result<Predict, LessonError> {
        let predict: Predict =
            toml::from_str(body).map_err(|error| LessonError::toml(line + 1, body, &error))?;
        if predict.choices.len() < 2 {
            return Err(LessonError::at(line, "a question needs two choices or more"));
        }
        if !(1..=predict.choices.len()).contains(&predict.answer) {
            let problem = format!("'answer' is the number of a choice: 1 to {}", predict.choices.len());
            return Err(LessonError::at(line, problem));
        }
        Ok(predict)
    }
}
