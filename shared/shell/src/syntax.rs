//! From text to a tree, within bounds.

use crate::code::Code;
use crate::{compile, room};
use brush_parser::ast::Program;
use brush_parser::{ParseError, Parser, ParserOptions, TokenizerError};
use std::fmt;
use std::sync::Arc;

/// How long a script may be at the most, in bytes.
pub const LONGEST: usize = 1 << 18;

/// Words that have a meaning of their own where a command begins.
const KEYWORDS: &[&str] = &[
    "!", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "{", "}",
];

/// A script that can be run.
#[derive(Clone, Debug)]
pub struct Script(pub(crate) Arc<Code>);

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It ends within a command: more lines may complete it.
    Incomplete {
        /// The line that bash names, from 1.
        line: usize,
        /// What it says.
        what: String,
    },
    /// It is none.
    Syntax {
        /// In this line, from 1.
        line: usize,
        /// What bash says.
        what: String,
    },
    /// It uses this, which is not modelled.
    NotModelled(String),
    /// It is longer than [`LONGEST`], or its parts lie deeper within each other than is taken.
    TooLarge,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Incomplete { line, what } | Problem::Syntax { line, what } => {
                write!(f, "line {line}: {what}")
            }
            Problem::NotModelled(what) => write!(f, "'{what}' is not modelled"),
            Problem::TooLarge => {
                write!(f, "the script is too long, or its parts lie too deep within each other")
            }
        }
    }
}

impl std::error::Error for Problem {}

impl Script {
    /// Takes a text apart.
    ///
    /// # Errors
    /// It is no script, or uses what is not modelled: nothing of it is run then.
    pub fn parse(text: &str) -> Result<Script, Problem> {
        with_tree(text, |tree| compile::script(tree, text))?.map(Arc::new).map(Script)
    }
}

pub(crate) fn options() -> ParserOptions {
    ParserOptions { enable_extended_globbing: false, ..ParserOptions::default() }
}

/// Takes a text apart, and does something with its tree.
fn with_tree<T>(text: &str, act: impl FnOnce(&Program) -> T) -> Result<T, Problem> {
    if text.len() > LONGEST || room::is_too_deep(text) {
        return Err(Problem::TooLarge);
    }
    // The tree is as deep as its text, and goes where there is room for it.
    room::for_text(text, || match parsed(text) {
        Ok(tree) => Ok(act(&tree)),
        Err(error) => Err(problem(error, text)),
    })
}

fn parsed(text: &str) -> Result<Program, ParseError> {
    Parser::new(text.as_bytes(), &options()).parse_program()
}

/// Why a text cannot be taken apart.
fn problem(error: ParseError, text: &str) -> Problem {
    let lines = text.lines().count().max(1);
    match error {
        // The parser says the same of a last word that may not stand there: that one stays wrong with a line behind it.
        ParseError::ParsingAtEndOfInput => match parsed(&format!("{}\n:\n", text.trim_end())) {
            Err(ParseError::ParsingNear(place)) if place.line <= lines => {
                unexpected(text.split_whitespace().next_back().unwrap_or("newline"), lines)
            }
            _ => Problem::Incomplete {
                line: lines + 1,
                what: "syntax error: unexpected end of file".to_owned(),
            },
        },
        ParseError::ParsingNear(place) => unexpected(&token(text, place.line, place.column), place.line),
        ParseError::Tokenizing { inner, position } => {
            let line = opened(&inner).or(position.map(|place| place.line)).unwrap_or(lines);
            let what = tokenizing(&inner);
            if inner.is_incomplete() {
                Problem::Incomplete { line, what }
            } else {
                Problem::Syntax { line, what }
            }
        }
    }
}

fn unexpected(token: &str, line: usize) -> Problem {
    Problem::Syntax { line, what: format!("syntax error near unexpected token `{token}'") }
}

/// The line in which a quote was opened that is not closed.
fn opened(error: &TokenizerError) -> Option<usize> {
    match error {
        TokenizerError::UnterminatedSingleQuote(place)
        | TokenizerError::UnterminatedAnsiCQuote(place)
        | TokenizerError::UnterminatedDoubleQuote(place)
        | TokenizerError::UnterminatedBackquote(place) => Some(place.line),
        _ => None,
    }
}

/// What bash says of a text that cannot be taken apart.
fn tokenizing(error: &TokenizerError) -> String {
    let unclosed = |what: char| format!("unexpected EOF while looking for matching `{what}'");
    match error {
        TokenizerError::UnterminatedSingleQuote(_) | TokenizerError::UnterminatedAnsiCQuote(_) => {
            unclosed('\'')
        }
        TokenizerError::UnterminatedDoubleQuote(_) => unclosed('"'),
        TokenizerError::UnterminatedBackquote(_) => unclosed('`'),
        TokenizerError::UnterminatedVariable => unclosed('}'),
        TokenizerError::UnterminatedCommandSubstitution | TokenizerError::UnterminatedExpansion => {
            unclosed(')')
        }
        TokenizerError::UnterminatedHereDocuments(tag, _) => {
            format!("here-document delimited by end-of-file (wanted `{}')", tag.trim_matches(['"', '\'']))
        }
        other => format!("syntax error: {other}"),
    }
}

/// The word or operator at a place of a text.
fn token(text: &str, line: usize, column: usize) -> String {
    let rest: String = text
        .lines()
        .nth(line.saturating_sub(1))
        .unwrap_or_default()
        .chars()
        .skip(column.saturating_sub(1))
        .collect();
    let rest = rest.trim_start();
    let operators = ["&&", "||", ";;", "<<", ">>", "|", "&", ";", "(", ")", "<", ">"];
    if let Some(operator) = operators.iter().find(|operator| rest.starts_with(**operator)) {
        return (*operator).to_owned();
    }
    let end = rest.find([' ', '\t', ';', '&', '|', '(', ')', '<', '>']).unwrap_or(rest.len());
    if end == 0 { "newline".to_owned() } else { rest[..end].to_owned() }
}

/// Whether a text is one command or several, and no part of one: a prompt asks for more lines otherwise.
pub fn is_complete(text: &str) -> bool {
    !matches!(with_tree(text, |_| ()), Err(Problem::Incomplete { .. }))
}

/// Whether words, as a line was split into them, are those of a command without any grammar: a program and its words.
pub fn is_plain(words: &[String], line: &str) -> bool {
    let Some(first) = words.first() else { return true };
    let assigns = crate::state::assigned(first).is_some();
    let braces = line.contains('{') && !line.contains('\'') && !line.contains('"');
    !(assigns || braces || KEYWORDS.contains(&first.as_str()) || crate::BUILTINS.contains(&first.as_str()))
}
