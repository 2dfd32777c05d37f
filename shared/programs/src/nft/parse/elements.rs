//! Elements of sets as they are typed.

use super::Parser;
use super::relation::Form;
use crate::Failure;
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{ElementData, RuleVerdict, SetElement, Value};

/// An element, and where its key stands.
#[derive(Clone, Debug)]
pub(in crate::nft) struct Typed {
    pub(in crate::nft) element: SetElement,
    pub(in crate::nft) span: (usize, usize),
    /// How it was typed, where it is more than one value.
    pub(in crate::nft) several: Option<&'static str>,
}

/// What elements of a map lead to.
#[derive(Clone, Copy, Debug)]
pub(in crate::nft) enum Leads {
    /// To nothing: it is a set of a rule's own.
    Nowhere,
    /// To nothing: it is a set with a name.
    NowhereByName,
    ToVerdicts,
    /// To verdicts, which need not be said: the kernel refuses what must be there.
    PerhapsToVerdicts,
    /// To values of this form, which need not be said.
    PerhapsTo(Form),
}

impl Parser<'_> {
    /// The elements behind `{`, and the `}` behind them.
    pub(super) fn elements(&mut self, form: Form, leads: Leads) -> Result<Vec<Typed>, Failure> {
        let mut elements = Vec::new();
        if self.words.peek() == "}" {
            let first = self.words.here();
            return Err(self.words.wrong("syntax error, unexpected '}'", (first, first + 1)));
        }
        loop {
            self.check_not_at_end()?;
            elements.push(self.element(form, leads)?);
            self.check_not_at_end()?;
            if self.words.take("}") {
                return Ok(elements);
            }
            self.words.expect(",")?;
            if self.words.take("}") {
                return Ok(elements);
            }
        }
    }

    fn check_not_at_end(&self) -> Result<(), Failure> {
        let message = "syntax error, unexpected end of file, expecting comma or '}'";
        if self.words.is_at_end() { Err(self.words.wrong(message, (0, 1))) } else { Ok(()) }
    }

    fn element(&mut self, form: Form, leads: Leads) -> Result<Typed, Failure> {
        let token = self.words.word()?;
        let (key, mut behind) = match token.text.split_once(':').filter(|_| !token.quoted) {
            Some((key, behind)) => (key, Some(behind)),
            None => (token.text.as_str(), None),
        };
        let quotes = usize::from(token.quoted) * 2;
        let span = (token.span.0, token.span.0 + key.len() + quotes);
        let (first, last, several) = self.key(key, span, form)?;
        if behind.is_none() && self.words.peek().starts_with(':') {
            behind = Some("");
            let sign = self.words.word()?.text;
            if sign.len() > 1 {
                return self.words.unknown();
            }
        }
        if behind.is_some_and(|behind| !behind.is_empty()) {
            return self.words.unknown();
        }
        let data = match (leads, behind) {
            (
                Leads::Nowhere | Leads::NowhereByName | Leads::PerhapsToVerdicts | Leads::PerhapsTo(_),
                None,
            ) => None,
            (Leads::NowhereByName, Some(_)) => {
                return Err(Failure::exit(1, "netlink: Error: set is not a map"));
            }
            (Leads::Nowhere, Some(_)) => {
                return Err(self.words.wrong("mapping outside of map context", span));
            }
            (Leads::ToVerdicts | Leads::PerhapsToVerdicts, Some(_)) => {
                Some(ElementData::Verdict(self.verdict()?))
            }
            (Leads::PerhapsTo(form), Some(_)) => {
                let token = self.words.word()?;
                let value = self.one_value(&token.text, token.span, form)?;
                Some(ElementData::Value(Value(value)))
            }
            (Leads::ToVerdicts, None) => {
                let first = self.words.here();
                let sign = if self.words.peek() == "}" { "'}'" } else { "comma" };
                let message = format!("syntax error, unexpected {sign}, expecting colon");
                return Err(self.words.wrong(&message, (first, first + 1)));
            }
        };
        let element = SetElement { first: Value(first), last: Value(last), spans: false, data };
        Ok(Typed { element, span, several })
    }

    fn verdict(&mut self) -> Result<RuleVerdict, Failure> {
        Ok(match self.words.word()?.text.as_str() {
            "accept" => RuleVerdict::Accept,
            "drop" => RuleVerdict::Drop,
            "return" => RuleVerdict::Return,
            "continue" => RuleVerdict::Continue,
            "jump" => RuleVerdict::Jump(self.words.word()?.text),
            "goto" => RuleVerdict::Goto(self.words.word()?.text),
            _ => return self.words.unknown(),
        })
    }

    /// The first and the last value of a key.
    #[expect(clippy::type_complexity, reason = "both ends, and what they are")]
    fn key(
        &self,
        text: &str,
        span: (usize, usize),
        form: Form,
    ) -> Result<(Vec<u8>, Vec<u8>, Option<&'static str>), Failure> {
        if let (Form::Address, Some((address, length))) = (form, text.split_once('/')) {
            let (Ok(address), Ok(length @ 0..=32)) = (address.parse::<Ipv4Addr>(), length.parse::<u32>())
            else {
                return self.words.unknown();
            };
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or_default();
            let first = address.to_bits() & mask;
            let bytes = |bits: u32| bits.to_be_bytes().to_vec();
            return Ok((bytes(first), bytes(first | !mask), Some("prefix")));
        }
        let spans = matches!(form, Form::Address | Form::Port(_));
        let ends = text.split_once('-').filter(|_| spans && text.starts_with(|c: char| c.is_ascii_digit()));
        if let Some((first, last)) = ends {
            let split = span.0 + first.len();
            let first = self.one_value(first, (span.0, split), form)?;
            let last = self.one_value(last, (split + 1, span.1), form)?;
            if first > last {
                return Err(self.words.wrong("Range has zero or negative size", span));
            }
            return Ok((first, last, Some("range")));
        }
        let value = self.one_value(text, span, form)?;
        Ok((value.clone(), value, None))
    }

    /// One value; of names of bits one.
    fn one_value(&self, text: &str, span: (usize, usize), form: Form) -> Result<Vec<u8>, Failure> {
        match form {
            Form::Bits(table, size) => match table.iter().find(|(name, _)| *name == text) {
                Some((_, bit)) => Ok(bit.to_le_bytes()[..size].to_vec()),
                None => self.words.unknown(),
            },
            Form::LinkName if text.ends_with('*') => self.words.unknown(),
            form => self.value(text, span, form),
        }
    }
}
