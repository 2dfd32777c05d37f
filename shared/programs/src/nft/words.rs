//! The words of a command, and what is said of one that is wrong.

use crate::Failure;

/// A word, or a sign.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    /// Where it begins in the line, and where what follows begins.
    pub(super) span: (usize, usize),
    /// Whether it stood in quotation marks.
    pub(super) quoted: bool,
}

/// The words of a line, one after the other.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) line: String,
    tokens: Vec<Token>,
    next: usize,
}

/// Signs of two characters, and of one.
const SIGNS: [&str; 15] = ["!=", "==", "<=", ">=", "<", ">", "{", "}", "(", ")", ";", ",", "&", "|", "="];

impl Words {
    /// The words of a line. The line is not modelled where a quotation mark has no other.
    pub(super) fn new(line: &str) -> Result<Words, Failure> {
        let mut tokens = Vec::new();
        let mut place = 0;
        while let Some(rest) = line.get(place..).filter(|rest| !rest.is_empty()) {
            let Some(first) = rest.chars().next() else { break };
            if first.is_whitespace() {
                place += first.len_utf8();
            } else if first == '"' {
                let Some(length) = rest[1..].find('"') else { return not_modelled(line) };
                let span = (place, place + length + 2);
                tokens.push(Token { text: rest[1..=length].to_owned(), span, quoted: true });
                place = span.1;
            } else {
                let length = match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                    Some(sign) => sign.len(),
                    None => rest
                        .find(|c: char| c.is_whitespace() || "!<>{}();,&|=\"".contains(c))
                        .filter(|length| *length > 0)
                        .unwrap_or(if first == '!' { 1 } else { rest.len() }),
                };
                let span = (place, place + length);
                tokens.push(Token { text: rest[..length].to_owned(), span, quoted: false });
                place = span.1;
            }
        }
        Ok(Words { line: line.to_owned(), tokens, next: 0 })
    }

    /// The next word, which stays the next.
    pub(super) fn peek(&self) -> &str {
        self.tokens.get(self.next).filter(|token| !token.quoted).map_or("", |token| &token.text)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.next >= self.tokens.len()
    }

    /// Passes the next word if it is this one.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == word;
        self.next += usize::from(found);
        found
    }

    /// The next word, which there must be.
    pub(super) fn word(&mut self) -> Result<Token, Failure> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token.map_or_else(|| self.unknown(), Ok)
    }

    /// The next word, which must be this one.
    pub(super) fn expect(&mut self, word: &str) -> Result<(), Failure> {
        if self.take(word) { Ok(()) } else { self.unknown() }
    }

    /// A number, decimal or hexadecimal.
    pub(super) fn number(&mut self) -> Result<u64, Failure> {
        let token = self.word()?;
        number(&token.text).filter(|_| !token.quoted).map_or_else(|| self.unknown(), Ok)
    }

    /// Where the next word begins; where the line ends, if there is none.
    pub(super) fn here(&self) -> usize {
        self.tokens.get(self.next).map_or(self.line.len(), |token| token.span.0)
    }

    /// Where the word before the next ends.
    pub(super) fn behind(&self) -> usize {
        self.next.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |token| token.span.1)
    }

    /// The answer to a line that is not known.
    pub(super) fn unknown<T>(&self) -> Result<T, Failure> {
        not_modelled(&self.line)
    }

    /// Whether a set of one value without more is next: `{`, a word and `}`.
    pub(super) fn is_single(&self) -> bool {
        let is = |place: usize, sign: &str| {
            self.tokens.get(self.next + place).is_some_and(|token| !token.quoted && token.text == sign)
        };
        let value = self.tokens.get(self.next + 1).filter(|token| !token.text.contains(':'));
        is(0, "{") && value.is_some() && !is(1, "}") && is(2, "}")
    }

    /// The answer to a line that is wrong here, because of something in front.
    pub(super) fn wrong_beside(
        &self,
        message: &str,
        beside: (usize, usize),
        span: (usize, usize),
    ) -> Failure {
        let ((first, one), (last, other)) =
            if beside < span { ((beside, '~'), (span, '^')) } else { ((span, '^'), (beside, '~')) };
        let signs = |(from, to): (usize, usize), sign: char| sign.to_string().repeat(to.saturating_sub(from));
        let gap = last.0.saturating_sub(first.1);
        let mark =
            format!("{:begin$}{}{:gap$}{}", "", signs(first, one), "", signs(last, other), begin = first.0);
        Failure::exit(1, format_args!("Error: {message}\n{}\n{mark}", self.line))
    }

    /// The answer to a line that is wrong here.
    pub(super) fn wrong(&self, message: &str, span: (usize, usize)) -> Failure {
        let (first, last) = span;
        let mark = format!("{:first$}{}", "", "^".repeat(last.saturating_sub(first)));
        Failure::exit(1, format_args!("Error: {message}\n{}\n{mark}", self.line))
    }
}

/// A number, decimal or hexadecimal.
pub(super) fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+')),
        None => text.parse().ok().filter(|_| text.starts_with(|c: char| c.is_ascii_digit())),
    }
}

fn not_modelled<T>(line: &str) -> Result<T, Failure> {
    Err(Failure::NotModelled(format!("nft {line}")))
}
