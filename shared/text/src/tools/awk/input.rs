//! Where the lines come from: files, one after the other, or the input.

use super::execute::Machine;
use super::lex::unescaped;
use super::program::{FILENAME, FNR, NR};
use super::value::Value;
use crate::call::Stop;
use std::borrow::Cow;
use std::collections::VecDeque;

/// The files that are still to be read, and the one that is.
pub(super) struct Source<'c> {
    operands: VecDeque<String>,
    text: Option<(Cow<'c, [u8]>, usize)>,
    /// Whether a file was named.
    named: bool,
}

impl Source<'_> {
    pub(super) fn new(operands: Vec<String>) -> Self {
        Source { operands: operands.into(), text: None, named: false }
    }
}

impl Machine<'_, '_, '_> {
    /// Goes to the next line. `false` where there is none.
    pub(super) fn next_line(&mut self) -> Result<bool, Stop> {
        loop {
            if let Some((text, at)) = &mut self.source.text
                && *at < text.len()
            {
                let rest = &text[*at..];
                let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec();
                *at += line.len() + 1;
                self.call.work(line.len() + 8)?;
                self.set_record(line);
                self.count(NR);
                self.count(FNR);
                return Ok(true);
            }
            if !self.open_next()? {
                return Ok(false);
            }
        }
    }

    fn count(&mut self, which: usize) {
        let number = self.special(which).number() + 1.0;
        self.put_special(which, Value::Number(number));
    }

    /// Opens the next file. Words that assign are executed on the way.
    fn open_next(&mut self) -> Result<bool, Stop> {
        while let Some(word) = self.source.operands.pop_front() {
            if word.is_empty() || self.assign_word(&word)? {
                continue;
            }
            self.source.named = true;
            let Some(text) = self.call.read(&word)? else {
                return Err(Stop::Failed(2, format!("cannot open {word} (No such file or directory)")));
            };
            self.open(&word, text);
            return Ok(true);
        }
        if self.source.named {
            return Ok(false);
        }
        self.source.named = true;
        let text = self.call.input();
        self.open("-", Cow::Borrowed(text));
        Ok(true)
    }
}

impl<'c> Machine<'_, '_, 'c> {
    fn open(&mut self, name: &str, text: Cow<'c, [u8]>) {
        self.put_special(FILENAME, Value::Text(name.as_bytes().to_vec()));
        self.put_special(FNR, Value::Number(0.0));
        self.source.text = Some((text, 0));
    }

    /// Executes a word that assigns. `false` where it is none.
    pub(super) fn assign_word(&mut self, word: &str) -> Result<bool, Stop> {
        let Some((name, value)) = word.split_once('=') else { return Ok(false) };
        let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if name.is_empty()
            || name.starts_with(|letter: char| letter.is_ascii_digit())
            || !name.chars().all(letters)
        {
            return Ok(false);
        }
        if ["RS", "ENVIRON", "ARGV", "ARGC"].contains(&name) {
            return Err(Stop::Refused(format!("awk {name}")));
        }
        let number = self.names.number(name);
        self.assign_variable(number, Value::maybe(unescaped(value.as_bytes())))?;
        Ok(true)
    }
}
