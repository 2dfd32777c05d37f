//! A field of a packet and the value that it is compared with.

use super::{FIRST, Parser};
use crate::Failure;
use crate::iptables::names;
use crate::nft::words::number;
use crate::tcpdump::names as services;
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{Comparison, Expression, Range, Value};

/// In which form values of a field are typed.
#[derive(Clone, Copy, Debug)]
pub(in crate::nft) enum Form {
    Address,
    /// So many bytes, in network order.
    Big(usize),
    /// Four bytes in this machine's order.
    Little,
    Port(u8),
    Protocol,
    Symbol(&'static [(&'static str, u64)], usize),
    /// Names of bits: so many bytes.
    Bits(&'static [(&'static str, u64)], usize),
    LinkName,
    LinkIndex,
}

impl Parser<'_> {
    /// What is compared with what, or looked up where (`relational_expr`).
    pub(super) fn relation(&mut self, load: Expression, form: Form) -> Result<(), Failure> {
        let field = (self.statement_start, self.words.behind());
        if self.words.peek() == "vmap" {
            return self.look_up(&load, form, field, false);
        }
        let sign = self.words.here();
        let comparison = match self.words.peek() {
            "!=" => Some(Comparison::NotEqual),
            "==" => Some(Comparison::Equal),
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::LessOrEqual),
            ">" => Some(Comparison::Greater),
            ">=" => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if comparison.is_some() {
            self.words.word()?;
        }
        let says_so = comparison.is_some();
        let comparison = comparison.unwrap_or(Comparison::Equal);
        let is_set = self.words.peek().starts_with('@');
        if !is_set && self.words.peek() != "{" {
            return self.comparison(load, form, comparison, says_so);
        }
        if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            if !is_set {
                return self.words.unknown();
            }
            let beside = (sign, self.words.behind());
            let operator = self.words.line[beside.0..beside.1].to_owned();
            let message =
                format!("Relational expression ({operator}) is undefined for set reference expressions");
            let span = self.words.word()?.span;
            return Err(self.words.wrong_beside(&message, beside, span));
        }
        // A set of one value is that value.
        if self.words.is_single() {
            self.words.expect("{")?;
            self.comparison(load, form, comparison, says_so)?;
            return self.words.expect("}");
        }
        self.look_up(&load, form, field, comparison == Comparison::NotEqual)
    }

    /// What is compared with what value.
    fn comparison(
        &mut self,
        mut load: Expression,
        form: Form,
        comparison: Comparison,
        says_so: bool,
    ) -> Result<(), Failure> {
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let is_ordered = matches!(form, Form::Big(_) | Form::Port(_) | Form::Address);
        if !is_equality && !is_ordered {
            return self.words.unknown();
        }
        if let Form::Bits(table, size) = form {
            let bits = self.bits(table)?;
            let bytes = bits.to_le_bytes()[..size].to_vec();
            self.put(load);
            // Without a sign, one of the bits is enough.
            if says_so {
                self.compare(comparison, bytes);
            } else {
                self.mask(bytes);
                self.compare(Comparison::NotEqual, vec![0; size]);
            }
            return Ok(());
        }
        let token = self.words.word()?;
        let (text, span) = (token.text.as_str(), token.span);
        if let (Form::Address, Some((address, length))) = (form, text.split_once('/')) {
            let (Ok(address), Ok(length @ 0..=32)) = (address.parse::<Ipv4Addr>(), length.parse::<u32>())
            else {
                return self.words.unknown();
            };
            if !is_equality {
                return self.words.unknown();
            }
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or_default();
            let bytes = (address.to_bits() & mask).to_be_bytes();
            let whole = (length / 8) as usize;
            if length > 0 && length % 8 == 0 {
                if let Expression::Payload { from, .. } = &mut load {
                    from.length = whole as u8;
                }
                self.put(load);
                self.compare(comparison, bytes[..whole].to_vec());
            } else {
                self.put(load);
                self.mask(mask.to_be_bytes().to_vec());
                self.compare(comparison, bytes.to_vec());
            }
            return Ok(());
        }
        if is_ordered
            && let Some((first, last)) =
                text.split_once('-').filter(|_| text.starts_with(|c: char| c.is_ascii_digit()))
        {
            let split = span.0 + first.len();
            let first = self.value(first, (span.0, split), form)?;
            let last = self.value(last, (split + 1, span.1), form)?;
            if first > last || !is_equality {
                return self.words.unknown();
            }
            self.put(load);
            if comparison == Comparison::Equal {
                self.compare(Comparison::GreaterOrEqual, first);
                self.compare(Comparison::LessOrEqual, last);
            } else {
                let (from, to) = (Value(first), Value(last));
                self.put(Expression::Range(Range { register: FIRST, outside: true, from, to }));
            }
            return Ok(());
        }
        let value = self.value(text, span, form)?;
        let demands = matches!(form, Form::Protocol) && comparison == Comparison::Equal;
        if demands {
            self.protocol = value.first().copied();
        }
        self.put(load);
        self.compare(comparison, value);
        Ok(())
    }

    fn bits(&mut self, table: &[(&str, u64)]) -> Result<u64, Failure> {
        let mut bits = 0;
        loop {
            let name = self.words.word()?.text;
            let Some((_, bit)) = table.iter().find(|(known, _)| *known == name) else {
                return self.words.unknown();
            };
            bits |= bit;
            if !self.words.take(",") {
                // Signs among them are not modelled.
                return if matches!(self.words.peek(), "/" | "&" | "|" | "==" | "!=") {
                    self.words.unknown()
                } else {
                    Ok(bits)
                };
            }
        }
    }

    pub(super) fn value(&self, text: &str, span: (usize, usize), form: Form) -> Result<Vec<u8>, Failure> {
        let fits = |number: u64, size: usize| -> Result<Vec<u8>, Failure> {
            let limit = (1_u64 << (8 * size)) - 1;
            if number > limit {
                let message = format!("Value {number} exceeds valid range 0-{limit}");
                return Err(self.words.wrong(&message, span));
            }
            Ok(number.to_be_bytes()[8 - size..].to_vec())
        };
        let known = number(text);
        match form {
            Form::Address => match text.parse::<Ipv4Addr>() {
                Ok(address) => Ok(address.octets().to_vec()),
                Err(_) => self.words.unknown(),
            },
            Form::Big(size) => known.map_or_else(|| self.words.unknown(), |number| fits(number, size)),
            Form::Little => match known.and_then(|number| u32::try_from(number).ok()) {
                Some(number) => Ok(number.to_le_bytes().to_vec()),
                None => self.words.unknown(),
            },
            Form::Port(protocol) => match known {
                Some(number) if number > 0xffff => Err(self.words.wrong("Service out of range", span)),
                Some(number) => fits(number, 2),
                None => match services::port_number(text, protocol == 6) {
                    Some(port) => Ok(port.to_be_bytes().to_vec()),
                    None => self.words.unknown(),
                },
            },
            Form::Protocol => match known.or_else(|| names::number_in_file(text).map(u64::from)) {
                Some(number) => fits(number, 1),
                None => self.words.unknown(),
            },
            Form::Symbol(table, size) => {
                let named = table.iter().find(|(name, _)| *name == text).map(|(_, number)| *number);
                named.or(known).map_or_else(|| self.words.unknown(), |number| fits(number, size))
            }
            Form::Bits(..) => self.words.unknown(),
            Form::LinkName => {
                if text.len() > 16 {
                    return Err(self.words.wrong("String exceeds maximum length of 16", span));
                }
                if let Some(begin) = text.strip_suffix('*').filter(|begin| !begin.is_empty()) {
                    return Ok(begin.as_bytes().to_vec());
                }
                if text.contains('*') || text.len() > 15 {
                    return self.words.unknown();
                }
                let mut name = text.as_bytes().to_vec();
                name.resize(16, 0);
                Ok(name)
            }
            Form::LinkIndex => match self.links.get(text) {
                Some(index) => Ok(index.to_le_bytes().to_vec()),
                None if known.is_some() => self.words.unknown(),
                None => Err(self.words.wrong("Interface does not exist", span)),
            },
        }
    }
}
