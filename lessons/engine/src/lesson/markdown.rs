//! A Markdown file as pieces: front matter, headings, prose, fenced blocks.

use super::LessonError;

/// A piece of a file, with the line that it begins in, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Counted from 1.
    pub line: usize,
    /// What it holds.
    pub content: Content,
}

/// What a piece holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The text of a `## ` heading.
    Heading(String),
    /// Everything else, line by line.
    Prose(String),
    /// A fenced block; its text begins in the line after [`Piece::line`].
    Fence {
        /// What stands behind the opening fence.
        info: String,
        /// The text between the fences.
        body: String,
    },
}

/// A file taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The TOML between the two `---` lines; it begins in line 2.
    pub front_matter: String,
    /// What stands below it, in order.
    pub pieces: Vec<Piece>,
}

/// The line that the front matter's text begins in.
pub const FRONT_MATTER_LINE: usize = 2;

/// Takes a file apart.
pub fn parse(text: &str) -> Result<Document, LessonError> {
    let mut lines = (1..).zip(text.lines());
    if lines.next().is_none_or(|(_, line)| line.trim_end() != "---") {
        return Err(LessonError::at(1, "a lesson begins with a line '---', then id, title and minutes"));
    }
    let Some(front_matter) = until(&mut lines, |line| line.trim_end() == "---") else {
        return Err(LessonError::at(1, "the front matter is never closed: put a line '---' below it"));
    };
    let mut pieces: Vec<Piece> = Vec::new();
    while let Some((line, text)) = lines.next() {
        if let Some(heading) = text.strip_prefix("## ") {
            pieces.push(Piece { line, content: Content::Heading(heading.trim().to_owned()) });
        } else if let Some((fence, info)) = opening_fence(text) {
            let Some(body) = until(&mut lines, |line| line.trim_end() == fence) else {
                return Err(LessonError::at(
                    line,
                    format!("the block is never closed: put '{fence}' below it"),
                ));
            };
            pieces.push(Piece { line, content: Content::Fence { info, body } });
        } else if let Some(Piece { content: Content::Prose(prose), .. }) = pieces.last_mut() {
            prose.push_str(text);
            prose.push('\n');
        } else if !text.trim().is_empty() {
            pieces.push(Piece { line, content: Content::Prose(format!("{text}\n")) });
        }
    }
    Ok(Document { front_matter, pieces })
}

/// The lines before the first that ends the block, which is taken too.
fn until<'a>(
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
    ends: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut body = String::new();
    for (_, line) in lines {
        if ends(line) {
            return Some(body);
        }
        body.push_str(line);
        body.push('\n');
    }
    None
}

/// The run of three or more back quotes that a line begins with, and the info string behind it.
fn opening_fence(line: &str) -> Option<(String, String)> {
    let info = line.trim_start_matches('`');
    let fence = &line[..line.len() - info.len()];
    (fence.len() >= 3 && !info.contains('`')).then(|| (fence.to_owned(), info.trim().to_owned()))
}
