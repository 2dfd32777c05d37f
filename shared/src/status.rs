//! How a program ended.

/// A program's exit status: 0 where all went well.
pub type Status = u8;
