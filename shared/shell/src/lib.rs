//! The shell's grammar: what bash makes of a script, up to the commands that somebody else runs.
//!
//! ```text
//! text ─ syntax ─▶ tree ─ compile ─▶ Code ─▶ Machine ─ Demand ─▶ whoever runs programs
//!                                              ▲                        │
//!                                              └── what came of it ─────┘
//! ```
//!
//! A [`Machine`] decides and does nothing: it asks for a command to be run ([`Demand::Run`]), is told what the command
//! printed and how it ended, and goes on. Files, time and what is printed stand behind [`System`]. So a script goes on
//! step by step, in the foreground or beside others, can be kept and gone back to, and is the same on every machine.
//!
//! The stages of a pipeline run one after the other, each to its end: what one prints is what the next one reads.
#![forbid(unsafe_code)]

mod arithmetic;
mod builtin;
mod code;
mod compile;
mod condition;
mod expand;
mod fields;
mod machine;
mod parameter;
mod pattern;
mod quote;
mod redirect;
mod room;
mod state;
mod syntax;

pub use builtin::BUILTINS;
pub use machine::{Call, Demand, Machine, Mode, Read, Route};
pub use quote::quoted;
pub use state::State;
pub use syntax::{LONGEST, Problem, Script, is_complete, is_plain};

/// The rest of the machine, as a shell needs it.
pub trait System {
    /// What stands in a file.
    ///
    /// # Errors
    /// Why it cannot be read, as `strerror(3)` says it.
    fn read(&mut self, path: &str) -> Result<String, String>;

    /// Opens a file for writing: it is made where there is none, and emptied unless one writes behind its end.
    ///
    /// # Errors
    /// Why it cannot be written, as `strerror(3)` says it.
    fn open(&mut self, path: &str, append: bool) -> Result<(), String>;

    /// Writes behind the end of an open file.
    ///
    /// # Errors
    /// Why it cannot be written, as `strerror(3)` says it.
    fn write(&mut self, path: &str, text: &str) -> Result<(), String>;

    /// Whether there is such a file (`Some(false)`) or folder (`Some(true)`).
    fn folder(&mut self, path: &str) -> Option<bool>;

    /// The names of all files of the session, for patterns.
    fn paths(&mut self) -> Vec<String>;

    /// Whether a program has this name.
    fn has_program(&mut self, name: &str) -> bool;

    /// A random number (`$RANDOM`): 15 bits count.
    fn random(&mut self) -> u32;

    /// The time in whole seconds, since any moment (`$SECONDS`).
    fn seconds(&mut self) -> u64;

    /// Prints on standard output, or on standard error.
    fn print(&mut self, is_error: bool, text: &str);
}
