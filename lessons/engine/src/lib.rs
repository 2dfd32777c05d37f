//! Lessons, exercises and what they need: checks, comparison of two stacks, walks through time, text laid out.
//!
//! This crate has no clock, no files, no terminal and no threads: what of these is needed is handed in. So lessons,
//! exercises and their checks run wherever a simulator does, in a browser too.
#![forbid(unsafe_code)]

mod beside;
pub mod bounded;
pub mod classroom;
pub mod compare;
pub mod history;
pub mod lesson;
pub mod limits;
pub mod machine;
pub mod machines;
pub mod page;
pub mod paint;
pub mod platform;
pub mod prompt;
pub mod random_state;
pub mod screen;
pub mod script;
pub mod stacks;
pub mod text;
