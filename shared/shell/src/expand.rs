//! From words as written to what they stand for.

use crate::System;
use crate::arithmetic;
use crate::fields::{self, Field, Piece};
use crate::state::State;
use crate::{room, syntax};
use brush_parser::word::{self, BraceExpressionMember, BraceExpressionOrText, TildeExpr, WordPiece};

/// How many words the braces of one may make.
const MOST_OF_BRACES: usize = 1 << 16;

/// Why a word cannot be expanded now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// First this script has to be run: what it prints is a part of the word.
    Needs(String),
    /// It cannot: the command is not run. Where it is `fatal`, a script ends.
    Error { text: String, fatal: bool },
    /// It uses this, which is not modelled.
    NotModelled(String),
}

impl Trouble {
    pub(crate) fn error(text: impl Into<String>) -> Trouble {
        Trouble::Error { text: text.into(), fatal: true }
    }

    /// One that ends a line, and not the script.
    pub(crate) fn discards(text: String) -> Trouble {
        Trouble::Error { text, fatal: false }
    }
}

pub(crate) type Expanded<T> = Result<T, Trouble>;

/// Expands words, with what the scripts among them have printed so far.
pub(crate) struct Expander<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) system: &'a mut dyn System,
    /// What the substitutions have printed, in the order in which they are met.
    pub(crate) results: &'a [String],
    /// How many of these have been met.
    pub(crate) met: usize,
}

impl Expander<'_> {
    /// The fields that words stand for, split, and with names of files for patterns.
    pub(crate) fn words(&mut self, words: &[String]) -> Expanded<Vec<String>> {
        let mut all = Vec::new();
        for word in words {
            for word in braces(word)? {
                for field in self.fields(&word)? {
                    self.globbed(&field, &mut all);
                }
            }
        }
        Ok(all)
    }

    fn globbed(&mut self, field: &Field, all: &mut Vec<String>) {
        if !self.state.options.noglob
            && let Some(names) = fields::names(field, &mut || self.system.paths())
            && (!names.is_empty() || self.state.options.nullglob)
        {
            all.extend(names);
        } else {
            all.push(fields::text(field));
        }
    }

    fn fields(&mut self, word: &str) -> Expanded<Vec<Field>> {
        let pieces = self.pieces(word)?;
        let separators = self.state.value("IFS").unwrap_or(" \t\n").to_owned();
        Ok(fields::split(&pieces, &separators))
    }

    /// What a word stands for, unsplit: the value of an assignment, the word of a `case`.
    pub(crate) fn single(&mut self, word: &str) -> Expanded<String> {
        Ok(fields::joined(&self.pieces(word)?))
    }

    /// A word as a pattern.
    pub(crate) fn pattern(&mut self, word: &str) -> Expanded<String> {
        Ok(fields::as_pattern(&self.pieces(word)?))
    }

    /// The body of a here-document.
    pub(crate) fn document(&mut self, text: &str) -> Expanded<String> {
        let mut pieces = Vec::new();
        room::for_text(text, || {
            let parsed = word::parse_heredoc(text, &syntax::options()).map_err(|_| bad_substitution(text))?;
            parsed.iter().try_for_each(|piece| self.piece(&piece.piece, true, &mut pieces))
        })?;
        Ok(fields::joined(&pieces))
    }

    /// The value of an arithmetic expression as written.
    pub(crate) fn arithmetic(&mut self, text: &str) -> Expanded<i64> {
        if !text.contains(['$', '`', '\\', '"', '\'']) {
            return arithmetic::value(text, self.state).map_err(Trouble::discards);
        }
        let mut pieces = Vec::new();
        room::for_text(text, || {
            parse(text)?.iter().try_for_each(|piece| self.piece(&piece.piece, true, &mut pieces))
        })?;
        arithmetic::value(&fields::joined(&pieces), self.state).map_err(Trouble::discards)
    }

    pub(crate) fn pieces(&mut self, word: &str) -> Expanded<Vec<Piece>> {
        let mut pieces = Vec::new();
        // Most words are nothing but letters.
        if !word.contains(['$', '`', '\\', '"', '\'', '~']) {
            pieces.push(Piece::plain(word));
            return Ok(pieces);
        }
        room::for_text(word, || {
            parse(word)?.iter().try_for_each(|piece| self.piece(&piece.piece, false, &mut pieces))
        })?;
        Ok(pieces)
    }

    fn piece(&mut self, piece: &WordPiece, quoted: bool, out: &mut Vec<Piece>) -> Expanded<()> {
        match piece {
            WordPiece::Text(text) => out.push(Piece::Text { text: text.clone(), quoted }),
            WordPiece::SingleQuotedText(text) => out.push(Piece::quoted(text.clone())),
            WordPiece::AnsiCQuotedText(text) => out.push(Piece::quoted(ansi_c(text))),
            WordPiece::DoubleQuotedSequence(inner) | WordPiece::GettextDoubleQuotedSequence(inner) => {
                let before = out.len();
                for piece in inner {
                    self.piece(&piece.piece, true, out)?;
                }
                // `""` is a field, and `"$@"` without words is none.
                if out.len() == before && (inner.is_empty() || !is_all_words(inner)) {
                    out.push(Piece::quoted(""));
                }
            }
            WordPiece::TildeExpansion(tilde) => {
                let home = match tilde {
                    TildeExpr::Home => self.state.value("HOME").unwrap_or("/root").to_owned(),
                    TildeExpr::UserHome(user) if user == "root" => "/root".to_owned(),
                    TildeExpr::UserHome(user) => format!("~{user}"),
                    TildeExpr::WorkingDir => self.state.value("PWD").unwrap_or("~+").to_owned(),
                    TildeExpr::OldWorkingDir => self.state.value("OLDPWD").unwrap_or("~-").to_owned(),
                    _ => return Err(Trouble::NotModelled("~N".to_owned())),
                };
                out.push(Piece::quoted(home));
            }
            WordPiece::ParameterExpansion(expression) => self.parameter(expression, quoted, out)?,
            WordPiece::CommandSubstitution(script) => {
                let text = self.substitute(script)?;
                out.push(if quoted { Piece::quoted(text) } else { Piece::Split(text) });
            }
            WordPiece::BackquotedCommandSubstitution(script) => {
                let text = self.substitute(&unbackquoted(script, quoted))?;
                out.push(if quoted { Piece::quoted(text) } else { Piece::Split(text) });
            }
            WordPiece::EscapeSequence(sequence) => {
                let letter = sequence.strip_prefix('\\').unwrap_or(sequence);
                if letter != "\n" {
                    out.push(Piece::quoted(letter));
                }
            }
            WordPiece::ArithmeticExpression(expression) => {
                let value = self.arithmetic(&expression.value)?.to_string();
                out.push(if quoted { Piece::quoted(value) } else { Piece::Split(value) });
            }
        }
        Ok(())
    }

    fn substitute(&mut self, script: &str) -> Expanded<String> {
        let result = self.results.get(self.met).cloned();
        self.met += 1;
        result.ok_or_else(|| Trouble::Needs(script.to_owned()))
    }
}

fn is_all_words(inner: &[word::WordPieceWithSource]) -> bool {
    use word::{Parameter, ParameterExpr, SpecialParameter};
    inner.iter().all(|piece| {
        let WordPiece::ParameterExpansion(ParameterExpr::Parameter { parameter, .. }) = &piece.piece else {
            return false;
        };
        matches!(
            parameter,
            Parameter::Special(SpecialParameter::AllPositionalParameters { concatenate: false })
                | Parameter::NamedWithAllIndices { concatenate: false, .. }
        )
    })
}

fn parse(word: &str) -> Expanded<Vec<word::WordPieceWithSource>> {
    word::parse(word, &syntax::options()).map_err(|_| bad_substitution(word))
}

fn bad_substitution(word: &str) -> Trouble {
    Trouble::discards(format!("{word}: bad substitution"))
}

/// A script between backquotes: there a backslash before one of these is none of it.
fn unbackquoted(script: &str, quoted: bool) -> String {
    let mut text = String::with_capacity(script.len());
    let mut letters = script.chars().peekable();
    while let Some(letter) = letters.next() {
        let escapes = letter == '\\'
            && letters
                .peek()
                .is_some_and(|next| matches!(next, '$' | '`' | '\\') || (quoted && *next == '"'));
        text.extend(if escapes { letters.next() } else { Some(letter) });
    }
    text
}

/// The words that the braces of a word make: `{1..3}`, `{a,b}`.
fn braces(word: &str) -> Expanded<Vec<String>> {
    if !word.contains('{') || !(word.contains(',') || word.contains("..")) {
        return Ok(vec![word.to_owned()]);
    }
    if is_padded(word) {
        return Err(Trouble::NotModelled(word.to_owned()));
    }
    room::for_text(word, || match word::parse_brace_expansions(word, &syntax::options()) {
        Ok(Some(parts)) => combined(&parts),
        Ok(None) | Err(_) => Ok(vec![word.to_owned()]),
    })
}

/// Whether a sequence has numbers with zeros in front, which the parser does not keep.
fn is_padded(word: &str) -> bool {
    let padded = |rest: &str| {
        let rest = rest.trim_start_matches('-');
        rest.starts_with('0') && rest[1..].starts_with(|letter: char| letter.is_ascii_digit())
    };
    word.contains("..") && (word.split('{').skip(1).any(padded) || word.split("..").skip(1).any(padded))
}

fn combined(parts: &[BraceExpressionOrText]) -> Expanded<Vec<String>> {
    let mut words = vec![String::new()];
    for part in parts {
        let choices = match part {
            BraceExpressionOrText::Text(text) => vec![text.clone()],
            BraceExpressionOrText::Expr(members) => {
                let mut choices = Vec::new();
                for member in members {
                    match member {
                        BraceExpressionMember::Child(parts) => choices.extend(combined(parts)?),
                        BraceExpressionMember::NumberSequence { start, end, increment } => {
                            choices.extend(sequence(*start, *end, *increment)?.iter().map(i64::to_string));
                        }
                        BraceExpressionMember::CharSequence { start, end, increment } => {
                            let codes = sequence(
                                i64::from(u32::from(*start)),
                                i64::from(u32::from(*end)),
                                *increment,
                            )?;
                            let letters = codes
                                .iter()
                                .filter_map(|code| u32::try_from(*code).ok().and_then(char::from_u32));
                            choices.extend(letters.map(String::from));
                        }
                    }
                }
                choices
            }
        };
        if words.len().saturating_mul(choices.len()) > MOST_OF_BRACES {
            return Err(Trouble::error("brace expansion: too many words"));
        }
        words = words
            .iter()
            .flat_map(|word| choices.iter().map(move |choice| format!("{word}{choice}")))
            .collect();
    }
    Ok(words)
}

fn sequence(start: i64, end: i64, increment: i64) -> Expanded<Vec<i64>> {
    let step = increment.unsigned_abs().max(1);
    let count = start.abs_diff(end) / step + 1;
    if count > MOST_OF_BRACES as u64 {
        return Err(Trouble::error("brace expansion: too many words"));
    }
    let at = |number: u64| {
        let offset = i64::try_from(number * step).unwrap_or(i64::MAX);
        if start <= end { start.saturating_add(offset) } else { start.saturating_sub(offset) }
    };
    Ok((0..count).map(at).collect())
}

/// `$'…'`.
fn ansi_c(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\x07'),
            Some('b') => out.push('\x08'),
            Some('e' | 'E') => out.push('\x1b'),
            Some('f') => out.push('\x0c'),
            Some('v') => out.push('\x0b'),
            Some(digit @ '0'..='7') => out.extend(number(Some(digit), 8, 3, &mut letters)),
            Some('x') => out.extend(number(None, 16, 2, &mut letters)),
            Some('u') => out.extend(number(None, 16, 4, &mut letters)),
            Some('U') => out.extend(number(None, 16, 8, &mut letters)),
            Some(other @ ('\\' | '\'' | '"' | '?')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// The character of this number, of so many digits at the most.
fn number(
    first: Option<char>,
    radix: u32,
    most: usize,
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Option<char> {
    let mut digits: String = first.into_iter().collect();
    while digits.len() < most && letters.peek().is_some_and(|next| next.is_digit(radix)) {
        digits.extend(letters.next());
    }
    u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32)
}
