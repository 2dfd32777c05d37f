//! Where in a file something stands.

use vethlab_engine::lesson::markdown::{Content, Piece};

/// The line in which the blocks of these kinds hold a text; else that of the first such block, or 0.
///
/// A command can stand in a block of commands, over several lines, or between quotes in a case.
pub(crate) fn line_of(pieces: &[Piece], kinds: &[&str], text: &str) -> usize {
    let blocks = || pieces.iter().filter_map(fence).filter(|fence| fence.is_one_of(kinds));
    let held = blocks().find_map(|fence| {
        let number = fence.body.lines().position(|line| holds(line, text))?;
        Some(fence.line + 1 + number)
    });
    held.or_else(|| blocks().next().map(|fence| fence.line)).unwrap_or(0)
}

fn holds(line: &str, text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let begins = line.trim_end().strip_suffix('\\').map(str::trim);
    line.contains(text) || begins.is_some_and(|begin| !begin.is_empty() && text.starts_with(begin))
}

/// A fenced block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fence<'a> {
    /// The line of the opening fence.
    pub(crate) line: usize,
    pub(crate) info: &'a str,
    pub(crate) body: &'a str,
}

impl Fence<'_> {
    /// The word behind `vethlab`, or the first one.
    pub(crate) fn kind(&self) -> &str {
        let mut words = self.info.split_whitespace();
        match words.next() {
            Some("vethlab") => words.next().unwrap_or_default(),
            word => word.unwrap_or_default(),
        }
    }

    /// Whether it is one for vethlab, and not one that is only shown.
    pub(crate) fn acts(&self) -> bool {
        self.info.split_whitespace().next() == Some("vethlab")
    }

    fn is_one_of(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.kind())
    }
}

/// A piece as a fenced block, if it is one.
pub(crate) fn fence(piece: &Piece) -> Option<Fence<'_>> {
    match &piece.content {
        Content::Fence { info, body } => Some(Fence { line: piece.line, info, body }),
        _ => None,
    }
}

/// The pieces of each step: its heading and what stands below it.
pub(crate) fn steps(pieces: &[Piece]) -> Vec<&[Piece]> {
    let is_heading = |piece: &Piece| matches!(piece.content, Content::Heading(_));
    let sections = pieces.chunk_by(|_, next| !is_heading(next));
    sections.filter(|section| section.first().is_some_and(is_heading)).collect()
}
