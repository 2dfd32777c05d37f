//! Text by the screenful, for a person who reads it.

use super::heading::is_heading;
use crate::lesson::Block;
use crate::lesson::shown::comparable;
use crate::paint::Paint;
use crate::screen::{Screen, laid_out};
use vethlab_programs::Console;

/// How many rows of text are shown at the least below what a command has printed, which may scroll away by as many.
const LEAST: usize = 4;

/// From how many rows on a paragraph may be cut to fill them.
const WORTH_FILLING: usize = 10;

/// A line that a command printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Printed {
    /// The line as it can be compared.
    pub(super) text: String,
    /// Its row, counted from the first one that was shown.
    pub(super) row: usize,
}

impl Printed {
    /// The lines of a text that ends above a row.
    pub(super) fn lines(text: &str, end: usize, width: usize) -> impl Iterator<Item = Printed> {
        let mut row = end.saturating_sub(rows(text, width));
        text.lines().map(move |line| {
            let printed = Printed { text: comparable(line), row };
            row += rows_of(&visible(line), width);
            printed
        })
    }
}

/// How far a screen is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screenful {
    /// How many rows stand there: the line that was typed, and what commands printed below it.
    pub taken: usize,
    /// How many rows of text wait to be shown below them.
    pub text: usize,
    /// How many rows there can be.
    pub most: usize,
}

impl Screenful {
    /// How many rows of text are shown before the reader is waited for.
    fn room(&self) -> usize {
        self.most.saturating_sub(self.taken).max(LEAST)
    }

    /// The first row that the reader still sees beside a line of text that is added now, where so many rows were shown
    /// before this screenful and there will be so many more rows of text. `None` where that line comes on a later screen.
    pub(super) fn in_sight(&self, before: usize, more: usize) -> Option<usize> {
        let room = self.room();
        let last = before + self.taken + room.min(self.text + more);
        (self.text < room).then(|| last.saturating_sub(self.most))
    }
}

/// How many rows of the screen a block takes.
pub(super) fn rows_of_block(block: &Block, screen: &dyn Screen) -> usize {
    // A blank line follows it.
    1 + rows(&laid_out(block, screen.width(), Paint::PLAIN), screen.width())
}

/// Gathers the text of a lesson, to show it by the screenful. What programs print goes straight to the screen: a shell
/// does not hold it back either.
pub(super) struct Pages<'s> {
    screen: &'s mut dyn Screen,
    text: String,
    /// Whether a program prints.
    in_program: bool,
    /// How many rows of the screen are taken, the line that was typed among them.
    taken: usize,
}

impl<'s> Pages<'s> {
    pub(super) fn new(screen: &'s mut dyn Screen) -> Pages<'s> {
        Pages { screen, text: String::new(), in_program: false, taken: 1 }
    }

    /// Shows as much as fits; the rest, and how many rows stand there now.
    pub(super) fn finish(self) -> (String, usize) {
        let rest = show(&self.text, self.taken, self.screen);
        let shown = &self.text[..self.text.len() - rest.len()];
        let rows = self.taken + rows(shown, self.screen.width());
        (rest, rows)
    }

    /// Shows all that was gathered so far.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            self.taken += rows(&text, self.screen.width());
            self.screen.out(&text);
        }
    }
}

impl Console for Pages<'_> {
    vethlab_programs::pass_console_on!(screen: interrupted, interactive, width, pace, live, save);

    fn out(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.in_program {
            self.flush();
            self.taken += rows(text, self.screen.width());
            self.screen.out(text);
        } else {
            self.text.push_str(text);
        }
    }
    /// It waits for its reader as the text of the lesson does.
    fn page(&mut self, text: &str) {
        self.text.push_str(text);
    }
    fn err(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.flush();
        self.taken += rows(text, self.screen.width());
        self.screen.err(text);
    }
}

impl Screen for Pages<'_> {
    fn paint(&self) -> Paint {
        self.screen.paint()
    }
    fn height(&self) -> Option<usize> {
        self.screen.height()
    }
    fn screenful(&self) -> Option<Screenful> {
        let most = whole(self.screen.height()?);
        Some(Screenful { taken: self.taken, text: rows(&self.text, self.screen.width()), most })
    }
    fn begin_program(&mut self, virtual_time: bool) {
        self.flush();
        self.in_program = true;
        self.screen.begin_program(virtual_time);
    }
    fn end_program(&mut self) {
        self.in_program = false;
        self.screen.end_program();
    }
}

/// Shows as much of a text as fits on the screen below the rows that are taken, with a row left for the prompt; the rest.
pub fn show(text: &str, taken: usize, screen: &mut dyn Screen) -> String {
    let Some(height) = screen.height() else {
        screen.out(text);
        return String::new();
    };
    let whole = whole(height);
    let (page, rest) = split(text, whole.saturating_sub(taken).max(LEAST), whole, screen.width());
    screen.out(page);
    rest.to_owned()
}

/// How many rows a screen of this height has above the prompt.
fn whole(height: usize) -> usize {
    height.saturating_sub(1).max(LEAST)
}

/// The beginning of a text that fits into so many rows, and the rest: where it can be between two paragraphs, and not
/// behind a colon or a heading. The beginning is empty where the next paragraph fits on a whole screen, and not here.
fn split(text: &str, room: usize, whole: usize, width: usize) -> (&str, &str) {
    let (mut used, mut place) = (0, 0);
    let (mut between, mut behind_colon, mut cut) = (0, 0, None);
    // The first line of the paragraph, and the one before this.
    let (mut first, mut last) = (String::new(), String::new());
    for line in text.split_inclusive('\n') {
        let plain = visible(line);
        let is_blank = plain.trim().is_empty();
        if is_blank && !last.trim().is_empty() {
            behind_colon = place;
            if !last.trim_end().ends_with(':') && !is_heading(&first) {
                between = place;
            }
        }
        let more = rows_of(&plain, width);
        if used + more > room && !is_blank {
            cut = Some(place);
            break;
        }
        used += more;
        place += line.len();
        if last.trim().is_empty() {
            first.clone_from(&plain);
        }
        last = plain;
    }
    let Some(cut) = cut else {
        // A blank line at the end is not worth a row that scrolls away.
        let end = text.trim_end_matches('\n').len() + 1;
        return (if used > room { &text[..end.min(text.len())] } else { text }, "");
    };
    let at = match (between, behind_colon) {
        (0, 0) if room >= WORTH_FILLING || first_paragraph(text, width) > whole => cut,
        (0, 0) => 0,
        (0, place) | (place, _) => place,
    };
    let (page, rest) = text.split_at(at);
    (page, rest.trim_start_matches('\n'))
}

/// How many rows a text has up to its first blank line.
fn first_paragraph(text: &str, width: usize) -> usize {
    let lines = text.lines().map(visible).take_while(|line| !line.trim().is_empty());
    lines.map(|line| rows_of(&line, width)).sum()
}

/// How many rows of a screen a text takes.
pub(super) fn rows(text: &str, width: usize) -> usize {
    text.lines().map(|line| rows_of(&visible(line), width)).sum()
}

fn rows_of(plain: &str, width: usize) -> usize {
    plain.trim_end().chars().count().div_ceil(width.max(1)).max(1)
}

/// A line without what sets its colour.
fn visible(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\x1b' {
            characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_between_paragraphs() {
        let text = "one\ntwo\n\nthree\nfour\nfive\n\nsix\n";
        assert_eq!(split(text, 8, 8, 80), (text, ""));
        assert_eq!(split("one\ntwo\n\n", 2, 8, 80), ("one\ntwo\n", ""));
        assert_eq!(split(text, 7, 8, 80), ("one\ntwo\n\nthree\nfour\nfive\n", "six\n"));
        assert_eq!(split(text, 5, 8, 80), ("one\ntwo\n", "three\nfour\nfive\n\nsix\n"));
    }

    #[test]
    fn what_is_said_before_a_figure_stays_with_it() {
        let text = "one\n\ntwo:\n\n  figure\n  figure\n";
        assert_eq!(split(text, 5, 8, 80), ("one\n", "two:\n\n  figure\n  figure\n"));
        let text = "one\n\nStep 1 of 2  [#####-----]  Two\n\nthree\nfour\n";
        assert_eq!(split(text, 5, 8, 80), ("one\n", "Step 1 of 2  [#####-----]  Two\n\nthree\nfour\n"));
        assert_eq!(split("two:\n\n  figure\n  figure\n", 3, 8, 80).0, "two:\n");
    }

    #[test]
    fn a_paragraph_is_cut_only_where_it_must_be() {
        let long: String = (0..30).map(|line| format!("{line}\n")).collect();
        let (page, rest) = split(&long, 23, 23, 80);
        assert_eq!((page.lines().count(), rest.lines().count()), (23, 7));
        // It waits for a screen of its own.
        assert_eq!(split("one\ntwo\nthree\n", 2, 8, 80), ("", "one\ntwo\nthree\n"));
    }

    #[test]
    fn long_lines_take_rows_and_colours_take_none() {
        assert_eq!(rows(&"x".repeat(81), 80), 2);
        assert_eq!(rows("\x1b[1m\x1b[4mone\x1b[0m\n\ntwo", 4), 3);
    }
}
