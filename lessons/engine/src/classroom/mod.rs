//! The classroom: students' answers to exercises, run again and looked at.
//!
//! An [`Answer`] is data; [`attempt::run`] plays its commands on a fresh stack within bounds; a [`Verdict`] looks at
//! the network that is left. Nothing that an answer says of itself is believed.

mod answer;
mod assignment;
pub mod attempt;
pub mod dialogue;
pub mod show;
mod student;
mod verdict;

pub use answer::{Answer, Head, MOST_BYTES, NoAnswer};
pub use assignment::{Assignment, assess_on_sim};
pub use student::{InvalidStudent, StudentId};
pub use verdict::{CheckResult, CheckedNetwork, Outcome, Verdict, Withheld, check_id};
