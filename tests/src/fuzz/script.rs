//! Files of commands.

use super::{execute, is_one_line};
use vethlab_engine::script;
use vethlab_shared::words;

/// How many commands are run.
const COMMANDS: usize = 24;

/// The commands of a file, written one a line, are the same commands, and come to the same each time.
pub(super) fn run(bytes: &[u8]) {
    let commands = match script::commands(bytes) {
        Ok(commands) => commands,
        Err(error) => return is_one_line(&error.to_string()),
    };
    assert!(!commands.iter().any(|command| words::is_blank(command)), "{commands:?}");
    let written = commands.join("\n");
    assert_eq!(script::commands(written.as_bytes()).as_ref(), Ok(&commands), "read again: {written:?}");
    script::hindsight(&commands);
    let first = || commands.iter().take(COMMANDS).map(String::as_str);
    assert_eq!(execute(first()), execute(first()), "the same commands come to the same");
}
