//! The words of a command line, taken apart as a POSIX shell does.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Why a line cannot be taken apart into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SplitError {
    /// A quote is never closed.
    UnclosedQuote(char),
    /// The shell would do something here that vethlab does not.
    NotModelled(String),
    /// It has so many bytes, which is more than a command may have.
    TooLong(usize),
}

/// Words of a line, which those who keep them share.
#[derive(Clone, Debug, Default)]
pub struct WordList {
    line: Arc<[String]>,
    /// How many words of the line stand before them.
    before: usize,
}

impl WordList {
    /// Those behind the first so many, which are no more than there are.
    #[must_use]
    pub fn behind(&self, count: usize) -> WordList {
        WordList { line: Arc::clone(&self.line), before: self.before + count.min(self.len()) }
    }
}

impl Deref for WordList {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.line[self.before..]
    }
}

impl From<Vec<String>> for WordList {
    fn from(words: Vec<String>) -> WordList {
        WordList { line: words.into(), before: 0 }
    }
}

impl PartialEq for WordList {
    fn eq(&self, other: &WordList) -> bool {
        **self == **other
    }
}

impl Eq for WordList {}

/// The file that is always empty.
const NOWHERE: &str = "/dev/null";

/// The longest command, in bytes: as much as Linux takes for one word of a command (`MAX_ARG_STRLEN`). So no program has to
/// read more.
pub const LONGEST: usize = 128 << 10;

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SplitError::UnclosedQuote(quote) => write!(f, "the quote {quote} is never closed"),
            SplitError::NotModelled(what) => write!(f, "'{what}' is not modelled"),
            SplitError::TooLong(length) => {
                write!(f, "a command has {LONGEST} bytes at most, and this one has {length}")
            }
        }
    }
}

impl std::error::Error for SplitError {}

/// Splits a line into words as a POSIX shell does (XCU section 2.2): quotes, backslashes, `#` comments.
///
/// # Errors
/// The line is longer than [`LONGEST`], a quote is left open, or it uses what only a whole shell has: pipes, lists, redirections,
/// variables, substitutions and patterns.
pub fn split(line: &str) -> Result<Vec<String>, SplitError> {
    command(line).map(|(words, _)| words)
}

/// Whether a line holds no word: nothing but white space and a comment.
pub fn is_blank(line: &str) -> bool {
    let place = line.bytes().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    let begin = &line[place.unwrap_or(line.len())..];
    match begin.chars().next() {
        None | Some('#') => true,
        // One at the end of a line is none of its words.
        Some('\\') => split(begin) == Ok(Vec::new()),
        Some(_) => false,
    }
}

/// A line without the white space around it that belongs to none of its words: the words stay the same.
pub fn trim(line: &str) -> &str {
    let line = line.trim_start_matches(is_white);
    let trimmed = line.trim_end_matches(is_white);
    // Behind a backslash it is a character of a word.
    let is_cut = trimmed.ends_with('\\') && command(trimmed) != command(line);
    if is_cut { &line[..=trimmed.len()] } else { trimmed }
}

fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// Where the standard input of a command comes from, where the line says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nowhere: it is empty (`</dev/null`).
    Nowhere,
    /// From what this command prints (`… |`).
    Command(Vec<String>),
}

/// A line, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The words of the command; behind a `|` those of the last one.
    pub words: Vec<String>,
    /// Whether an `&` at the end sends it to the background.
    pub background: bool,
    /// Where its standard input comes from, where the line says it.
    pub input: Option<Input>,
}

/// As [`split`], and whether an `&` at the end sends the command to the background.
///
/// # Errors
/// As [`split`].
pub fn command(line: &str) -> Result<(Vec<String>, bool), SplitError> {
    let line = self::line(line)?;
    match line.input {
        None => Ok((line.words, line.background)),
        Some(Input::Nowhere) => Err(SplitError::NotModelled("<".to_owned())),
        Some(Input::Command(_)) => Err(SplitError::NotModelled("|".to_owned())),
    }
}

/// As [`command`], and where its standard input comes from: `… | …`, once, and `</dev/null`.
///
/// # Errors
/// As [`split`].
pub fn line(line: &str) -> Result<Line, SplitError> {
    let trimmed = line.trim_matches(is_white);
    // A comment is none of a command.
    if trimmed.len() > LONGEST && !trimmed.starts_with('#') {
        return Err(SplitError::TooLong(trimmed.len()));
    }
    // Most commands have no more.
    let mut words = Vec::with_capacity(8);
    let mut word: Option<String> = None;
    let mut input = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\n' | '\r' => {
                if let Some(word) = word.take() {
                    words.push(word);
                }
            }
            '#' if word.is_none() => break,
            '\'' => {
                let text = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('\'') => break,
                        Some(inner) => text.push(inner),
                        None => return Err(SplitError::UnclosedQuote('\'')),
                    }
                }
            }
            '"' => {
                let text = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('"') => break,
                        Some('\\') => match characters.next() {
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => text.push(escaped),
                            Some('\n') => {}
                            Some(other) => text.extend(['\\', other]),
                            None => return Err(SplitError::UnclosedQuote('"')),
                        },
                        Some(special @ ('$' | '`')) => {
                            return Err(SplitError::NotModelled(special.to_string()));
                        }
                        Some(inner) => text.push(inner),
                        None => return Err(SplitError::UnclosedQuote('"')),
                    }
                }
            }
            '\\' => match characters.next() {
                Some('\n') | None => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            '|' | '&' | ';' | '<' | '>' | '(' | ')' => {
                let mut operator = character.to_string();
                if matches!(character, '|' | '&' | '<' | '>') && characters.as_str().starts_with(character) {
                    operator.push(character);
                    characters.next();
                }
                // A number right before it is a file's, and none of the words.
                let descriptor =
                    word.as_ref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
                if operator == "<" && descriptor {
                    return Err(SplitError::NotModelled(operator));
                }
                words.extend(word.take());
                let rest = characters.as_str().trim_start_matches(is_white);
                if operator == "&" && !words.is_empty() && (rest.is_empty() || rest.starts_with('#')) {
                    return Ok(Line { words, background: true, input });
                }
                if operator == "|" && !words.is_empty() && input.is_none() {
                    input = Some(Input::Command(std::mem::take(&mut words)));
                    continue;
                }
                if operator == "<"
                    && !words.is_empty()
                    && input.is_none()
                    && let Some(behind) = rest.strip_prefix(NOWHERE)
                    && !behind.starts_with(|next: char| {
                        !is_white(next) && !matches!(next, '&' | ';' | '|' | '<' | '>')
                    })
                {
                    input = Some(Input::Nowhere);
                    characters = behind.chars();
                    continue;
                }
                return Err(SplitError::NotModelled(operator));
            }
            '$' | '`' | '*' | '?' | '[' => return Err(SplitError::NotModelled(character.to_string())),
            '~' if word.is_none() => return Err(SplitError::NotModelled("~".to_owned())),
            other => {
                // Most of a line: taken piece by piece, not letter by letter.
                let rest = characters.as_str();
                let begin = line.len() - rest.len() - other.len_utf8();
                let end = rest
                    .bytes()
                    .position(has_meaning)
                    .map_or(line.len(), |place| line.len() - rest.len() + place);
                let plain = &line[begin..end];
                match &mut word {
                    Some(text) => text.push_str(plain),
                    None => word = Some(plain.to_owned()),
                }
                characters = line[end..].chars();
            }
        }
    }
    words.extend(word);
    if words.is_empty() && input.is_some() {
        return Err(SplitError::NotModelled("|".to_owned()));
    }
    Ok(Line { words, background: false, input })
}

/// Whether a byte within a word may mean more than itself. All that do are ASCII.
fn has_meaning(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'\'' | b'"' | b'\\' | b'|' | b'&' | b';' | b'<' | b'>' | b'(' | b')'
    ) || matches!(byte, b'$' | b'`' | b'*' | b'?' | b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        split(line).expect("a line of plain words")
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        assert_eq!(words("  ip  link\tshow "), ["ip", "link", "show"]);
        assert_eq!(words("a'b c'd \"e 'f' \\\" g\" \\# ''"), ["ab cd", "e 'f' \" g", "#", ""]);
        assert_eq!(words("ip link # all of them"), ["ip", "link"]);
        assert_eq!(words("a#b"), ["a#b"]);
        assert!(words("   # nothing").is_empty());
        for line in ["", " \t", "   # nothing", "\\", " \\", "\\a", "''", "a", "\u{a0}", "|", "'"] {
            assert_eq!(is_blank(line), split(line) == Ok(Vec::new()), "{line:?}");
        }
    }

    #[test]
    fn what_belongs_to_no_word_is_trimmed() {
        for (line, trimmed) in [
            ("  ip link \t\r\n", "ip link"),
            ("a \\  ", "a \\ "),
            ("a \\\\ ", "a \\\\"),
            ("'a \\' ", "'a \\'"),
            ("a # \\ ", "a # \\"),
            ("a \\\n", "a \\"),
            ("\u{a0}a\u{a0}", "\u{a0}a\u{a0}"),
            (" ", ""),
        ] {
            assert_eq!((trim(line), command(trim(line))), (trimmed, command(line)), "{line:?}");
        }
    }

    #[test]
    fn an_ampersand_at_the_end_sends_to_the_background() {
        for line in ["a b &", "a b& ", "a 'b' & # why"] {
            assert_eq!(command(line), Ok((vec!["a".to_owned(), "b".to_owned()], true)), "{line}");
        }
        for line in ["&", "a & b", "a &&"] {
            assert!(command(line).is_err(), "{line}");
        }
        let given = line("a 'b|' | c </dev/null");
        assert_eq!(given, Err(SplitError::NotModelled("<".to_owned())));
        let piped =
            Line { words: words("c d"), background: true, input: Some(Input::Command(words("a 'b|'"))) };
        assert_eq!(line("a 'b|'|c d &"), Ok(piped));
        let empty = Line { words: words("a b"), background: true, input: Some(Input::Nowhere) };
        for text in ["a </dev/null b &", "a b < /dev/null&"] {
            assert_eq!(line(text), Ok(empty.clone()), "{text}");
        }
        for text in
            ["a </dev/nullx", "a < b", "a 0</dev/null", "a |", "| a", "a | b | c", "</dev/null", "a | b |"]
        {
            assert!(line(text).is_err(), "{text}");
        }
        assert_eq!(command("a '&'"), Ok((vec!["a".to_owned(), "&".to_owned()], false)));
    }

    #[test]
    fn what_only_a_shell_has_is_refused() {
        for (line, what) in
            [("a && b", "&&"), ("a | b", "|"), ("a > b", ">"), ("echo $x", "$"), ("ls *", "*")]
        {
            assert_eq!(split(line), Err(SplitError::NotModelled(what.to_owned())), "{line}");
        }
        assert_eq!(split(&"a".repeat(LONGEST)).map(|words| words.len()), Ok(1));
        assert_eq!(split(&"a ".repeat(LONGEST / 2 + 1)), Err(SplitError::TooLong(LONGEST + 1)));
        for blank in [" ".repeat(LONGEST + 1), format!("# {}", "a".repeat(LONGEST))] {
            assert_eq!((split(&blank), is_blank(&blank)), (Ok(Vec::new()), true));
        }
        assert_eq!(split("'open"), Err(SplitError::UnclosedQuote('\'')));
        assert_eq!(split("\"open"), Err(SplitError::UnclosedQuote('"')));
    }
}
