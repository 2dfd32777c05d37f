//! Small things about text that is shown.

pub use vethlab_shared::text::{printable, printable_line};

/// So many of something: `1 check`, `2 checks`.
pub fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
