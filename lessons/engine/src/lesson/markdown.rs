//! A Markdown file as pieces: front matter, headings, prose, fenced blocks.

use super::LessonError;

/// A piece of a file, with the line that it begins in, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<T = String> {
    /// Counted from 1.
    pub line: usize,
    /// What it holds.
    pub content: Content<T>,
}

/// What a piece holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<T = String> {
    /// The text of a `## ` heading.
    Heading(T),
    /// Everything else, line by line.
    Prose(T),
    /// A fenced block; its text begins in the line after [`Piece::line`].
    Fence {
        /// What stands behind the opening fence.
        info: T,
        /// The text between the fences.
        body: T,
    },
}

/// A file taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<T = String> {
    /// The TOML between the two `---` lines; it begins in line 2.
    pub front_matter: T,
    /// What stands below it, in order.
    pub pieces: Vec<Piece<T>>,
}

/// The line that the front matter's text begins in.
pub const FRONT_MATTER_LINE: usize = 2;

/// Takes a file apart. Each line of the pieces ends with a line feed alone.
pub fn parse(text: &str) -> Result<Document, LessonError> {
    let Document { front_matter, pieces } = borrowed(text)?;
    let owned = |Piece { line, content }: Piece<&str>| {
        let content = match content {
            Content::Heading(text) => Content::Heading(text.to_owned()),
            Content::Prose(text) => Content::Prose(whole_lines(text)),
            Content::Fence { info, body } => {
                Content::Fence { info: info.to_owned(), body: whole_lines(body) }
            }
        };
        Piece { line, content }
    };
    Ok(Document { front_matter: whole_lines(front_matter), pieces: pieces.into_iter().map(owned).collect() })
}

/// A text whose lines all end with a line feed alone.
fn whole_lines(text: &str) -> String {
    if text.contains('\r') {
        return text.lines().flat_map(|line| [line, "\n"]).collect();
    }
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}")
}

/// Takes a file apart, without copying any of it: lines end as they do there.
pub(super) fn borrowed(text: &str) -> Result<Document<&str>, LessonError> {
    let mut lines = Lines { text, place: 0, number: 0 };
    if lines.next().is_none_or(|line| line.text.trim_end() != "---") {
        return Err(LessonError::at(1, "a lesson begins with a line '---', then id, title and minutes"));
    }
    let Some(front_matter) = lines.until(|line| line.trim_end() == "---") else {
        return Err(LessonError::at(1, "the front matter is never closed: put a line '---' below it"));
    };
    let mut pieces: Vec<Piece<&str>> = Vec::new();
    // Where prose that goes on has begun.
    let mut prose: Option<usize> = None;
    while let Some(Line { number, start, text: line }) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            prose = None;
            pieces.push(Piece { line: number, content: Content::Heading(heading.trim()) });
        } else if let Some((fence, info)) = opening_fence(line) {
            prose = None;
            let Some(body) = lines.until(|line| line.trim_end() == fence) else {
                return Err(LessonError::at(
                    number,
                    format!("the block is never closed: put '{fence}' below it"),
                ));
            };
            pieces.push(Piece { line: number, content: Content::Fence { info, body } });
        } else if let (Some(begin), Some(Piece { content: Content::Prose(so_far), .. })) =
            (prose, pieces.last_mut())
        {
            *so_far = &text[begin..lines.place];
        } else if !line.trim().is_empty() {
            prose = Some(start);
            pieces.push(Piece { line: number, content: Content::Prose(&text[start..lines.place]) });
        }
    }
    Ok(Document { front_matter, pieces })
}

/// The lines of a text, one after another.
struct Lines<'a> {
    text: &'a str,
    /// Where the next one begins.
    place: usize,
    /// The number of the last one, from 1.
    number: usize,
}

/// A line, without what ends it.
struct Line<'a> {
    number: usize,
    start: usize,
    text: &'a str,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.place;
        let rest = &self.text[start..];
        if rest.is_empty() {
            return None;
        }
        // Most lines are short: a search that gets ready first is slower.
        let (text, length) = match rest.bytes().position(|byte| byte == b'\n') {
            Some(end) => (rest[..end].strip_suffix('\r').unwrap_or(&rest[..end]), end + 1),
            None => (rest, rest.len()),
        };
        self.place += length;
        self.number += 1;
        Some(Line { number: self.number, start, text })
    }

    /// The lines before the first that ends the block, which is taken too.
    fn until(&mut self, ends: impl Fn(&str) -> bool) -> Option<&'a str> {
        let begin = self.place;
        while let Some(line) = self.next() {
            if ends(line.text) {
                return Some(&self.text[begin..line.start]);
            }
        }
        None
    }
}

/// The run of three or more back quotes that a line begins with, and the info string behind it.
fn opening_fence(line: &str) -> Option<(&str, &str)> {
    if !line.starts_with("```") {
        return None;
    }
    let info = line.trim_start_matches('`');
    let fence = &line[..line.len() - info.len()];
    (!info.contains('`')).then(|| (fence, info.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_apart() {
        let text = "---\nid = 1\n---\n\n# A\n\ntext\n\n## B \n```` x y\n```\n\n````\n\nend";
        let prose = |line, text: &str| Piece { line, content: Content::Prose(text.to_owned()) };
        let fence = Content::Fence { info: "x y".to_owned(), body: "```\n\n".to_owned() };
        let expected = Document {
            front_matter: "id = 1\n".to_owned(),
            pieces: vec![
                prose(5, "# A\n\ntext\n\n"),
                Piece { line: 9, content: Content::Heading("B".to_owned()) },
                Piece { line: 10, content: fence },
                prose(15, "end\n"),
            ],
        };
        assert_eq!(parse(text), Ok(expected.clone()));
        assert_eq!(parse(&text.replace('\n', "\r\n")), Ok(expected));
    }
}
