//! The tools: a file each, or a folder.

mod amount;
mod awk;
mod basename;
mod cat;
mod column;
mod cut;
mod expr;
mod grep;
mod head;
mod nl;
mod printf;
mod sed;
mod seq;
mod sort;
mod tail;
mod tee;
mod tr;
mod turned;
mod uniq;
mod wc;

pub use tee::{Targets, tee_targets};

use crate::call::{Call, Stop};

type Tool = fn(&mut Call<'_>) -> Result<u8, Stop>;

/// Names of the tools that are modelled, sorted.
pub const TOOLS: &[&str] = &[
    "awk", "basename", "cat", "column", "cut", "dirname", "egrep", "expr", "false", "fgrep", "grep", "head",
    "mawk", "nl", "printf", "rev", "sed", "seq", "sort", "tac", "tail", "tee", "tr", "true", "uniq", "wc",
];

/// The tool of this name, and what it calls itself.
pub(crate) fn find(name: &str) -> Option<(&'static str, Tool)> {
    let name = TOOLS.iter().find(|known| **known == name)?;
    let (title, tool): (&str, Tool) = match *name {
        "awk" | "mawk" => (name, awk::run),
        "basename" => (name, basename::run),
        "cat" => (name, cat::run),
        "column" => (name, column::run),
        "cut" => (name, cut::run),
        "dirname" => (name, basename::dirname),
        "expr" => (name, expr::run),
        "false" => (name, |_| Ok(1)),
        "true" => (name, |_| Ok(0)),
        // Scripts, which call grep.
        "egrep" => ("grep", grep::extended),
        "fgrep" => ("grep", grep::fixed),
        "grep" => (name, grep::run),
        "head" => (name, head::run),
        "nl" => (name, nl::run),
        "printf" => (name, printf::run),
        "rev" => (name, turned::rev),
        "sed" => (name, sed::run),
        "seq" => (name, seq::run),
        "sort" => (name, sort::run),
        "tac" => (name, turned::tac),
        "tail" => (name, tail::run),
        "tee" => (name, tee::run),
        "tr" => (name, tr::run),
        "uniq" => (name, uniq::run),
        "wc" => (name, wc::run),
        _ => return None,
    };
    Some((title, tool))
}
