//! Lessons at the prompt.

pub mod dialogue;
mod reason;
