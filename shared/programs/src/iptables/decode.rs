//! The rule that expressions are (`nft_rule_to_iptables_command_state`), whoever wrote them.

use super::encode::{DESTINATION, FRAGMENT, NO_LINK, SOURCE, TCP_FLAGS};
use super::matches::{INVERT_DESTINATION, INVERT_FLAGS, INVERT_SOURCE, SCALE, any_tcp, any_udp};
use super::problem::{Outcome, Problem};
use super::rule::{Condition, Inverted, Jump, Masked, Rule};
use std::net::Ipv4Addr;
use vethlab_shared::netfilter::{
    Bitwise, Compare, Comparison, Expression, IcmpMatch, Match, MetaKey, Payload, PayloadBase, Range,
    Register, RuleVerdict,
};

/// Where the protocol stands in an IPv4 header, and the time to live.
const PROTOCOL: u32 = 9;
const TIME_TO_LIVE: u32 = 8;

/// What is known of a register.
#[derive(Clone, Debug, Default)]
enum Loaded {
    #[default]
    Nothing,
    Meta(MetaKey),
    Payload(Payload),
    Immediate,
}

/// A register, and the bits of it that are kept.
#[derive(Clone, Debug, Default)]
struct Slot {
    loaded: Loaded,
    mask: Option<Vec<u8>>,
}

/// Reads expressions one by one.
#[derive(Default)]
struct Decoder {
    rule: Rule,
    slots: [Slot; 16],
    /// Which conditions are the ones that ports and flags belong to.
    tcp: Option<usize>,
    udp: Option<usize>,
    /// What was not understood, as it is printed.
    errors: Vec<&'static str>,
}

/// Whether the tool shows a table that holds this (`nft_is_expr_compatible`).
pub(super) fn is_compatible(expression: &Expression) -> bool {
    match expression {
        Expression::Limit(limit) => !limit.bytes && !limit.over,
        Expression::Log(log) => log.group.is_some(),
        Expression::Other { name, .. } => name == "payload" || name == "meta" || name == "bitwise",
        Expression::Ct(_)
        | Expression::Notrack
        | Expression::Reject(_)
        | Expression::Nat(_)
        | Expression::Masquerade(_)
        | Expression::Redirect(_) => false,
        _ => true,
    }
}

/// The rule that expressions are.
///
/// # Errors
/// Something in them has no place in one.
pub(super) fn rule(expressions: &[Expression], comment: Option<&str>) -> Outcome<Rule> {
    let mut decoder = Decoder::default();
    expressions.iter().for_each(|expression| decoder.take(expression));
    if let Some(comment) = comment {
        decoder.rule.conditions.push(Condition::Match(Match::Comment(comment.to_owned())));
    }
    if decoder.errors.is_empty() {
        return Ok(decoder.rule);
    }
    let said = decoder.errors.iter().map(|error| format!("Error: {error}\n")).collect();
    Err(Problem::After(said, Box::new(Problem::Version("Parsing nftables rule failed".to_owned()))))
}

impl Decoder {
    fn take(&mut self, expression: &Expression) {
        match expression {
            Expression::Counter(counters) => self.rule.counters = *counters,
            Expression::Meta { key, to } => self.load(*to, Loaded::Meta(*key)),
            Expression::Payload { from, to } => self.load(*to, Loaded::Payload(*from)),
            Expression::Immediate { to, .. } => self.load(*to, Loaded::Immediate),
            Expression::SetMeta { .. } => self.errors.push("meta sreg key not supported"),
            Expression::Bitwise(bitwise) => self.mask(bitwise),
            Expression::Compare(compare) => self.compare(compare),
            Expression::Range(range) => self.range(range),
            Expression::Verdict(verdict) => self.decide(verdict),
            Expression::Match(found) => self.rule.conditions.push(Condition::Match(found.clone())),
            Expression::Target(target) => self.rule.jump = Jump::Target(target.clone()),
            Expression::Limit(limit) => {
                let period = u64::from(SCALE) * limit.unit.seconds() / limit.rate.max(1);
                self.rule.conditions.push(Condition::Limit { period: period as u32, burst: limit.burst });
            }
            _ => {}
        }
    }

    fn slot(&mut self, register: Register) -> &mut Slot {
        &mut self.slots[usize::from(register.0 % 16)]
    }

    fn load(&mut self, register: Register, loaded: Loaded) {
        *self.slot(register) = Slot { loaded, mask: None };
    }

    fn mask(&mut self, bitwise: &Bitwise) {
        let loaded = self.slot(bitwise.from).loaded.clone();
        *self.slot(bitwise.to) = Slot { loaded, mask: Some(bitwise.mask.0.clone()) };
    }

    fn compare(&mut self, compare: &Compare) {
        let slot = self.slot(compare.register).clone();
        match &slot.loaded {
            Loaded::Nothing => self.errors.push("cmp sreg undef"),
            Loaded::Immediate => self.errors.push("cmp sreg has unknown type"),
            Loaded::Meta(key) => self.meta(*key, &slot, compare),
            Loaded::Payload(from) => match from.base {
                PayloadBase::Link => {}
                PayloadBase::Network => self.network(*from, &slot, compare),
                PayloadBase::Transport => self.transport(*from, &slot, compare),
            },
        }
    }

    /// `parse_meta`.
    fn meta(&mut self, key: MetaKey, slot: &Slot, compare: &Compare) {
        let inverted = compare.comparison == Comparison::NotEqual;
        let value = &compare.value.0;
        match key {
            MetaKey::L4Proto => {
                self.rule.protocol = value.first().copied().unwrap_or_default();
                self.invert(Inverted::PROTOCOL, inverted);
            }
            MetaKey::IifName | MetaKey::OifName => {
                let flag = if key == MetaKey::IifName { Inverted::IN } else { Inverted::OUT };
                let mut name = link_name(value);
                self.invert(flag, inverted);
                if name == NO_LINK && !inverted {
                    "+".clone_into(&mut name);
                    self.invert(flag, true);
                }
                match key {
                    MetaKey::IifName => self.rule.in_link = name,
                    _ => self.rule.out_link = name,
                }
            }
            MetaKey::Mark => {
                let number = |bytes: &[u8]| bytes.try_into().map_or(0, u32::from_le_bytes);
                let mask = slot.mask.as_deref().map_or(u32::MAX, number);
                let condition = Condition::Mark { mark: number(value), mask, invert: inverted };
                self.rule.conditions.push(condition);
            }
            MetaKey::PacketType => {
                let kind = value.first().copied().unwrap_or_default().into();
                let condition = Match::Pkttype { kind, invert: inverted };
                self.rule.conditions.push(Condition::Match(condition));
            }
            _ => self.errors.push("unknown ipv4 meta key"),
        }
    }

    fn invert(&mut self, flag: Inverted, inverted: bool) {
        if inverted {
            self.rule.inverted |= flag;
        }
    }

    /// `nft_ipv4_parse_payload`.
    fn network(&mut self, from: Payload, slot: &Slot, compare: &Compare) {
        let inverted = compare.comparison == Comparison::NotEqual;
        match from.offset {
            SOURCE => {
                self.rule.source = address(from, slot, compare);
                self.invert(Inverted::SOURCE, inverted);
            }
            DESTINATION => {
                self.rule.destination = address(from, slot, compare);
                self.invert(Inverted::DESTINATION, inverted);
            }
            PROTOCOL => {
                self.rule.protocol = compare.value.0.first().copied().unwrap_or_default();
                self.invert(Inverted::PROTOCOL, inverted);
            }
            FRAGMENT => {
                self.rule.fragment = true;
                self.invert(
                    Inverted::FRAGMENT,
                    slot.mask.is_some() && compare.comparison == Comparison::Equal,
                );
            }
            TIME_TO_LIVE => self.time_to_live(compare),
            _ => self.errors.push("unknown payload offset"),
        }
    }

    /// `nft_parse_hl`.
    fn time_to_live(&mut self, compare: &Compare) {
        let value = compare.value.0.first().copied().unwrap_or_default();
        let found = match compare.comparison {
            Comparison::Equal => Some((0, value)),
            Comparison::NotEqual => Some((1, value)),
            Comparison::Less => Some((2, value)),
            Comparison::Greater => Some((3, value)),
            Comparison::LessOrEqual => value.checked_add(1).map(|value| (2, value)),
            Comparison::GreaterOrEqual => value.checked_sub(1).map(|value| (3, value)),
        };
        match found {
            Some((mode, value)) => self.rule.conditions.push(Condition::Match(Match::Ttl { mode, value })),
            None => self.errors.push("invalid ttl field match"),
        }
    }

    /// `nft_parse_transport`.
    fn transport(&mut self, from: Payload, slot: &Slot, compare: &Compare) {
        let value = compare.value.0.as_slice();
        match self.rule.protocol {
            TCP | UDP => {}
            1 | 58 => return self.icmp(from, value),
            _ => return self.errors.push("unsupported layer 4 protocol value"),
        }
        match (from.offset, value) {
            (0, [high, low]) => {
                self.port(Side::Source, u16::from_be_bytes([*high, *low]), compare.comparison);
            }
            (2, [high, low]) => {
                self.port(Side::Destination, u16::from_be_bytes([*high, *low]), compare.comparison);
            }
            (0, [a, b, c, d]) => {
                self.port(Side::Source, u16::from_be_bytes([*a, *b]), compare.comparison);
                self.port(Side::Destination, u16::from_be_bytes([*c, *d]), compare.comparison);
            }
            (TCP_FLAGS, [flags]) if self.rule.protocol == TCP => {
                let mask = slot.mask.as_ref().and_then(|mask| mask.first().copied()).unwrap_or(0xff);
                let place = self.place_of_tcp();
                if let Condition::Match(Match::Tcp(tcp)) = &mut self.rule.conditions[place] {
                    (tcp.flag_mask, tcp.flags) = (mask, *flags);
                    if compare.comparison == Comparison::NotEqual {
                        tcp.invert |= INVERT_FLAGS;
                    }
                }
            }
            _ => {}
        }
    }

    /// `nft_parse_icmp`.
    fn icmp(&mut self, from: Payload, value: &[u8]) {
        let (kind, code) = match (from.offset, value) {
            (0, [kind]) => (*kind, None),
            (0, [kind, code]) => (*kind, Some(*code)),
            (1, [code]) => (255, Some(*code)),
            (0 | 1, _) => return self.errors.push("unexpected RHS data length"),
            _ => return self.errors.push("unexpected payload offset"),
        };
        let icmp =
            IcmpMatch { kind, first_code: code.unwrap_or(0), last_code: code.unwrap_or(255), invert: false };
        self.rule.conditions.push(Condition::Match(Match::Icmp(icmp)));
    }

    fn place_of_tcp(&mut self) -> usize {
        *self.tcp.get_or_insert_with(|| {
            self.rule.conditions.push(Condition::Match(Match::Tcp(any_tcp())));
            self.rule.conditions.len() - 1
        })
    }

    fn place_of_udp(&mut self) -> usize {
        *self.udp.get_or_insert_with(|| {
            self.rule.conditions.push(Condition::Match(Match::Udp(any_udp())));
            self.rule.conditions.len() - 1
        })
    }

    /// The ports of a side, and the bits that invert.
    fn ports(&mut self, side: Side) -> Option<(&mut (u16, u16), &mut u8)> {
        let place = if self.rule.protocol == TCP { self.place_of_tcp() } else { self.place_of_udp() };
        let (source, destination, invert) = match self.rule.conditions.get_mut(place)? {
            Condition::Match(Match::Tcp(tcp)) => (&mut tcp.source, &mut tcp.destination, &mut tcp.invert),
            Condition::Match(Match::Udp(udp)) => (&mut udp.source, &mut udp.destination, &mut udp.invert),
            _ => return None,
        };
        Some((if side == Side::Source { source } else { destination }, invert))
    }

    /// `port_match_single_to_range`.
    fn port(&mut self, side: Side, port: u16, comparison: Comparison) {
        let Some((ports, invert)) = self.ports(side) else { return };
        match comparison {
            Comparison::Equal => *ports = (port, port),
            Comparison::NotEqual => {
                *ports = (port, port);
                *invert |= side.inverted();
            }
            Comparison::Less => ports.1 = port.saturating_sub(1).max(1),
            Comparison::LessOrEqual => ports.1 = port,
            Comparison::Greater => ports.0 = port.saturating_add(1),
            Comparison::GreaterOrEqual => ports.0 = port,
        }
    }

    /// `nft_parse_range`.
    fn range(&mut self, range: &Range) {
        let from = match self.slot(range.register).loaded {
            Loaded::Nothing => return self.errors.push("range sreg undef"),
            Loaded::Payload(from) if from.base == PayloadBase::Transport => from,
            Loaded::Payload(_) => return self.errors.push("range with unknown payload base"),
            _ => return self.errors.push("range sreg type unsupported"),
        };
        let ([a, b], [c, d]) = (range.from.0.as_slice(), range.to.0.as_slice()) else { return };
        let side = match from.offset {
            0 => Side::Source,
            2 => Side::Destination,
            _ => return,
        };
        if !matches!(self.rule.protocol, TCP | UDP) {
            return;
        }
        let Some((ports, invert)) = self.ports(side) else { return };
        *ports = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        if range.outside {
            *invert |= side.inverted();
        }
    }

    /// `nft_parse_immediate`.
    fn decide(&mut self, verdict: &RuleVerdict) {
        self.rule.jump = match verdict {
            RuleVerdict::Accept => Jump::Standard("ACCEPT"),
            RuleVerdict::Drop => Jump::Standard("DROP"),
            RuleVerdict::Return => Jump::Standard("RETURN"),
            RuleVerdict::Jump(name) => Jump::Chain { name: name.clone(), goto: false },
            RuleVerdict::Goto(name) => Jump::Chain { name: name.clone(), goto: true },
            RuleVerdict::Queue | RuleVerdict::Continue => return,
        };
    }
}

/// The number of TCP.
const TCP: u8 = 6;
/// The number of UDP.
const UDP: u8 = 17;

/// Which port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Source,
    Destination,
}

impl Side {
    /// The bit that inverts it.
    fn inverted(self) -> u8 {
        match self {
            Side::Source => INVERT_SOURCE,
            Side::Destination => INVERT_DESTINATION,
        }
    }
}

/// An address, of which as many bytes count as are compared, or as a mask keeps.
fn address(from: Payload, slot: &Slot, compare: &Compare) -> Masked {
    let quad = |bytes: &[u8]| {
        let mut quad = [0; 4];
        for (to, byte) in quad.iter_mut().zip(bytes) {
            *to = *byte;
        }
        Ipv4Addr::from(quad)
    };
    let mask = match &slot.mask {
        Some(mask) => quad(mask),
        None => quad(&vec![0xff; usize::from(from.length.min(4))]),
    };
    Masked { address: quad(&compare.value.0), mask }
}

/// The name of a link (`parse_ifname`): one without a NUL behind it is the beginning of others.
fn link_name(value: &[u8]) -> String {
    match value.iter().position(|byte| *byte == 0) {
        Some(end) => String::from_utf8_lossy(&value[..end]).into_owned(),
        None if value.is_empty() || value.len() >= 16 => String::from_utf8_lossy(value).into_owned(),
        None => String::from_utf8_lossy(value).into_owned() + "+",
    }
}
