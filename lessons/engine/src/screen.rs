//! Where a person sees what happens.

use crate::lesson::dialogue::Screenful;
use crate::lesson::{Answer, Block};
use crate::page;
use crate::paint::Paint;
use vethlab_programs::{Console, Transcript};

/// Takes what is shown to a person: text of programs as it comes, and blocks of a lesson or an exercise.
pub trait Screen: Console {
    /// How vethlab's own text looks, where it is text.
    fn paint(&self) -> Paint {
        Paint::PLAIN
    }

    /// How many lines it shows at once, where a person reads them and it is known.
    fn height(&self) -> Option<usize> {
        None
    }

    /// How far it is filled, where text is gathered to be shown by the screenful.
    fn screenful(&self) -> Option<Screenful> {
        None
    }

    /// Whether all that stood there was wiped since this was asked last.
    fn take_cleared(&mut self) -> bool {
        false
    }

    /// A program begins; whether the stack that it runs on has virtual time.
    fn begin_program(&mut self, _virtual_time: bool) {}

    /// A program has ended, and what it did is recorded.
    fn end_program(&mut self) {}

    /// Shows a block. By itself it becomes text in lines.
    fn show(&mut self, block: &Block) {
        let text = laid_out(block, self.width(), self.paint());
        self.out(&format!("{text}\n"));
    }

    /// Shows a remark of vethlab's own, as Markdown.
    fn note(&mut self, text: &str) {
        let text = page::prose(text, self.width(), Paint::PLAIN);
        let text = self.paint().dim(text.trim_end());
        self.out(&format!("{text}\n"));
    }

    /// Says whether an answer is right: a sign, these words, and Markdown behind them.
    fn verdict(&mut self, right: bool, words: &str, rest: &str) {
        let paint = self.paint();
        let begin = format!("{} {words}", if right { '✓' } else { '✗' });
        let text = page::prose(&format!("{begin}{rest}"), self.width(), paint);
        let coloured = if right { paint.good(&begin) } else { paint.bad(&begin) };
        self.out(&format!("{}\n", text.replacen(&begin, &coloured, 1)));
    }

    /// Says that a check holds now.
    fn holds(&mut self, say: &str) {
        let line = page::prose(&format!("✓ {say}"), self.width(), Paint::PLAIN);
        let line = self.paint().good(line.trim_end());
        self.out(&format!("{line}\n"));
    }
}

impl Screen for Transcript {}

/// A block as text, in lines of this width.
pub(crate) fn laid_out(block: &Block, width: usize, paint: Paint) -> String {
    match block {
        Block::Prose(markdown) => page::prose(markdown, width, paint),
        Block::Verbatim(text) | Block::Output(text) => page::verbatim(text, width),
        Block::Try(commands) => page::commands(commands, paint),
        Block::Predict(question) => {
            let choices: String = match &question.answer {
                Answer::Choice { choices, .. } => {
                    (1..).zip(choices).map(|(number, choice)| format!("{number}. {choice}\n")).collect()
                }
                Answer::Words(_) | Answer::Network(_) => String::new(),
            };
            page::prose(&format!("**{}**\n{choices}", question.question), width, paint)
        }
    }
}
