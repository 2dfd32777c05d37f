//! A question at the prompt, and its answer.

use super::{After, Asked, Dialogue, HELP, WATCH};
use crate::history;
use crate::lesson::Trouble;
use crate::lesson::{Answer, Block, Predict, Step};
use crate::prompt::{is_word, show_frames};
use crate::screen::Screen;
use vethlab_programs::session::Outcome;

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
    /// The right answer to a question. Where the stack gives none, it is `None`, and the learner is told.
    pub(super) fn ask(&mut self, question: &Predict, screen: &mut dyn Screen) -> Option<String> {
        match question.right_answer(self.machines.watched()?) {
            Ok(right) => Some(right),
            Err(error) => {
                screen.note(&format!("The answer is not known at this moment: {error}."));
                None
            }
        }
    }

    /// Tells the answer to a question that was answered before the lesson was left.
    pub(super) fn remind(&mut self, question: &Predict, right: &str, screen: &mut dyn Screen) {
        self.play.learner().answer();
        let Predict { why, .. } = question;
        screen.show(&Block::Prose(format!("You have answered this: it is {}. {why}", question.told(right))));
    }

    /// Takes a line while a question is open: an answer to it, after which the right one is explained and the lesson goes
    /// on; or a command that shows something, after which the question is still open.
    pub(super) fn answer(
        &mut self,
        asked: &Asked<'a>,
        step: &'a Step,
        line: &str,
        screen: &mut dyn Screen,
    ) -> Result<(), Trouble> {
        let Asked { question, right, rest } = asked;
        let typed = line.trim();
        let answers = match asked.choices() {
            Some(_) => question.choice(typed).is_some(),
            None => question.accepts(typed, right) || !typed.is_empty() && !is_no_answer(typed),
        };
        let answer = match typed {
            _ if answers => Some(typed),
            "skip" | "next" => None,
            "" => return Ok(()),
            "back" => {
                self.play.back();
                self.answers = 0;
                return self.go_on(After::Step, screen);
            }
            "reset" => {
                self.reset(screen)?;
                screen.show(&Block::Predict((*question).clone()));
                return Ok(());
            }
            _ => {
                match self.besides(asked, typed, step, screen) {
                    After::Leave => self.leave(),
                    _ => screen.show(&Block::Predict((*question).clone())),
                }
                return Ok(());
            }
        };
        self.play.learner().answer();
        self.answers = self.asked;
        let told = question.told(right);
        let why = &question.why;
        match answer {
            Some(typed) if question.accepts(typed, right) => {
                screen.verdict(true, "Right.", &format!(" {why}"));
            }
            Some(_) => screen.verdict(false, "Not quite", &format!(": it is {told}. {why}")),
            None => screen.show(&Block::Prose(format!("It is {told}. {why}"))),
        }
        let after = self.show_until_turn(step, rest, screen);
        self.go_on(after, screen)
    }

    /// Does what a line says that is no answer to the question.
    fn besides(&mut self, asked: &Asked<'a>, typed: &str, step: &Step, screen: &mut dyn Screen) -> After {
        match typed {
            "quit" | "exit" => return After::Leave,
            "help" => screen.out(HELP),
            "frames" => show_frames(self.machines, screen),
            "watch" => return self.besides(asked, WATCH, step, screen),
            "lesson" => {
                let ends = |block: &&Block| matches!(block, Block::Predict(other) if other == asked.question);
                step.blocks.iter().take_while(|block| !ends(block)).for_each(|block| screen.show(block));
            }
            _ if shows_only(typed) => {
                if let Outcome::Exit(_) = self.execute(typed, screen) {
                    return After::Leave;
                }
                screen.out("\n");
            }
            _ => {
                let how = match asked.choices() {
                    Some(choices) => format!("Type the number of your answer, 1 to {choices}"),
                    None => "Type what you expect, in a word or two".to_owned(),
                };
                screen.note(&format!(
                    "The question comes first. {how}; or 'skip', or 'quit'. Commands that only show something, such as \
                     'ip link' and 'map', can be typed before you answer."
                ));
                screen.out("\n");
            }
        }
        After::Line
    }
}

/// Whether a line is a command that alters nothing and sends nothing.
fn shows_only(line: &str) -> bool {
    if history::is_about_time(line) {
        return line.starts_with("timeline");
    }
    vethlab_programs::invocation(line).is_some_and(|invocation| invocation.only_shows())
}

/// Whether it is a word of a lesson, or a command, and not what somebody expects.
fn is_no_answer(typed: &str) -> bool {
    let word = typed.split_whitespace().next();
    is_word(typed, HELP) || word.is_some_and(history::can_be_typed)
}
