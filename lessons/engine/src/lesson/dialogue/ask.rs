//! A question at the prompt, and its answer.

use super::{Asked, Dialogue, HELP};
use crate::history;
use crate::lesson::Trouble;
use crate::lesson::{Answer, Block, Predict, Step};
use crate::prompt::is_word;
use crate::screen::Screen;

impl Asked<'_> {
    /// How many choices there are, where there are any.
    fn choices(&self) -> Option<usize> {
        match &self.question.answer {
            Answer::Choice { choices, .. } => Some(choices.len()),
            Answer::Words(_) | Answer::Network(_) => None,
        }
    }

    /// What stands before the cursor.
    pub(super) fn prompt(&self) -> String {
        match self.choices() {
            Some(choices) => format!("your answer, 1 to {choices}: "),
            None => "your answer, in words: ".to_owned(),
        }
    }
}

impl<'a> Dialogue<'a> {
    /// The right answer to a question; `None` where nobody can tell, which is said.
    pub(super) fn ask(&mut self, question: &Predict, screen: &mut dyn Screen) -> Option<String> {
        match question.right_answer(self.machines.watched()?) {
            Ok(right) => Some(right),
            Err(error) => {
                screen.note(&format!("Nobody can tell at this moment: {error}."));
                None
            }
        }
    }

    /// Takes a line as the answer to a question, explains the right one, and goes on behind it.
    pub(super) fn answer(
        &mut self,
        asked: &Asked<'a>,
        step: &'a Step,
        line: &str,
        screen: &mut dyn Screen,
    ) -> Result<(), Trouble> {
        let Asked { question, right, rest } = asked;
        let choices = asked.choices();
        let answer = match (line.trim(), choices) {
            ("quit" | "exit", _) => {
                self.leave();
                return Ok(());
            }
            ("skip" | "next", _) => None,
            (typed, Some(choices)) if !typed.parse().is_ok_and(|n| (1..=choices).contains(&n)) => {
                screen.note(&format!(
                    "The question comes first, commands behind it. Type the number of your answer, 1 to {choices}; or \
                     'skip', or 'quit'."
                ));
                return Ok(());
            }
            (typed, None) if typed.is_empty() || is_no_answer(typed) && !question.accepts(typed, right) => {
                screen.note(
                    "The question comes first. Type what you expect, in a word or two; or 'skip', or 'quit'.",
                );
                return Ok(());
            }
            (typed, _) => Some(typed),
        };
        self.play.learner().answer();
        let told = if choices.is_some() { right.clone() } else { format!("`{right}`") };
        let verdict = match answer {
            Some(typed) if question.accepts(typed, right) => "Right.".to_owned(),
            Some(_) => format!("Not quite: it is {told}."),
            None => format!("It is {told}."),
        };
        screen.show(&Block::Prose(format!("{verdict} {}", question.why)));
        let after = self.show_until_turn(step, rest, screen);
        self.go_on(after, screen)
    }
}

/// Whether it is a word of a lesson, or a command, and not what somebody expects.
fn is_no_answer(typed: &str) -> bool {
    let word = typed.split_whitespace().next();
    is_word(typed, HELP) || word.is_some_and(history::can_be_typed)
}
