//! Lines at a prompt.

use super::{execute, is_one_line};
use vethlab::shell::complete;
use vethlab_engine::history;
use vethlab_engine::machines::Names;
use vethlab_programs as programs;
use vethlab_shared::text::printable_line;
use vethlab_shared::words::{self, SplitError};

/// How many lines are taken.
const LINES: usize = 8;

/// A line is taken apart in one way, can be completed anywhere, and comes to the same each time.
pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let lines: Vec<&str> = text.split('\n').take(LINES).collect();
    let names = Names {
        namespaces: vec!["red".to_owned(), "blue".to_owned()],
        links: vec!["lo".to_owned(), "a0".to_owned()],
        addresses: vec!["10.0.0.1".to_owned()],
    };
    for line in &lines {
        assert_eq!(words::is_blank(line), words::split(line) == Ok(Vec::new()), "{line:?}");
        assert_eq!(words::command(words::trim(line)), words::command(line), "trimmed: {line:?}");
        assert_eq!(words::line(words::trim(line)), words::line(line), "trimmed: {line:?}");
        match words::command(line) {
            Ok((words, _)) => {
                let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
                let quoted = quoted.join(" ");
                if quoted.len() <= words::LONGEST {
                    assert_eq!(words::split(&quoted).as_ref(), Ok(&words), "quoted: {line:?}");
                }
                assert_eq!(programs::invocation(line).is_some(), !words.is_empty());
            }
            Err(
                error @ (SplitError::UnclosedQuote(_) | SplitError::NotModelled(_) | SplitError::TooLong(_)),
            ) => {
                is_one_line(&printable_line(&error.to_string()));
            }
        }
        let (start, _) = complete(line, &names);
        assert!(line.is_char_boundary(start), "{line:?}");
        history::is_about_time(line);
        history::takes_back(line);
    }
    let done = execute(lines.iter().copied());
    assert_eq!(execute(lines.iter().copied()), done, "the same lines come to the same");
}

/// A word as one can type it.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
