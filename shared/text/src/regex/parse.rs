//! Regular expressions as text, read in the dialect of each tool.
//!
//! Where dialects differ: whether operators have a backslash, what an operator means that stands first, which escapes
//! there are, and what is wrong. The C library's `regcomp` reads those of sed and expr (`re_syntax_options`), `dfa.c` of
//! gnulib those of grep, and mawk its own.

use super::brackets;
use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, Look, Repetition};

/// How deep groups may stand in each other.
const DEPTH: usize = 60;

/// The largest number in braces, as in the C library.
const MOST_REPEATED: u32 = 32767;

/// Whose expressions these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `grep`, `grep -E`.
    Grep,
    /// `sed`, `sed -E`.
    Sed,
    /// `expr`.
    Expr,
    /// mawk, whose braces stand for themselves.
    Awk,
}

/// How an expression is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syntax {
    pub(crate) dialect: Dialect,
    /// Whether operators have no backslash.
    pub(crate) extended: bool,
    /// Whether letters of both cases are the same.
    pub(crate) fold: bool,
    /// Whether it is asked what groups match.
    pub(crate) groups: bool,
}

/// Why an expression is not taken.
pub(super) enum Fault {
    Message(&'static str),
    Refused(String),
}

/// What was read.
pub(super) struct Read {
    pub(super) hir: Hir,
    pub(super) groups: usize,
    pub(super) warnings: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    End,
    Byte(u8),
    Any,
    Open,
    Close,
    Bar,
    Star,
    Plus,
    Question,
    Brace,
    Caret,
    Dollar,
    Bracket,
    /// A word's letter, or white space; the second says whether all others are meant.
    Word(bool),
    Space(bool),
    Look(Look),
    Back(u8),
}

/// Reads an expression.
pub(super) fn parse(text: &[u8], syntax: &Syntax) -> Result<Read, Fault> {
    let mut parser =
        Parser { text, at: 0, syntax, depth: 0, groups: 0, closed: Vec::new(), warnings: Vec::new() };
    let hir = parser.alternation()?;
    Ok(Read { hir, groups: parser.groups as usize, warnings: parser.warnings })
}

/// What matches one byte.
pub(crate) fn byte(byte: u8, fold: bool) -> Hir {
    if fold && byte.is_ascii_alphabetic() {
        let both = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
        return class(both.map(|byte| (byte, byte)));
    }
    Hir::literal([byte])
}

/// What matches a byte in one of these ranges.
pub(super) fn class(ranges: impl IntoIterator<Item = (u8, u8)>) -> Hir {
    let ranges = ranges.into_iter().map(|(low, high)| ClassBytesRange::new(low, high));
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    syntax: &'a Syntax,
    depth: usize,
    groups: u32,
    /// The groups that have ended.
    closed: Vec<u32>,
    warnings: Vec<String>,
}

/// How often what stands before is repeated.
type Times = (u32, Option<u32>);

impl Parser<'_> {
    fn is(&self, dialect: Dialect) -> bool {
        self.syntax.dialect == dialect
    }

    /// The next token, and how many bytes it has.
    fn token(&self) -> Result<(Token, usize), Fault> {
        let Some(&first) = self.text.get(self.at) else { return Ok((Token::End, 0)) };
        if first == b'\\' {
            return self.escaped();
        }
        let extended = self.syntax.extended;
        let token = match first {
            b'.' => Token::Any,
            b'[' => Token::Bracket,
            b'*' => Token::Star,
            b'^' => Token::Caret,
            b'$' => Token::Dollar,
            b'(' if extended => Token::Open,
            b')' if extended => Token::Close,
            b'|' if extended => Token::Bar,
            b'+' if extended => Token::Plus,
            b'?' if extended => Token::Question,
            b'{' if extended && !self.is(Dialect::Awk) => Token::Brace,
            byte => Token::Byte(byte),
        };
        Ok((token, 1))
    }

    fn escaped(&self) -> Result<(Token, usize), Fault> {
        let Some(&second) = self.text.get(self.at + 1) else {
            return if self.is(Dialect::Awk) {
                Ok((Token::Byte(b'\\'), 1))
            } else {
                Err(Fault::Message("Trailing backslash"))
            };
        };
        if self.is(Dialect::Awk) {
            return Ok((Token::Byte(second), 2));
        }
        let basic = !self.syntax.extended;
        let token = match second {
            b'(' if basic => Token::Open,
            b')' if basic => Token::Close,
            b'|' if basic => Token::Bar,
            b'+' if basic => Token::Plus,
            b'?' if basic => Token::Question,
            b'{' if basic => Token::Brace,
            b'w' => Token::Word(true),
            b'W' => Token::Word(false),
            b's' => Token::Space(true),
            b'S' => Token::Space(false),
            b'<' => Token::Look(Look::WordStartAscii),
            b'>' => Token::Look(Look::WordEndAscii),
            b'b' => Token::Look(Look::WordAscii),
            b'B' => Token::Look(Look::WordAsciiNegate),
            b'`' => Token::Look(Look::Start),
            b'\'' => Token::Look(Look::End),
            b'1'..=b'9' => Token::Back(second - b'0'),
            b'n' if self.is(Dialect::Sed) => Token::Byte(b'\n'),
            byte => Token::Byte(byte),
        };
        Ok((token, 2))
    }

    fn alternation(&mut self) -> Result<Hir, Fault> {
        let mut branches = vec![self.branch()?];
        while let (Token::Bar, length) = self.token()? {
            self.at += length;
            branches.push(self.branch()?);
        }
        Ok(Hir::alternation(branches))
    }

    fn branch(&mut self) -> Result<Hir, Fault> {
        let mut pieces = Vec::new();
        // Whether nothing stands before, and whether that is an anchor alone.
        let mut first = true;
        loop {
            let (token, length) = self.token()?;
            let ends = match token {
                Token::End => {
                    if self.depth > 0 {
                        return Err(Fault::Message(self.unclosed()));
                    }
                    true
                }
                Token::Bar => true,
                Token::Close => self.depth > 0,
                _ => false,
            };
            if ends {
                break;
            }
            let begin = self.at;
            self.at += length;
            let (piece, anchor) = self.atom(token, begin, first, pieces.is_empty())?;
            pieces.push(match anchor {
                // To `dfa.c` an anchor is as any other piece; to `regcomp` it is not.
                true if !self.is(Dialect::Grep) || (first && !self.syntax.extended) => piece,
                _ => self.repeated(piece, anchor && first)?,
            });
            first = first && anchor;
        }
        if pieces.is_empty() && self.is(Dialect::Awk) {
            // An expression without a letter matches everywhere; a part of one must be something.
            if self.depth > 0 || !self.text.is_empty() {
                return Err(Fault::Message("missing operand"));
            }
        }
        Ok(Hir::concat(pieces))
    }

    fn unclosed(&self) -> &'static str {
        if self.is(Dialect::Awk) { "missing ')'" } else { "Unmatched ( or \\(" }
    }

    /// Reads one thing that can be repeated. The second value says that it is an anchor which cannot, or nothing.
    fn atom(&mut self, token: Token, begin: usize, first: bool, nothing: bool) -> Result<(Hir, bool), Fault> {
        let fold = self.syntax.fold;
        let hir = match token {
            Token::Byte(value) => byte(value, fold),
            Token::Any => self.any(),
            Token::Word(true) => class([(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]),
            Token::Word(false) => class([(0, b'/'), (b':', b'@'), (b'[', b'^'), (b'`', b'`'), (b'{', 255)]),
            Token::Space(true) => class([(9, 13), (b' ', b' ')]),
            Token::Space(false) => class([(0, 8), (14, 31), (33, 255)]),
            Token::Bracket => {
                let (ranges, length) =
                    brackets::read(&self.text[self.at..], self.syntax).map_err(Fault::Message)?;
                self.at += length;
                class(ranges)
            }
            Token::Open => self.group()?,
            Token::Look(look) => return Ok((Hir::look(look), true)),
            Token::Caret => return Ok(self.caret(nothing)),
            Token::Dollar => return self.dollar(),
            Token::Close
                if !self.syntax.extended || matches!(self.syntax.dialect, Dialect::Sed | Dialect::Expr) =>
            {
                return Err(Fault::Message("Unmatched ) or \\)"));
            }
            Token::Close => byte(b')', fold),
            Token::Back(number) => {
                return if self.closed.contains(&u32::from(number)) {
                    Err(Fault::Refused(format!("\\{number}")))
                } else {
                    Err(Fault::Message("Invalid back reference"))
                };
            }
            Token::Star | Token::Plus | Token::Question | Token::Brace => {
                return self.nothing_repeated(token, begin, first);
            }
            Token::End | Token::Bar => Hir::empty(),
        };
        Ok((hir, false))
    }

    fn any(&self) -> Hir {
        match self.syntax.dialect {
            Dialect::Grep => class([(1, b'\n' - 1), (b'\n' + 1, 255)]),
            Dialect::Expr => class([(1, 255)]),
            Dialect::Sed | Dialect::Awk => class([(0, 255)]),
        }
    }

    fn caret(&self, nothing: bool) -> (Hir, bool) {
        if self.syntax.extended {
            return (Hir::look(Look::Start), true);
        }
        if nothing { (Hir::look(Look::Start), true) } else { (byte(b'^', false), false) }
    }

    fn dollar(&self) -> Result<(Hir, bool), Fault> {
        let last = || Ok(matches!(self.token()?.0, Token::End | Token::Bar | Token::Close));
        let anchor = self.syntax.extended || last()?;
        Ok(if anchor { (Hir::look(Look::End), true) } else { (byte(b'$', false), false) })
    }

    /// An operator with nothing before it that it could repeat.
    fn nothing_repeated(&mut self, token: Token, begin: usize, first: bool) -> Result<(Hir, bool), Fault> {
        let invalid = Err(Fault::Message("Invalid preceding regular expression"));
        let sign = match token {
            Token::Plus => b'+',
            Token::Question => b'?',
            Token::Brace => b'{',
            _ => b'*',
        };
        match self.syntax.dialect {
            Dialect::Awk => Err(Fault::Message(
                if first && self.at > 1 && self.text[self.at - 2] == b'^' && sign != b'?' {
                    "syntax error ^* or ^+"
                } else {
                    "missing operand"
                },
            )),
            Dialect::Grep if self.syntax.extended => {
                if token == Token::Brace && self.braces()?.is_none() {
                    return Ok((byte(b'{', false), false));
                }
                // grep's two readers differ in what these are.
                if token == Token::Brace {
                    return Err(Fault::Refused("-E with braces that repeat nothing".to_owned()));
                }
                // Nothing is repeated: the operator is read once more, as one.
                self.at = begin;
                Ok((Hir::empty(), true))
            }
            _ if self.syntax.extended => invalid,
            // Of the operators with a backslash, braces are no letters.
            _ if token == Token::Brace && !self.is(Dialect::Grep) => invalid,
            _ => Ok((byte(sign, false), false)),
        }
    }

    fn group(&mut self) -> Result<Hir, Fault> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Fault::Refused(format!("more than {DEPTH} groups in each other")));
        }
        self.groups += 1;
        let index = self.groups;
        let sub = self.alternation()?;
        // It ended at what closes the group: at the end of the text it is an error.
        self.at += self.token()?.1;
        self.depth -= 1;
        self.closed.push(index);
        if !self.syntax.groups {
            return Ok(sub);
        }
        Ok(Hir::capture(Capture { index, name: None, sub: Box::new(sub) }))
    }

    /// Reads how often a piece is repeated: any number of operators. grep warns of those that stand first.
    fn repeated(&mut self, piece: Hir, warn: bool) -> Result<Hir, Fault> {
        let mut piece = piece;
        // Operators that follow each other come to one where they can, so that they do not stand in each other.
        let mut pending: Option<Times> = None;
        let mut nested = 0;
        loop {
            let (token, length) = self.token()?;
            let begin = self.at;
            self.at += length;
            let times = match token {
                Token::Star => Some((0, None)),
                Token::Plus => Some((1, None)),
                Token::Question => Some((0, Some(1))),
                Token::Brace => self.braces()?,
                _ => None,
            };
            if pending.is_some()
                && self.is(Dialect::Sed)
                && !self.syntax.extended
                && matches!(token, Token::Star | Token::Brace)
            {
                return Err(Fault::Message("Invalid preceding regular expression"));
            }
            let Some(times) = times else {
                self.at = begin;
                break;
            };
            if warn {
                if token == Token::Brace {
                    return Err(Fault::Refused("-E with braces that repeat nothing".to_owned()));
                }
                let sign = char::from(self.text[begin]);
                self.warnings.push(format!("warning: {sign} at start of expression"));
            }
            let simple = |(least, most): Times| least <= 1 && (most.is_none() || most == Some(1));
            pending = Some(match pending {
                None => times,
                Some(before) if simple(before) && simple(times) => {
                    let most = before.1.and(times.1);
                    (before.0.min(times.0), most)
                }
                Some(before) => {
                    nested += 1;
                    if nested > DEPTH {
                        return Err(Fault::Message("Regular expression too big"));
                    }
                    piece = repetition(piece, before);
                    times
                }
            });
        }
        Ok(match pending {
            Some(times) => repetition(piece, times),
            None => piece,
        })
    }

    /// Reads what stands in braces, which are open. `None`: they stand for themselves.
    fn braces(&mut self) -> Result<Option<Times>, Fault> {
        let begin = self.at;
        let least = self.number();
        let comma = self.text.get(self.at) == Some(&b',');
        self.at += usize::from(comma);
        let most = if comma { self.number() } else { least };
        let end: &[u8] = if self.syntax.extended { b"}" } else { b"\\}" };
        let closed = self.text[self.at..].starts_with(end);
        let ordered = match (least, most) {
            (Some(least), Some(most)) => least <= most,
            (None, None) => comma,
            (None, Some(_)) | (Some(_), None) => comma,
        };
        if closed && ordered {
            let too_big = |number: Option<u32>| number.is_some_and(|number| number > MOST_REPEATED);
            if too_big(least) || too_big(most) {
                return Err(Fault::Message("Regular expression too big"));
            }
            self.at += end.len();
            return Ok(Some((least.unwrap_or(0), most)));
        }
        let read = self.at;
        if self.is(Dialect::Grep) && self.syntax.extended && !closed {
            // `dfa.c` takes what is no interval as letters (RE_INVALID_INTERVAL_ORD).
            self.at = begin;
            return Ok(None);
        }
        Err(Fault::Message(
            if read >= self.text.len()
                || self.syntax.dialect != Dialect::Grep
                    && !closed
                    && !self.text[read..].windows(end.len()).any(|part| part == end)
            {
                "Unmatched \\{"
            } else {
                "Invalid content of \\{\\}"
            },
        ))
    }

    fn number(&mut self) -> Option<u32> {
        let begin = self.at;
        let mut number: u32 = 0;
        while let Some(digit) = self.text.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            number = number.saturating_mul(10).saturating_add(u32::from(digit - b'0')).min(MOST_REPEATED + 1);
            self.at += 1;
        }
        (self.at > begin).then_some(number)
    }
}

fn repetition(sub: Hir, (min, max): Times) -> Hir {
    Hir::repetition(Repetition { min, max, greedy: true, sub: Box::new(sub) })
}
