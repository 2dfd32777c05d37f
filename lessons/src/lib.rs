//! What the `vethlab` command is made of: files, threads, the terminal and its prompt, around the engine.
#![forbid(unsafe_code)]

pub mod authoring;
pub mod bounds;
pub mod claim;
pub mod classroom;
pub mod folder;
pub mod interrupts;
pub mod lint;
pub mod output;
pub mod packs;
pub mod progress;
pub mod same_file;
pub mod scenes;
pub mod session_files;
pub mod shell;
pub mod stacks;
mod workers;
