//! The classroom: answers as files, and many students' answers graded.

pub mod desk;
pub mod grade;
pub mod report;
