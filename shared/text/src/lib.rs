//! The small tools that labs pipe text through, as those of Debian 12 print: coreutils 9.1, grep 3.8, sed 4.9,
//! mawk 1.3.4, util-linux 2.38, and bash's own `printf`.
//!
//! A tool is a function of its arguments, its input and the files that it may read. The locale is C: a character is a
//! byte. What a tool is not able to do here it refuses by name, with status [`REFUSED`].
#![forbid(unsafe_code)]

mod call;
#[cfg(test)]
mod cases;
mod format;
mod options;
mod regex;
mod tools;

pub use tools::{TOOLS, Targets, tee_targets};

pub use call::MOST;

use call::{Call, Stop};

/// The status of what is not modelled, or is too much.
pub const REFUSED: u8 = 2;

/// What came of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it said.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub status: u8,
    /// Whether it has read its input: then nobody else can.
    pub has_read_input: bool,
}

/// Runs a tool. `None` where no tool has this name.
///
/// `arguments` are the words after the name. `file` gives the bytes of a named file, and `None` where there is none.
/// What `printf` says begins with its name, as in `printf: x: invalid number`: the shell's name and line belong before
/// it.
pub fn run(
    name: &str,
    arguments: &[String],
    input: &[u8],
    file: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Option<Output> {
    let (title, tool) = tools::find(name)?;
    let mut call = Call::new(title, arguments, input, file);
    let status = match tool(&mut call) {
        Ok(status) => status,
        Err(stop) => ended(&mut call, stop),
    };
    let has_read_input = call.has_read_input();
    Some(Output { stdout: call.out, stderr: call.err, status, has_read_input })
}

/// Says why a tool ended, and with which status.
fn ended(call: &mut Call<'_>, stop: Stop) -> u8 {
    match stop {
        Stop::Failed(status, text) => {
            call.say(&text);
            status
        }
        Stop::Bare(status, text) => {
            call.say_bare(text.as_bytes());
            status
        }
        Stop::Refused(what) => {
            call.say_bare(format!("vethlab: '{}' is not modelled\n", one_line(&what)).as_bytes());
            REFUSED
        }
        Stop::TooMuch => {
            let text = format!("vethlab: '{}' stops: it makes more than {} MiB\n", call.name, MOST >> 20);
            call.say_bare(text.as_bytes());
            REFUSED
        }
        Stop::TooLong => {
            let text = format!("vethlab: '{}' stops: it works too long\n", call.name);
            call.say_bare(text.as_bytes());
            REFUSED
        }
    }
}

/// A word that may hold anything, made a part of one line.
fn one_line(word: &str) -> String {
    word.chars().map(|letter| if letter.is_control() { '?' } else { letter }).take(80).collect()
}
