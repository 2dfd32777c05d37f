//! What a line is held against.

use crate::call::{Call, Stop};
use crate::regex::{Dialect, Pattern, Regex, Span, Syntax, Wrong};

/// How patterns are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Basic,
    Extended,
    Fixed,
}

/// What is wanted of a match.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    pub(super) kind: Kind,
    pub(super) fold: bool,
    /// No letter stands beside it.
    pub(super) words: bool,
    /// It is the whole line.
    pub(super) whole: bool,
}

/// Patterns, ready to look for.
pub(super) struct Matcher {
    /// `None` where there is no pattern: nothing matches.
    regex: Option<Regex>,
    words: bool,
}

impl Matcher {
    /// Reads patterns, of which one must match.
    pub(super) fn new(call: &mut Call<'_>, patterns: &[Vec<u8>], wanted: Wanted) -> Result<Matcher, Stop> {
        if patterns.is_empty() {
            return Ok(Matcher { regex: None, words: false });
        }
        let syntax = Syntax {
            dialect: Dialect::Grep,
            extended: wanted.kind == Kind::Extended,
            fold: wanted.fold,
            groups: false,
        };
        let read = |pattern: &Vec<u8>| match wanted.kind {
            Kind::Fixed => Ok(Pattern::literal(pattern, wanted.fold)),
            _ => Pattern::read(pattern, &syntax),
        };
        let failed = |wrong| match wrong {
            Wrong::Message(text) => Stop::Failed(2, text.to_owned()),
            Wrong::Refused(what) => Stop::Refused(format!("grep {what}")),
        };
        let read: Vec<Pattern> = patterns.iter().map(read).collect::<Result<_, Wrong>>().map_err(failed)?;
        let pattern = Pattern::any(read);
        for warning in &pattern.warnings {
            call.say(warning);
        }
        let pattern = if wanted.whole { pattern.whole() } else { pattern };
        let regex = pattern.compile().map_err(failed)?;
        Ok(Matcher { regex: Some(regex), words: wanted.words && !wanted.whole })
    }

    /// Whether a line has a match.
    pub(super) fn is_match(&mut self, call: &mut Call<'_>, line: &[u8]) -> Result<bool, Stop> {
        match &self.regex {
            None => Ok(false),
            Some(regex) if !self.words => regex.is_match(call, line),
            Some(_) => Ok(self.find(call, line, 0)?.is_some()),
        }
    }

    /// The first match that begins at `from` or later.
    pub(super) fn find(
        &mut self,
        call: &mut Call<'_>,
        line: &[u8],
        from: usize,
    ) -> Result<Option<Span>, Stop> {
        let Some(regex) = &mut self.regex else { return Ok(None) };
        if !self.words {
            return regex.find(call, line, from);
        }
        let letter =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let mut start = from;
        while let Some((begin, longest)) = regex.find(call, line, start)? {
            let free = begin == 0 || !letter(line.get(begin - 1));
            let mut end = Some(longest).filter(|_| free);
            while let Some(at) = end {
                if !letter(line.get(at)) {
                    return Ok(Some((begin, at)));
                }
                // A shorter match may end at a word's end.
                end = if at > begin { regex.longest(call, line, begin, at - 1)? } else { None };
            }
            start = begin + 1;
        }
        Ok(None)
    }
}
