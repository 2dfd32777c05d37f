//! Scripts of commands, and what is seen when they are played.

use std::path::{Path, PathBuf};
use std::{env, fs, io};
use vethlab_programs::Transcript;
use vethlab_shared::status::Status;
use vethlab_programs::session::{Outcome, Session};
use vethlab_shared::stack::NetworkStack;

/// A file of commands, one a line, with `#` comments.
#[derive(Clone, Debug)]
pub struct Script {
    /// The file's name, without its folder.
    pub name: String,
    /// All of its text.
    pub text: String,
}

/// A command of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command<'a> {
    /// The number of its line, from 1.
    pub line: usize,
    /// The line as typed.
    pub text: &'a str,
}

/// A command and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The number of its line, from 1.
    pub line: usize,
    /// The line as typed.
    pub command: String,
    /// Its exit status.
    pub status: Status,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Script {
    /// The commands: every line that is neither blank nor a comment.
    pub fn commands(&self) -> impl Iterator<Item = Command<'_>> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, text)| Command { line: index + 1, text: text.trim() })
            .filter(|command| !command.text.is_empty() && !command.text.starts_with('#'))
    }

    /// Plays the script on a stack.
    pub fn play(&self, stack: &mut dyn NetworkStack) -> Vec<Exchange> {
        let mut session = Session::new();
        let mut exchanges = Vec::new();
        for Command { line, text } in self.commands() {
            let mut console = Transcript::default();
            let outcome = session.execute(text, stack, &mut console);
            let Transcript { stdout, stderr } = console;
            let status = match outcome {
                Outcome::Nothing => continue,
                Outcome::Ran(status) | Outcome::Exit(status) => status,
            };
            exchanges.push(Exchange { line, command: text.to_owned(), status, stdout, stderr });
            if matches!(outcome, Outcome::Exit(_)) {
                break;
            }
        }
        exchanges
    }
}

/// The folder of this crate: where cargo says it is, or where it was built.
pub fn folder() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

/// Reads every script of a folder, by name.
///
/// # Errors
/// The folder or one of its files cannot be read.
pub fn read_all(folder: &Path) -> io::Result<Vec<Script>> {
    let mut scripts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sh") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            scripts.push(Script { name, text: fs::read_to_string(&path)? });
        }
    }
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scripts)
}
