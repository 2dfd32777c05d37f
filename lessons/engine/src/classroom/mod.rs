//! The classroom: students' answers to exercises, run again and looked at.
//!
//! An [`Answer`] is data; [`attempt::run`] plays its commands on a fresh stack within bounds; a [`Verdict`] looks at
//! the network that is left, and a [`Grade`] is what comes of it. Nothing that an answer says of itself is believed.

mod answer;
mod assignment;
pub mod attempt;
pub mod dialogue;
mod grade;
mod grades;
pub mod show;
mod student;
mod verdict;

pub use answer::{Answer, Head, MOST_BYTES, NoAnswer, digest};
pub use assignment::{Assignment, assess_on_sim};
pub use grade::{Assessment, Grade, Graded, Standing, Submission};
pub use grades::{CheckHead, Grades, MostFailed, Register, Summary, Tally};
pub use student::{InvalidStudent, StudentId};
pub use verdict::{CheckResult, CheckedNetwork, Outcome, Verdict, Withheld, check_id};
