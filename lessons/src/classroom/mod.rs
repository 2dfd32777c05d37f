//! The classroom: exercises at the prompt, and many students' answers graded.

pub mod desk;
pub mod dialogue;
pub mod grade;
pub mod report;
