//! Standard output and standard error, where a reader who has gone is no error.

use std::cell::Cell;
use std::io::{self, Write};
use vethlab_shared::programs::{Console, USUAL_WIDTH};

/// Text in lines narrower than this cannot be read, whatever the terminal says.
const NARROWEST: usize = 44;

/// A console on the standard streams. Once a write fails nothing more is written, and running programs are
/// told to stop.
#[derive(Debug, Default)]
pub struct Streams {
    failure: Cell<Option<io::ErrorKind>>,
}

impl Streams {
    /// Both streams, as they are.
    pub fn new() -> Streams {
        Streams::default()
    }

    /// Whether all that was printed so far arrived.
    ///
    /// # Errors
    /// How the first write that failed did.
    pub fn check(&self) -> io::Result<()> {
        match self.failure.get() {
            Some(kind) => Err(kind.into()),
            None => Ok(()),
        }
    }

    fn write(&self, stream: &mut dyn Write, text: &str) {
        if self.failure.get().is_none()
            && let Err(error) = stream.write_all(text.as_bytes()).and_then(|()| stream.flush())
        {
            self.failure.set(Some(error.kind()));
        }
    }
}

impl Console for Streams {
    fn out(&mut self, text: &str) {
        self.write(&mut io::stdout().lock(), text);
    }
    fn err(&mut self, text: &str) {
        self.write(&mut io::stderr().lock(), text);
    }
    fn interrupted(&self) -> bool {
        self.failure.get().is_some()
    }
    fn width(&self) -> usize {
        match terminal_size::terminal_size() {
            Some((terminal_size::Width(width), _)) => usize::from(width).max(NARROWEST),
            None => USUAL_WIDTH,
        }
    }
    fn save(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
        std::fs::write(file, bytes).map_err(|error| reason(&error))
    }
}

/// The system's words for an error, without the number that Rust adds.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
}

/// Prints text to standard output, all of it.
///
/// # Errors
/// The stream does not take it.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Text that came from elsewhere, with what a terminal would act on made visible: an escape character becomes
/// `\u{1b}`. Line ends stay.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => printable.push('\n'),
            _ if character.is_control() || is_invisible(character) => {
                printable.extend(character.escape_unicode());
            }
            _ => printable.push(character),
        }
    }
    printable
}

/// Characters that reorder the text around them, so that it does not say what it shows.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_made_visible() {
        assert_eq!(printable("a\u{1b}[31m\r\nb\u{9b}\u{202e}"), "a\\u{1b}[31m\\u{d}\nb\\u{9b}\\u{202e}");
        assert_eq!(printable("Zoë, 李雷\n"), "Zoë, 李雷\n");
    }
}
