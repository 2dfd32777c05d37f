//! From text to a tree, within bounds.

use crate::code::Code;
use crate::compile;
use brush_parser::ast::Program;
use brush_parser::{ParseError, Parser, ParserOptions, TokenizerError};
use std::fmt;
use std::sync::Arc;

/// How long a script may be at the most, in bytes.
pub const LONGEST: usize = 1 << 18;

/// How deep braces, parentheses and compound commands may lie within each other: the parser goes down as deep as they do.
const DEEPEST: usize = 40;

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
        let tree = tree(text)?;
        compile::script(&tree, text).map(Arc::new).map(Script)
    }
}

pub(crate) fn options() -> ParserOptions {
    ParserOptions { enable_extended_globbing: false, ..ParserOptions::default() }
}

fn tree(text: &str) -> Result<Program, Problem> {
    if text.len() > LONGEST || depth(text) > DEEPEST {
        return Err(Problem::TooLarge);
    }
    let parse = |text: &str| Parser::new(text.as_bytes(), &options()).parse_program();
    let lines = text.lines().count().max(1);
    parse(text).map_err(|error| match error {
        // The parser says the same of a last word that may not stand there: that one stays wrong with a line behind it.
        ParseError::ParsingAtEndOfInput => match parse(&format!("{}\n:\n", text.trim_end())) {
            Err(ParseError::ParsingNear(place)) if place.line <= lines => {
                let last = text.split_whitespace().next_back().unwrap_or("newline");
                Problem::Syntax { line: lines, what: format!("syntax error near unexpected token `{last}'") }
            }
            _ => Problem::Incomplete {
                line: lines + 1,
                what: "syntax error: unexpected end of file".to_owned(),
            },
        },
        ParseError::ParsingNear(place) => near(text, place.line, place.column),
        ParseError::Tokenizing { inner, position } => {
            let line = opened(&inner).or(position.map(|place| place.line)).unwrap_or(lines);
            let what = tokenizing(&inner);
            if inner.is_incomplete() {
                Problem::Incomplete { line, what }
            } else {
                Problem::Syntax { line, what }
            }
        }
    })
}

fn near(text: &str, line: usize, column: usize) -> Problem {
    let token = token(text, line, column);
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

/// How deep things may lie within each other at the most: what opens, as if nothing were quoted, and what closes only
/// where it stands by itself, so that the answer is never too low.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'{' | b'[' | b'`' => depth += 1,
            b')' | b'}' | b']' => depth = depth.saturating_sub(1),
            b'\n' | b';' => {}
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let words = text.split(|c: char| c.is_whitespace() || c == ';');
    let (mut nested, mut most) = (0_usize, 0);
    for word in words {
        match word {
            "if" | "case" | "for" | "while" | "until" | "!" => nested += 1,
            "fi" | "esac" | "done" => nested = nested.saturating_sub(1),
            _ => {}
        }
        most = most.max(nested);
    }
    let backquotes = text.bytes().filter(|byte| *byte == b'`').count();
    // Each pair of backquotes that stands by itself has been counted as two that open.
    deepest.saturating_sub(backquotes) + most
}

/// Whether a text is one command or several, and no part of one: a prompt asks for more lines otherwise.
pub fn is_complete(text: &str) -> bool {
    !matches!(tree(text), Err(Problem::Incomplete { .. }))
}

/// Whether the first word of a text may begin what ends in another line.
pub fn begins_compound(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(|word| KEYWORDS.contains(&word))
}

/// Whether words, as a line was split into them, are those of a command without any grammar: a program and its words.
pub fn is_plain(words: &[String], line: &str) -> bool {
    let Some(first) = words.first() else { return true };
    let assigns =
        first.split_once('=').is_some_and(|(name, _)| crate::state::is_name(name.trim_end_matches('+')));
    let braces = line.contains('{') && !line.contains('\'') && !line.contains('"');
    !(assigns || braces || KEYWORDS.contains(&first.as_str()) || crate::BUILTINS.contains(&first.as_str()))
}
