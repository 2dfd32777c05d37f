//! A prompt with line editing, history and completion.

use super::completion;
use super::input::{Input, LineSource};
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Context, Helper};
use std::io;
use vethlab_engine::machines::Names;

/// Lines that a person edits on a terminal.
pub(super) struct Editor {
    editor: rustyline::Editor<Completion, DefaultHistory>,
}

impl Editor {
    pub(super) fn new() -> io::Result<Editor> {
        let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
        let mut editor = rustyline::Editor::with_config(config).map_err(into_io)?;
        editor.set_helper(Some(Completion::default()));
        Ok(Editor { editor })
    }
}

impl LineSource for Editor {
    fn read(&mut self, prompt: &str, names: &mut dyn FnMut() -> Names) -> io::Result<Input> {
        self.editor.set_helper(Some(Completion(names())));
        match self.editor.readline(prompt) {
            Ok(line) => Ok(Input::Line(line)),
            Err(ReadlineError::Interrupted) => Ok(Input::Interrupted),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(error) => Err(into_io(error)),
        }
    }

    fn is_terminal(&self) -> bool {
        true
    }
}

fn into_io(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        other => io::Error::other(other),
    }
}

/// Completes words from the names that there are.
#[derive(Default)]
struct Completion(Names);

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, words) = completion::complete(&line[..cursor], &self.0);
        // A word that is complete has a space behind it, as in a shell.
        let pair = |word: String| Pair { replacement: format!("{word} "), display: word };
        Ok((start, words.into_iter().map(pair).collect()))
    }
}

impl rustyline::hint::Hinter for Completion {
    type Hint = String;
}
impl rustyline::highlight::Highlighter for Completion {}
impl rustyline::validate::Validator for Completion {}
impl Helper for Completion {}
