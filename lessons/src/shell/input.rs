//! Where lines come from.

use super::editor::Editor;
use std::io::{self, BufRead, IsTerminal};
use vethlab_engine::machines::Machines;

/// What a person did at the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Typed a line; its end is not part of it.
    Line(String),
    /// Pressed Ctrl-C.
    Interrupted,
    /// Pressed Ctrl-D, or there is nothing more to read.
    End,
}

/// Gives one line after another.
pub trait LineSource {
    /// Waits for a line, with the prompt before it where a person sees it. A person completes the machines' names, and
    /// sees what goes on there meanwhile.
    ///
    /// # Errors
    /// The line cannot be read.
    fn read(&mut self, prompt: &str, machines: &mut Machines) -> io::Result<Input>;

    /// Whether a person types the lines.
    fn is_terminal(&self) -> bool;
}

/// Lines from standard input: with editing where that and standard output are a terminal, else plain.
///
/// # Errors
/// The terminal cannot be used.
pub fn source() -> io::Result<Box<dyn LineSource>> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        Ok(Box::new(Editor::new()?))
    } else {
        Ok(Box::new(Plain))
    }
}

/// Lines from standard input, as they are.
#[derive(Debug)]
pub struct Plain;

impl LineSource for Plain {
    fn read(&mut self, _prompt: &str, _machines: &mut Machines) -> io::Result<Input> {
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line)? {
            0 => Ok(Input::End),
            _ => Ok(Input::Line(line.trim_end_matches(['\n', '\r']).to_owned())),
        }
    }

    fn is_terminal(&self) -> bool {
        false
    }
}
