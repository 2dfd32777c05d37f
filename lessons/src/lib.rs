//! What the `vethlab` command is made of: scripts, transcripts and their comparison, lessons, the prompt.
#![forbid(unsafe_code)]

pub mod capture_file;
pub mod classroom;
pub mod compare;
pub mod history;
pub mod lesson;
mod look;
pub mod output;
pub mod page;
pub mod script;
pub mod seat;
mod shadow;
pub mod shell;
pub mod stacks;
