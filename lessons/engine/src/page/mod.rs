//! Markdown as lines for a terminal: paragraphs, lists, quotes, headings, tables.

mod inline;
mod table;

use crate::paint::Paint;
use inline::{words, wrap};
use vethlab_explain::dissect::wrap as wrap_plain;

/// Longer lines are hard to read, however wide the terminal.
const WIDEST: usize = 88;
/// Shorter lines are harder still.
const NARROWEST: usize = 24;

/// How far an item of a list may stand to the right.
const DEEPEST: usize = 12;
/// How many digits the number of an item has at most, as in `CommonMark`. An item leaves room for its text at any width.
const MOST_DIGITS: usize = 9;

/// How far what is typed or printed stands to the right of what is said about it.
const BESIDE: usize = 4;
/// How far text stands to the right of what it stands below.
const BELOW: usize = 6;

/// Lays out prose: no line is longer than the width, save for a word that is.
pub fn prose(markdown: &str, width: usize, paint: Paint) -> String {
    let width = width.clamp(NARROWEST, WIDEST);
    let mut page = String::new();
    for block in blocks(markdown) {
        if !page.is_empty() && !block.tight {
            page.push('\n');
        }
        match block.kind {
            Kind::Heading => page.push_str(&format!("{}\n", paint.heading(&block.text))),
            Kind::Table => page.push_str(&table::lay_out(&block.text, width, paint)),
            Kind::Paragraph => {
                let (first, others) = (block.indent.clone(), " ".repeat(block.indent.chars().count()));
                let lines = wrap(words(&block.text, paint), width - first.chars().count());
                for (number, line) in lines.iter().enumerate() {
                    let indent = if number == 0 { &first } else { &others };
                    page.push_str(&format!("{indent}{}\n", line.text));
                }
            }
        }
    }
    page
}

/// Text beside a beginning that is so many characters wide, its other lines below its first; where too little room is
/// left, below the beginning.
pub fn beside(begin: &str, begin_width: usize, text: &str, width: usize) -> String {
    let width = width.clamp(NARROWEST, WIDEST);
    let indent = if begin_width + NARROWEST <= width { begin_width } else { BELOW };
    let gap = format!("\n{:indent$}", "");
    let lines = wrap_plain(text, width - indent).join(&gap);
    let begin = if indent == begin_width { begin.to_owned() } else { begin.trim_end().to_owned() + &gap };
    format!("{begin}{lines}\n")
}

/// Text as it is, moved to the right: less far where it would not fit any more.
pub fn verbatim(text: &str, width: usize) -> String {
    let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let indent = width.checked_sub(longest).map_or(BESIDE, |room| room.min(BESIDE));
    text.lines().map(|line| format!("{:indent$}{line}", "").trim_end().to_owned() + "\n").collect()
}

/// Commands to type. Without colour a `$` stands before each: something must tell them from what is printed.
pub fn commands(commands: &[String], paint: Paint) -> String {
    let mark = if paint.has_colour() { "" } else { "$ " };
    commands.iter().map(|command| format!("    {mark}{}\n", paint.code(command))).collect()
}

enum Kind {
    Heading,
    Paragraph,
    Table,
}

/// Lines that belong together.
struct Block {
    kind: Kind,
    text: String,
    /// What stands before the first line, and as much room before the others.
    indent: String,
    /// Whether it follows the block before without a blank line.
    tight: bool,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in markdown.lines() {
        let text = line.trim();
        if text.is_empty() {
            open = false;
            continue;
        }
        let in_table = open && matches!(blocks.last(), Some(Block { kind: Kind::Table, .. }));
        let begun = begin(line);
        let goes_on = match &begun {
            Some(Block { kind: Kind::Table, .. }) => in_table,
            Some(_) => false,
            None => open && !in_table,
        };
        if let (true, Some(block)) = (goes_on, blocks.last_mut()) {
            block.text.push('\n');
            block.text.push_str(text);
        } else {
            let tight = open;
            let paragraph = || Block {
                kind: Kind::Paragraph,
                text: text.to_owned(),
                indent: String::new(),
                tight: false,
            };
            blocks.push(Block { tight, ..begun.unwrap_or_else(paragraph) });
        }
        open = !text.starts_with('#');
    }
    blocks
}

/// The block that a line begins, where its first characters say so.
fn begin(line: &str) -> Option<Block> {
    let text = line.trim_start();
    let outer = (line.len() - text.len()).min(DEEPEST);
    let block = |kind, text: &str, indent: String| {
        Some(Block { kind, text: text.trim_end().to_owned(), indent, tight: false })
    };
    if text.starts_with('|') {
        return block(Kind::Table, text, String::new());
    }
    let marker_length = text.find(' ')?;
    let (marker, rest) = (&text[..marker_length], text[marker_length..].trim_start());
    let number = marker.strip_suffix('.').is_some_and(|number| {
        (1..=MOST_DIGITS).contains(&number.len()) && number.bytes().all(|c| c.is_ascii_digit())
    });
    match marker {
        "-" | "*" | "+" => block(Kind::Paragraph, rest, format!("{}- ", " ".repeat(outer))),
        ">" => block(Kind::Paragraph, rest, "  ".to_owned()),
        "#" | "##" | "###" | "####" => block(Kind::Heading, rest, String::new()),
        _ if number => block(Kind::Paragraph, rest, format!("{}{marker} ", " ".repeat(outer))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(markdown: &str, width: usize) -> String {
        prose(markdown, width, Paint::PLAIN)
    }

    #[test]
    fn paragraphs_are_filled_to_the_width() {
        let page = plain("one two three\nfour five six seven eight\n\nnine\n", 24);
        assert_eq!(page, "one two three four five\nsix seven eight\n\nnine\n");
        assert_eq!(plain("", 80), "");
    }

    #[test]
    fn no_line_is_longer_than_the_width() {
        let text =
            "A **bold** word, `some code here`, and a [link](https://example.org) to follow. ".repeat(9);
        for width in 24..100 {
            let page = plain(&text, width);
            assert!(page.lines().all(|line| line.chars().count() <= width.min(WIDEST)), "{width}\n{page}");
        }
    }

    #[test]
    fn text_stands_beside_or_below() {
        assert_eq!(beside("one  ", 5, "a b", 80), "one  a b\n");
        let text = "two three four five six seven";
        assert_eq!(beside("one  ", 5, text, 30), "one  two three four five six\n     seven\n");
        assert_eq!(beside("one  ", 5, text, 28), "one\n      two three four five\n      six seven\n");
    }

    #[test]
    fn lists_hang_and_quotes_stand_back() {
        let page = plain("List:\n- one two three four five\n- six\n2. seven\n\n> eight\n> nine\n", 24);
        assert_eq!(page, "List:\n- one two three four\n  five\n- six\n2. seven\n\n  eight\n  nine\n");
    }

    #[test]
    fn however_deep_a_list_is_there_is_room_for_its_text() {
        let spaces = " ".repeat(70_000);
        for marker in ["-", "123456789.", &format!("{}.", "1".repeat(70_000))] {
            let page = plain(&format!("{spaces}{marker} one two"), NARROWEST);
            assert!(page.contains("one") && page.len() < 71_000, "{} bytes", page.len());
        }
        assert_eq!(plain("    - one", 80), "    - one\n");
    }

    #[test]
    fn commands_do_not_look_like_what_is_printed() {
        assert_eq!(commands(&["ip link".to_owned()], Paint::PLAIN), "    $ ip link\n");
        assert_eq!(verbatim("1: lo:\n", 80), "    1: lo:\n");
    }

    #[test]
    fn what_is_printed_stays_within_the_width_where_it_can() {
        for (width, text) in [(9, "    12345\n"), (8, "   12345\n"), (5, "12345\n"), (4, "    12345\n")] {
            assert_eq!(verbatim("12345\n", width), text, "{width}");
        }
    }

    #[test]
    fn headings_stand_alone() {
        assert_eq!(plain("# One\ntext\n", 80), "One\n\ntext\n");
    }
}
