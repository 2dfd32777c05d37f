//! Rules for what is read: headings, links, words behind `vethlab start`, drawings.

use super::place::fence;
use super::report::{Notes, Trial};
use super::rule::Rule;
use std::collections::BTreeSet;
use vethlab_engine::lesson::markdown::{Content, Piece};

/// The columns that a drawing may have: a terminal's 80 without those that it is moved to the right by.
const WIDEST: usize = 76;

/// What a text may name.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The files of the folder.
    pub(super) files: BTreeSet<String>,
    /// What can stand behind `vethlab start`.
    pub(super) words: BTreeSet<String>,
    /// How many lessons the longest pack has: they can be named by their number.
    pub(super) lessons: usize,
}

/// Looks at a file's pieces as they are written.
pub(super) fn check(pieces: &[Piece], known: &Known, notes: &mut Notes<'_>) {
    for piece in pieces {
        if let Content::Heading(title) = &piece.content
            && title.is_empty()
        {
            empty_heading(piece.line, notes);
        }
        for (line, text) in lines(piece) {
            if is_prose(piece) {
                let bare = without_code(text);
                if matches!(piece.content, Content::Prose(_)) && is_empty_heading(text) {
                    empty_heading(line, notes);
                }
                for target in link_targets(&bare) {
                    link(line, target, known, notes);
                }
            }
            if fence(piece).is_none_or(|fence| fence.kind() != "text") {
                for word in started(text) {
                    start(line, word, known, notes);
                }
            }
        }
    }
}

/// Looks at the drawings of one edition.
pub(super) fn widths(drawn: &[Piece], trial: Trial, notes: &mut Notes<'_>) {
    // What commands print is as wide as it is.
    let drawings = drawn.iter().filter(|piece| fence(piece).is_some_and(|f| !f.acts() && f.kind() != "text"));
    for (line, text) in drawings.flat_map(lines) {
        let width = text.chars().count();
        if width > WIDEST {
            let problem =
                format!("the line is {width} columns wide: a terminal breaks it, and the drawing with it");
            notes.add_in(trial, Rule::Wide, line, problem, format_args!("Make it {WIDEST} columns or less"));
        }
    }
}

/// The lines of a piece, with their numbers.
fn lines(piece: &Piece) -> impl Iterator<Item = (usize, &str)> {
    let (first, text) = match &piece.content {
        Content::Heading(title) => (piece.line, title.as_str()),
        Content::Prose(text) => (piece.line, text.as_str()),
        Content::Fence { body, .. } => (piece.line + 1, body.as_str()),
    };
    (first..).zip(text.lines())
}

/// Whether a piece holds Markdown.
fn is_prose(piece: &Piece) -> bool {
    fence(piece).is_none_or(|fence| fence.acts() && ["prose", "hint", "case"].contains(&fence.kind()))
}

fn is_empty_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    rest.len() < line.len() && rest.trim().is_empty()
}

fn empty_heading(line: usize, notes: &mut Notes<'_>) {
    notes.add(
        Rule::Empty,
        line,
        "the heading is empty",
        "Write behind the '#' what the part is about, or take the line out",
    );
}

fn link(line: usize, target: &str, known: &Known, notes: &mut Notes<'_>) {
    let elsewhere = target.contains("://") || target.starts_with("mailto:") || target.starts_with('#');
    let file = target.split('#').next().unwrap_or_default();
    if !elsewhere && !target.contains('{') && !known.files.contains(file) {
        let problem = format!("the link leads to '{target}', and there is no such file in the folder");
        let fix = "Write the name of a file of this folder, or an address that begins with https://";
        notes.add(Rule::BrokenLink, line, problem, fix);
    }
}

fn start(line: usize, word: &str, known: &Known, notes: &mut Notes<'_>) {
    let number = word.parse::<usize>().is_ok_and(|number| (1..=known.lessons).contains(&number));
    if !number && !known.words.contains(word) {
        let problem = format!("'vethlab start {word}' starts nothing: no lesson or exercise has this id");
        let fix = "Write the 'id' of a lesson or an exercise of this pack, or one that 'vethlab list' shows";
        notes.add(Rule::UnknownLesson, line, problem, fix);
    }
}

/// A line without what stands between back quotes.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Where the links of a line lead: `[text](target)`.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.trim())
}

/// The words behind `vethlab start` that are no option and no placeholder.
fn started(line: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '/';
    line.split("vethlab start ").skip(1).filter_map(move |rest| {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches(['-', '/']);
        (!word.is_empty() && !word.starts_with('-') && !rest[end..].starts_with('{')).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_words_are_found() {
        let line = without_code("See [one](a.md), `[no](b.md)` and [two](https://example.org/x).");
        assert_eq!(link_targets(&line).collect::<Vec<_>>(), ["a.md", "https://example.org/x"]);
        let words: Vec<&str> = started(
            "`vethlab start veth`, vethlab start --seed 7, vethlab start LESSON, vethlab start p/arp.",
        )
        .collect();
        assert_eq!(words, ["veth", "p/arp"]);
        assert!(
            is_empty_heading("## ")
                && is_empty_heading("#")
                && !is_empty_heading("# a")
                && !is_empty_heading("")
        );
    }
}
