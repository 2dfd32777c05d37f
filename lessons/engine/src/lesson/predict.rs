//! A question to answer before looking.

use super::question::Query;
use super::{LessonError, data, meaning};
use serde::Deserialize;
use vethlab_shared::error::StackError;
use vethlab_shared::stack::NetworkStack;

/// A question, its right answer, and why it is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predict {
    /// The question.
    pub question: String,
    /// What counts as right.
    pub answer: Answer,
    /// Why it is right.
    pub why: String,
}

/// What counts as the right answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One of several that are shown.
    Choice {
        /// The answers to choose from.
        choices: Vec<String>,
        /// The right one, from 1.
        right: usize,
    },
    /// One of these texts, the first being the one that is told. What they mean counts, and not how that is worded.
    Words(Vec<String>),
    /// What the network says at the moment when it is asked.
    Network(Query),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    question: String,
    #[serde(default)]
    choices: Vec<String>,
    answer: Option<usize>,
    #[serde(default)]
    answers: Vec<String>,
    answer_from: Option<String>,
    #[serde(rename = "in")]
    namespace: Option<String>,
    why: String,
}

impl Predict {
    pub(super) fn parse(line: usize, body: &str) -> Result<Predict, LessonError> {
        let table: Table = data::read(line + 1, body)?;
        let wrong = |problem: String| LessonError::at(line, problem);
        let Table { question, choices, answer, answers, answer_from, namespace, why } = table;
        if namespace.is_some() && answer_from.is_none() {
            return Err(wrong("'in' goes with 'answer_from': add that, or leave 'in' out".to_owned()));
        }
        let answer = match (choices.is_empty(), answer, answers.is_empty(), answer_from) {
            (false, Some(right), true, None) => {
                if choices.len() < 2 {
                    return Err(wrong("a question needs two choices or more: add another one".to_owned()));
                }
                if !(1..=choices.len()).contains(&right) {
                    let problem =
                        format!("'answer' is the number of a choice: write one from 1 to {}", choices.len());
                    return Err(wrong(problem));
                }
                Answer::Choice { choices, right }
            }
            (true, None, false, None) => Answer::Words(answers),
            (true, None, true, Some(query)) => {
                Answer::Network(Query::read(&query, namespace.as_deref()).map_err(wrong)?)
            }
            _ => {
                return Err(wrong(
                    "a question has either 'choices' and 'answer', the number of the right one, or \
                     'answers', a list of texts, or 'answer_from', what to ask the network"
                        .to_owned(),
                ));
            }
        };
        Ok(Predict { question, answer, why })
    }

    /// The right answer now, as it is told.
    ///
    /// # Errors
    /// The network does not say.
    pub fn right_answer(&self, stack: &mut dyn NetworkStack) -> Result<String, StackError> {
        match &self.answer {
            Answer::Choice { right, .. } => Ok(right.to_string()),
            Answer::Words(words) => Ok(words.first().cloned().unwrap_or_default()),
            Answer::Network(query) => query.answer(stack),
        }
    }

    /// Whether what was typed means the right answer, where `right` is what [`Predict::right_answer`] said.
    pub fn accepts(&self, typed: &str, right: &str) -> bool {
        let means = |text: &str| meaning::meaning(text, &self.question);
        match &self.answer {
            Answer::Choice { right, .. } => self.choice(typed) == Some(*right),
            Answer::Words(words) => words.iter().any(|word| means(word) == means(typed)),
            Answer::Network(_) => means(right) == means(typed),
        }
    }

    /// The number of the choice that was typed, from 1.
    pub fn choice(&self, typed: &str) -> Option<usize> {
        match &self.answer {
            Answer::Choice { choices, .. } => meaning::choice(typed, choices),
            Answer::Words(_) | Answer::Network(_) => None,
        }
    }

    /// The right answer as it is told to somebody who gave another one.
    pub fn told(&self, right: &str) -> String {
        match &self.answer {
            Answer::Choice { choices, right } => format!("{right}, \"{}\"", choices[right - 1]),
            Answer::Words(_) | Answer::Network(_) => format!("`{right}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vethlab_sim::World;

    fn parse(keys: &str) -> Result<Predict, LessonError> {
        Predict::parse(1, &format!("question = 'Q?'\nwhy = 'W.'\n{keys}\n"))
    }

    #[test]
    fn what_is_meant_counts_and_not_how_it_is_written() {
        let question = parse("answers = ['STALE', 'in state STALE']").expect("a question");
        let right = question.right_answer(&mut World::new(0)).expect("an answer");
        assert_eq!(right, "STALE");
        for typed in ["STALE", " stale ", "`Stale`", "in  state stale."] {
            assert!(question.accepts(typed, &right), "{typed}");
        }
        for typed in ["", "REACHABLE", "not stale"] {
            assert!(!question.accepts(typed, &right), "{typed}");
        }
    }

    #[test]
    fn a_question_has_one_kind_of_answer() {
        for (keys, words) in [
            ("choices = ['a', 'b']\nanswer = 3", "1 to 2"),
            ("choices = ['a']\nanswer = 1", "two choices"),
            ("choices = ['a', 'b']", "has either"),
            ("answers = ['a']\nanswer_from = 'sysctl x'", "has either"),
            ("answer_from = 'weather'", "nothing that the network can be asked"),
            ("answers = ['a']\nin = 'red'", "goes with 'answer_from'"),
        ] {
            let error = parse(keys).expect_err(keys);
            assert!(error.problem.contains(words), "{error}");
        }
    }
}
