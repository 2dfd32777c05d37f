//! A question at the prompt, and its answer.

use super::{Dialogue, HELP, Trouble};
use crate::shell::is_word;
use vethlab_engine::history;
use vethlab_engine::lesson::{Answer, Block, Predict};

impl Dialogue<'_> {
    /// Asks a question and explains its answer. Whether the learner stays.
    pub(super) fn ask(&mut self, question: &Predict) -> Result<bool, Trouble> {
        let right = self.stage.watched().map(|stack| question.right_answer(stack));
        let right = match right {
            Some(Ok(right)) => right,
            Some(Err(error)) => {
                self.note(&format!("Nobody can tell at this moment: {error}."));
                return Ok(true);
            }
            None => return Ok(true),
        };
        let choices = match &question.answer {
            Answer::Choice { choices, .. } => Some(choices.len()),
            Answer::Words(_) | Answer::Network(_) => None,
        };
        let prompt = match choices {
            Some(choices) => format!("your answer, 1 to {choices}: "),
            None => "your answer, in words: ".to_owned(),
        };
        let answer = loop {
            let line = match self.lines {
                Some(_) => self.read(&prompt)?,
                None => {
                    self.terminal.say(&format!("{prompt}{right}\n"));
                    Some(right.clone())
                }
            };
            let Some(line) = line else { return Ok(false) };
            match (line.trim(), choices) {
                ("quit" | "exit", _) => return Ok(false),
                ("skip" | "next", _) => break None,
                (typed, Some(choices)) if !typed.parse().is_ok_and(|n| (1..=choices).contains(&n)) => {
                    self.note(&format!(
                        "The question comes first, commands behind it. Type the number of your answer, 1 to {choices}; or \
                         'skip', or 'quit'."
                    ));
                }
                (typed, None)
                    if typed.is_empty() || is_no_answer(typed) && !question.accepts(typed, &right) =>
                {
                    self.note("The question comes first. Type what you expect, in a word or two; or 'skip', or 'quit'.");
                }
                (typed, _) => break Some(typed.to_owned()),
            }
        };
        self.play.learner().answer();
        let told = if choices.is_some() { right.clone() } else { format!("`{right}`") };
        let verdict = match answer {
            Some(typed) if question.accepts(&typed, &right) => "Right.".to_owned(),
            Some(_) => format!("Not quite: it is {told}."),
            None => format!("It is {told}."),
        };
        self.show(&Block::Prose(format!("{verdict} {}", question.why)));
        Ok(true)
    }
}

/// Whether it is a word of a lesson, or a command, and not what somebody expects.
fn is_no_answer(typed: &str) -> bool {
    let word = typed.split_whitespace().next();
    is_word(typed, HELP) || word.is_some_and(history::can_be_typed)
}
