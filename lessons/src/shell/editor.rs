//! A prompt with line editing, history and completion.

use super::completion;
use super::input::{Input, LineSource};
use super::stage::Names;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Context, Helper};
use std::io;

/// Lines that a person edits on a terminal.
pub(super) struct Editor {
    editor: rustyline::Editor<Names, DefaultHistory>,
}

impl Editor {
    pub(super) fn new() -> io::Result<Editor> {
        let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
        let mut editor = rustyline::Editor::with_config(config).map_err(into_io)?;
        editor.set_helper(Some(Names::default()));
        Ok(Editor { editor })
    }
}

impl LineSource for Editor {
    fn read(&mut self, prompt: &str, names: &mut dyn FnMut() -> Names) -> io::Result<Input> {
        self.editor.set_helper(Some(names()));
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

impl Completer for Names {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(completion::complete(&line[..cursor], self))
    }
}

impl rustyline::hint::Hinter for Names {
    type Hint = String;
}
impl rustyline::highlight::Highlighter for Names {}
impl rustyline::validate::Validator for Names {}
impl Helper for Names {}
