//! What the `vethlab` command is made of: scripts, transcripts and their comparison, lessons, the prompt.
#![forbid(unsafe_code)]

pub mod authoring;
pub mod bounded;
mod chance;
pub mod classroom;
pub mod compare;
pub mod history;
pub mod interrupts;
pub mod lesson;
pub mod lint;
mod look;
pub mod output;
pub mod page;
pub mod script;
pub mod seat;
pub mod session_files;
mod shadow;
pub mod shell;
pub mod stacks;
mod workers;
