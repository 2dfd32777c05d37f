//! The classroom: answers as files, and many students' answers graded.

pub mod answer_file;
pub mod grade;
pub mod report;
pub mod stream;
