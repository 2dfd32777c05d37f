//! Rules as they are typed, and the expressions that they are made of (`netlink_linearize_rule`).

mod elements;
mod lookup;
mod relation;

use super::symbols;
use super::words::{Words, number};
use crate::Failure;
use crate::iptables::names;
pub(super) use elements::{Leads, Typed};
pub(super) use lookup::{OwnSet, Place, missing as missing_set};
pub(super) use relation::Form;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{
    Bitwise, Compare, Comparison, Counters, Ct, CtKey, Expression, Limit, LimitUnit, Log, Masquerade,
    MetaKey, Nat, NatFlags, Payload, PayloadBase, Redirect, Register, Reject, RuleSpec, RuleVerdict, Value,
};

/// Registers 1, 2 and 3 of 16 bytes.
const FIRST: Register = Register(0);
const REGISTERS: [Register; 3] = [FIRST, Register(4), Register(8)];

/// Reads one rule.
struct Parser<'a> {
    words: &'a mut Words,
    /// The numbers of links by their names.
    links: &'a BTreeMap<String, u32>,
    place: Place<'a>,
    expressions: Vec<Expression>,
    /// The sets that belong to it.
    sets: Vec<OwnSet>,
    protocol: Option<u8>,
    /// Where the statement begins.
    statement_start: usize,
}

/// The elements of a named set, behind `{` and up to `}`; spans are looked at where the set has such.
pub(super) fn elements(
    words: &mut Words,
    links: &BTreeMap<String, u32>,
    place: Place<'_>,
    (form, leads): (Form, Leads),
    spans: bool,
) -> Result<Vec<Typed>, Failure> {
    let mut parser = Parser::new(words, links, place);
    let mut typed = parser.elements(form, leads)?;
    if spans {
        typed.iter_mut().for_each(|typed| typed.element.spans = true);
        parser.check_conflicts(&typed)?;
    }
    Ok(typed)
}

/// The rule that the words up to the end say, and the sets that belong to it.
pub(super) fn rule(
    words: &mut Words,
    links: &BTreeMap<String, u32>,
    place: Place<'_>,
) -> Result<(RuleSpec, Vec<OwnSet>), Failure> {
    let mut parser = Parser::new(words, links, place);
    let mut comment = None;
    let mut terminal: Option<(usize, usize)> = None;
    if parser.words.is_at_end() {
        return parser.words.unknown();
    }
    while !parser.words.is_at_end() {
        let first = parser.words.here();
        if parser.words.take("comment") {
            comment = Some(parser.words.word()?.text).filter(|text| text.len() <= 128);
            if comment.is_none() || !parser.words.is_at_end() {
                return parser.words.unknown();
            }
            break;
        }
        parser.statement_start = first;
        parser.statement()?;
        let last = parser.words.behind();
        if let Some((from, to)) = terminal {
            let line = &parser.words.line;
            let mark = format!(
                "{:from$}{}{:gap$}{}",
                "",
                "~".repeat(to - from),
                "",
                "^".repeat(last - first),
                gap = first - to
            );
            let message = "Error: Statement after terminal statement has no effect";
            return Err(Failure::exit(1, format_args!("{message}\n{line}\n{mark}")));
        }
        let decides = match parser.expressions.last() {
            Some(Expression::Verdict(verdict)) => *verdict != RuleVerdict::Continue,
            Some(
                Expression::Reject(_)
                | Expression::Nat(_)
                | Expression::Masquerade(_)
                | Expression::Redirect(_),
            ) => true,
            _ => false,
        };
        terminal = decides.then_some((first, last));
    }
    Ok((RuleSpec { expressions: parser.expressions, comment, id: None }, parser.sets))
}

impl<'a> Parser<'a> {
    fn new(words: &'a mut Words, links: &'a BTreeMap<String, u32>, place: Place<'a>) -> Parser<'a> {
        Parser {
            words,
            links,
            place,
            expressions: Vec::new(),
            sets: Vec::new(),
            protocol: None,
            statement_start: 0,
        }
    }

    fn put(&mut self, expression: Expression) {
        self.expressions.push(expression);
    }

    fn statement(&mut self) -> Result<(), Failure> {
        let first = self.words.here();
        let word = self.words.word()?;
        if word.quoted {
            return self.words.unknown();
        }
        let verdict = |verdict| Expression::Verdict(verdict);
        match word.text.as_str() {
            "accept" => self.put(verdict(RuleVerdict::Accept)),
            "drop" => self.put(verdict(RuleVerdict::Drop)),
            "return" => self.put(verdict(RuleVerdict::Return)),
            "continue" => self.put(verdict(RuleVerdict::Continue)),
            "jump" | "goto" => {
                let chain = self.words.word()?.text;
                self.put(verdict(match word.text == "jump" {
                    true => RuleVerdict::Jump(chain),
                    false => RuleVerdict::Goto(chain),
                }));
            }
            "counter" => {
                let mut counters = Counters::default();
                if self.words.take("packets") {
                    counters.packets = self.words.number()?;
                    self.words.expect("bytes")?;
                    counters.bytes = self.words.number()?;
                }
                self.put(Expression::Counter(counters));
            }
            "limit" => self.limit()?,
            "log" => self.log()?,
            "reject" => self.reject()?,
            "notrack" => self.put(Expression::Notrack),
            "masquerade" | "redirect" | "snat" | "dnat" => self.translate(&word.text, word.span)?,
            "ip" => self.network()?,
            "tcp" | "udp" | "icmp" => self.transport(&word.text, first)?,
            "meta" => {
                let key = self.words.word()?.text;
                self.meta(&key)?;
            }
            "mark" | "iif" | "oif" | "iifname" | "oifname" | "pkttype" => self.meta(&word.text)?,
            "ct" => self.connection()?,
            _ => return self.words.unknown(),
        }
        Ok(())
    }

    fn limit(&mut self) -> Result<(), Failure> {
        self.words.expect("rate")?;
        let over = self.words.take("over");
        let text = self.words.word()?.text;
        let Some((rate, unit)) = text.split_once('/') else { return self.words.unknown() };
        let unit = match unit {
            "second" => LimitUnit::Second,
            "minute" => LimitUnit::Minute,
            "hour" => LimitUnit::Hour,
            "day" => LimitUnit::Day,
            "week" => LimitUnit::Week,
            _ => return self.words.unknown(),
        };
        let Some(rate) = number(rate) else { return self.words.unknown() };
        let mut burst = 5;
        if self.words.take("burst") {
            let Ok(number) = u32::try_from(self.words.number()?) else { return self.words.unknown() };
            burst = number;
            self.words.expect("packets")?;
        }
        self.put(Expression::Limit(Limit { rate, unit, burst, bytes: false, over }));
        Ok(())
    }

    fn log(&mut self) -> Result<(), Failure> {
        const LEVELS: [&str; 8] = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
        let mut log = Log::default();
        loop {
            if self.words.take("prefix") {
                log.prefix = Some(self.words.word()?.text).filter(|text| text.len() <= 127);
                if log.prefix.is_none() {
                    return self.words.unknown();
                }
            } else if self.words.take("level") {
                let name = self.words.word()?.text;
                let Some(level) = LEVELS.iter().position(|known| *known == name) else {
                    return self.words.unknown();
                };
                log.level = Some(level as u32);
            } else if self.words.take("group") {
                let Ok(group) = u16::try_from(self.words.number()?) else { return self.words.unknown() };
                log.group = Some(group);
            } else if self.words.take("flags") {
                self.words.expect("all")?;
                log.flags = 0x2f;
            } else {
                break;
            }
        }
        if log.group.is_some() && (log.level.is_some() || log.flags != 0) {
            return self.words.unknown();
        }
        self.put(Expression::Log(log));
        Ok(())
    }

    fn reject(&mut self) -> Result<(), Failure> {
        let mut reject = Reject::Icmp(3);
        if self.words.take("with") {
            if self.words.take("icmp") {
                self.words.take("type");
                let name = self.words.word()?.text;
                let code = symbols::ICMP_CODES.iter().find(|(known, _)| *known == name);
                let Some((_, code)) = code else { return self.words.unknown() };
                reject = Reject::Icmp(*code as u8);
            } else {
                self.words.expect("tcp")?;
                self.words.expect("reset")?;
                if self.protocol.is_some_and(|protocol| protocol != 6) {
                    return self.words.unknown();
                }
                self.demand(6);
                reject = Reject::TcpReset;
            }
        }
        self.put(Expression::Reject(reject));
        Ok(())
    }

    /// Demands a protocol behind IP, once.
    fn demand(&mut self, protocol: u8) {
        if self.protocol.is_none() {
            self.put(Expression::Meta { key: MetaKey::L4Proto, to: FIRST });
            self.compare(Comparison::Equal, vec![protocol]);
            self.protocol = Some(protocol);
        }
    }

    fn compare(&mut self, comparison: Comparison, value: Vec<u8>) {
        self.put(Expression::Compare(Compare { register: FIRST, comparison, value: Value(value) }));
    }

    fn mask(&mut self, mask: Vec<u8>) {
        let xor = Value(vec![0; mask.len()]);
        self.put(Expression::Bitwise(Bitwise { from: FIRST, to: FIRST, mask: Value(mask), xor }));
    }

    fn translate(&mut self, verb: &str, verb_span: (usize, usize)) -> Result<(), Failure> {
        let mut loaded = 0;
        let mut place = |parser: &mut Parser<'_>, value: Vec<u8>| {
            let register = REGISTERS.get(loaded).copied();
            loaded += 1;
            let Some(to) = register else { return parser.words.unknown() };
            parser.put(Expression::Immediate { value: Value(value), to });
            Ok(to)
        };
        let (mut addresses, mut ports) = (None, None);
        let has_addresses = verb == "snat" || verb == "dnat";
        if self.words.take("to") {
            let token = self.words.word()?;
            let (address, port) = match token.text.split_once(':') {
                Some((address, port)) => (address, Some(port)),
                None => (token.text.as_str(), None),
            };
            if !address.is_empty() {
                if !has_addresses {
                    return self.words.unknown();
                }
                let (first, last) = address.split_once('-').unwrap_or((address, address));
                let (Ok(from), Ok(to)) = (first.parse::<Ipv4Addr>(), last.parse::<Ipv4Addr>()) else {
                    return self.words.unknown();
                };
                let low = place(self, from.octets().to_vec())?;
                let high = if from == to { low } else { place(self, to.octets().to_vec())? };
                addresses = Some((low, high));
            }
            if let Some(port) = port {
                if !matches!(self.protocol, Some(6 | 17)) {
                    let start = token.span.1 - port.len();
                    let (from, to) = verb_span;
                    let mark = format!(
                        "{:from$}{}{:gap$}{}",
                        "",
                        "~".repeat(to - from),
                        "",
                        "^".repeat(port.len()),
                        gap = start - to
                    );
                    let message =
                        "Error: transport protocol mapping is only valid after transport protocol match";
                    return Err(Failure::exit(1, format_args!("{message}\n{}\n{mark}", self.words.line)));
                }
                let (first, last) = port.split_once('-').unwrap_or((port, port));
                let (Ok(from), Ok(to)) = (first.parse::<u16>(), last.parse::<u16>()) else {
                    return self.words.unknown();
                };
                let low = place(self, from.to_be_bytes().to_vec())?;
                let high = if from == to { low } else { place(self, to.to_be_bytes().to_vec())? };
                ports = Some((low, high));
            } else if address.is_empty() {
                return self.words.unknown();
            }
        } else if has_addresses {
            return self.words.unknown();
        }
        let mut flags = NatFlags::empty();
        flags.set(NatFlags::PROTO_SPECIFIED, ports.is_some());
        loop {
            flags |= match self.words.peek() {
                "random" => NatFlags::PROTO_RANDOM,
                "fully-random" => NatFlags::PROTO_RANDOM_FULLY,
                "persistent" => NatFlags::PERSISTENT,
                _ => break,
            };
            self.words.word()?;
            if !self.words.take(",") {
                break;
            }
        }
        self.put(match verb {
            "masquerade" => Expression::Masquerade(Masquerade { ports, flags }),
            "redirect" => Expression::Redirect(Redirect { ports, flags }),
            _ => Expression::Nat(Nat { destination: verb == "dnat", addresses, ports, flags }),
        });
        Ok(())
    }

    fn network(&mut self) -> Result<(), Failure> {
        let (offset, length, form) = match self.words.word()?.text.as_str() {
            "saddr" => (12, 4, Form::Address),
            "daddr" => (16, 4, Form::Address),
            "protocol" => (9, 1, Form::Protocol),
            "ttl" => (8, 1, Form::Big(1)),
            "length" => (2, 2, Form::Big(2)),
            "id" => (4, 2, Form::Big(2)),
            _ => return self.words.unknown(),
        };
        let from = Payload { base: PayloadBase::Network, offset, length };
        self.relation(Expression::Payload { from, to: FIRST }, form)
    }

    fn transport(&mut self, name: &str, first: usize) -> Result<(), Failure> {
        let protocol = match name {
            "tcp" => 6,
            "udp" => 17,
            _ => 1,
        };
        let field = self.words.word()?;
        let (offset, length, form) = match (field.text.as_str(), name) {
            ("sport", "tcp" | "udp") => (0, 2, Form::Port(protocol)),
            ("dport", "tcp" | "udp") => (2, 2, Form::Port(protocol)),
            ("flags", "tcp") => (13, 1, Form::Bits(symbols::TCP_FLAGS, 1)),
            ("type", "icmp") => (0, 1, Form::Symbol(symbols::ICMP_TYPES, 1)),
            ("code", "icmp") => (1, 1, Form::Symbol(symbols::ICMP_CODES, 1)),
            _ => return self.words.unknown(),
        };
        if let Some(other) = self.protocol.filter(|known| *known != protocol) {
            let Some(other) = names::in_file(other) else { return self.words.unknown() };
            let message = format!("conflicting protocols specified: {other} vs. {name}");
            return Err(self.words.wrong(&message, (first, field.span.1)));
        }
        self.demand(protocol);
        let from = Payload { base: PayloadBase::Transport, offset, length };
        self.relation(Expression::Payload { from, to: FIRST }, form)
    }

    fn meta(&mut self, key: &str) -> Result<(), Failure> {
        let (key, form) = match key {
            "mark" => (MetaKey::Mark, Form::Little),
            "length" => (MetaKey::Length, Form::Little),
            "iif" => (MetaKey::Iif, Form::LinkIndex),
            "oif" => (MetaKey::Oif, Form::LinkIndex),
            "iifname" => (MetaKey::IifName, Form::LinkName),
            "oifname" => (MetaKey::OifName, Form::LinkName),
            "l4proto" => (MetaKey::L4Proto, Form::Protocol),
            "pkttype" => (MetaKey::PacketType, Form::Symbol(symbols::PACKET_TYPES, 1)),
            _ => return self.words.unknown(),
        };
        if key == MetaKey::Mark && self.words.take("set") {
            self.value_to_set()?;
            self.put(Expression::SetMeta { key, from: FIRST });
            return Ok(());
        }
        self.relation(Expression::Meta { key, to: FIRST }, form)
    }

    fn connection(&mut self) -> Result<(), Failure> {
        let (key, form) = match self.words.word()?.text.as_str() {
            "state" => (CtKey::State, Form::Bits(symbols::CT_STATES, 4)),
            "status" => (CtKey::Status, Form::Bits(symbols::CT_STATUSES, 4)),
            "direction" => (CtKey::Direction, Form::Symbol(symbols::CT_DIRECTIONS, 1)),
            "mark" => (CtKey::Mark, Form::Little),
            _ => return self.words.unknown(),
        };
        if key == CtKey::Mark && self.words.take("set") {
            self.value_to_set()?;
            self.put(Expression::Ct(Ct { key, register: FIRST, set: true }));
            return Ok(());
        }
        self.relation(Expression::Ct(Ct { key, register: FIRST, set: false }), form)
    }

    /// Loads what a mark is set to.
    fn value_to_set(&mut self) -> Result<(), Failure> {
        let loaded = if self.words.take("ct") {
            self.words.expect("mark")?;
            Expression::Ct(Ct { key: CtKey::Mark, register: FIRST, set: false })
        } else if self.words.take("mark") || self.words.take("meta") && self.words.take("mark") {
            Expression::Meta { key: MetaKey::Mark, to: FIRST }
        } else {
            let Ok(value) = u32::try_from(self.words.number()?) else { return self.words.unknown() };
            Expression::Immediate { value: value.to_le_bytes().into(), to: FIRST }
        };
        self.put(loaded);
        Ok(())
    }
}
